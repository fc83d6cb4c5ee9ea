import { describe, expect, it } from 'vitest';
import type { Command, Receipt } from '../contract/command.js';
import type { Sample } from '../contract/item.js';
import { tagSchema } from '../contract/tag.js';
import type { Value } from '../contract/value.js';
import { arm, unseal } from './armed.js';
import { Guard, type GuardOptions, type Standing, type WriteRow } from './guard.js';
import { type Lease, leaseFaults } from './lease.js';
import { writeRuleSchema } from './rule.js';

const TAGS = [
  tagSchema.parse({ tag: 'setting', address: 'a', type: 'double', access: 'rw', staleMs: 1000 }),
  tagSchema.parse({ tag: 'ready', address: 'b', type: 'bool', staleMs: 1000 }),
];
const RULE = writeRuleSchema.parse({
  ...{ target: 'setting', does: 'adjust', gates: ['st'], range: [-100, 100], maxStep: 100, readBackMs: 0 },
  interlocks: [{ tag: 'ready', is: true }],
});
const LEASE: Lease = {
  ...{ id: 'l1', target: 'setting', gate: 'st', bounds: [-70, 70], maxStep: 50, minIntervalMs: 0 },
  ...{ fromMs: 0, untilMs: 10_000, rollBack: 5, by: 'user:a', reason: 'trial' },
};
const sample = (tag: string, value: Value, more: Partial<Sample> = {}): Sample => ({
  ...{ kind: 'sample', tag, value, type: 'double', quality: 'good', atMs: 0, timeFrom: 'source' },
  ...{ receivedMs: 0, epoch: 'e1', sequence: 0, ...more },
});

/** A guard that lets everything through that it should, over equipment that somebody else plays. */
function line(more: Partial<GuardOptions> = {}) {
  const reached: Command[] = [];
  const rows: WriteRow[] = [];
  let serial = 0;
  const standing: Standing = { authority: 'adjust', release: 'r1', boundShare: 1 };
  const guard = new Guard({
    ...{ rules: [RULE], tags: TAGS, nowMs: () => 1000, steadyMs: () => 500 },
    link: {
      read: async (tags) => tags.map(({ tag }) => sample(tag, 40)),
      write: async ({ command }) => {
        reached.push(command);
        return { id: command.id, outcome: 'done', why: '' };
      },
    },
    ...{ standing: () => standing, lease: () => LEASE },
    record: async (row) => void rows.push(row),
    ...more,
  });
  guard.setMode('act');
  guard.known.state({ state: 'up', why: '', epoch: 'e1' });
  guard.known.take([sample('ready', true)]);
  const command = (value: Command['value'], of: Partial<Command> = {}): Command => {
    serial += 1;
    return {
      ...{ id: `c${serial}`, target: 'setting', value, decision: 'd', release: 'r1', gate: 'st' },
      ...{ notAfterMs: 1500, ...of },
    };
  };
  return { guard, reached, rows, command };
}

describe('numbers that are none', () => {
  it('a value, a time or a lease of NaN or infinity sends nothing', async () => {
    const { guard, reached, command } = line();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(await guard.write(command(value))).toEqual({ sent: false, why: 'out-of-range' });
    for (const notAfterMs of [Number.NaN, Number.NEGATIVE_INFINITY])
      expect(await guard.write(command(41, { notAfterMs }))).toEqual({ sent: false, why: 'too-late' });
    const broken: readonly Partial<Lease>[] = [
      { bounds: [Number.NaN, 70] },
      { bounds: [-70, Number.NaN] },
      { maxStep: Number.NaN },
      { fromMs: Number.NaN, untilMs: Number.NaN },
      { untilMs: Number.NaN },
      { rollBack: Number.NaN },
    ];
    for (const one of broken) {
      const { guard: under, command: ask, reached: got } = line({ lease: () => ({ ...LEASE, ...one }) });
      expect(await under.write(ask(41))).toMatchObject({ sent: false });
      expect(await under.rollBack({ ...LEASE, rollBack: Number.NaN }, 'rb')).toMatchObject({ sent: false });
      expect(got).toEqual([]);
    }
    expect(reached).toEqual([]);
  });

  it('a lease with a number that is none cannot be signed', () => {
    for (const one of ['maxStep', 'minIntervalMs', 'rollBack', 'untilMs', 'fromMs'] as const)
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
        expect(leaseFaults({ ...LEASE, [one]: value }, RULE), `${one} ${value}`).not.toEqual([]);
    for (const bounds of [
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, 1],
    ] as const)
      expect(leaseFaults({ ...LEASE, bounds }, RULE)).not.toEqual([]);
    expect(leaseFaults({ ...LEASE, minIntervalMs: -1 }, RULE)).toHaveLength(1);
  });

  it('a zero with a sign reaches the equipment as a plain one, and its seal is not that of the other', async () => {
    const { guard, reached, command } = line();
    expect(await guard.write(command(-0))).toMatchObject({ sent: true });
    expect(Object.is(reached[0]?.value, 0)).toBe(true);
    const key = new Uint8Array(32).fill(1);
    const { command: zero, epoch, seal } = arm(command(0), 'e1', key);
    expect(() => unseal({ command: { ...zero, value: -0 }, epoch, seal }, key)).toThrow('seal');
  });
});

describe('who answers for another', () => {
  it.each([
    ['a former command', 'c0'],
    ['nobody', ''],
  ])('a receipt with the id of %s leaves the command open', async (_, id) => {
    for (const outcome of ['done', 'refused', 'unknown'] as const) {
      const { guard, command, rows } = line({
        link: {
          read: async (tags) => tags.map(({ tag }) => sample(tag, 40)),
          write: async (): Promise<Receipt> => ({ id, outcome, why: 'late' }),
        },
      });
      const asked = command(41);
      expect(await guard.write(asked)).toMatchObject({
        receipt: { id: asked.id, outcome: 'unknown', why: expect.stringContaining('another command') },
      });
      expect(rows.at(-1)).toMatchObject({ kind: 'write-ended', id: asked.id });
    }
  });

  it('a reading of another tag is none of the one that was asked', async () => {
    const { guard, command, reached } = line({
      link: {
        read: async () => [sample('ready', 40)],
        write: async ({ command: { id } }) => ({ id, outcome: 'done', why: '' }),
      },
    });
    expect(await guard.write(command(41))).toEqual({ sent: false, why: 'held-unknown' });
    expect(reached).toEqual([]);
  });
});

describe('what changes under the hand of the guard', () => {
  it('a command that its maker changes while the disk has it is sent as it was judged', async () => {
    const { guard, command, reached } = line({
      record: async () => {
        asked.value = 1e9;
      },
    });
    const asked: { -readonly [K in keyof Command]: Command[K] } = { ...command(41) };
    await guard.write(asked);
    expect(reached).toMatchObject([{ value: 41 }]);
  });

  it('an interlock that becomes uncertain sends nothing, also while the disk takes the intent', async () => {
    const uncertain = sample('ready', true, { quality: 'uncertain' });
    const early = line();
    early.guard.known.take([uncertain]);
    expect(await early.guard.write(early.command(41))).toEqual({ sent: false, why: 'interlock-bad' });
    const late = line({ record: async () => late.guard.known.take([uncertain]) });
    expect(await late.guard.write(late.command(41))).toEqual({ sent: false, why: 'interlock-bad' });
    expect([...early.reached, ...late.reached]).toEqual([]);
  });

  it('a connection that went and came back under the same name voids what was armed before', async () => {
    const { guard, command, reached } = line({
      record: async () => {
        guard.known.state({ state: 'down', why: '', epoch: 'gone' });
        guard.known.state({ state: 'up', why: '', epoch: 'e1' });
        guard.known.take([sample('ready', true)]);
      },
    });
    expect(await guard.write(command(41))).toEqual({ sent: false, why: 'epoch-changed' });
    expect(reached).toEqual([]);
  });

  it('whoever cannot say what a gate, a lease or a doubt is at this moment sends nothing, before and after the intent', async () => {
    const fails = (): never => {
      throw new Error('the database is closed');
    };
    for (const one of ['standing', 'lease', 'doubt', 'intended'] as const) {
      const { guard, command, reached } = line({ [one]: fails });
      expect(await guard.write(command(41)), one).toEqual({ sent: false, why: 'no-authority' });
      expect(reached).toEqual([]);
    }
    let asked = 0;
    const { guard, command, reached, rows } = line({
      doubt: () => {
        asked += 1;
        return asked > 2 ? fails() : false;
      },
    });
    expect(await guard.write(command(41))).toEqual({ sent: false, why: 'no-authority' });
    expect(reached).toEqual([]);
    expect(rows.map(({ kind }) => kind)).toEqual(['write-intended', 'write-ended']);
  });

  it('a guard that closes lets out what is under way and nothing else, and stays closed', async () => {
    let settle: (receipt: Receipt) => void = () => {};
    const { guard, command, rows } = line({
      link: {
        read: async (tags) => tags.map(({ tag }) => sample(tag, 40)),
        write: () => new Promise((resolve) => (settle = resolve)),
      },
    });
    const flying = guard.write(command(41, { id: 'w' }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    let closed = false;
    const closing = guard.close().then(() => (closed = true));
    guard.setMode('act');
    expect(await guard.write(command(42))).toEqual({ sent: false, why: 'mode-off' });
    expect(closed).toBe(false);
    settle({ id: 'w', outcome: 'done', why: '' });
    await closing;
    expect(await flying).toMatchObject({ receipt: { outcome: 'done' } });
    expect(rows.at(-1)).toMatchObject({ kind: 'write-ended', id: 'w' });
  });
});
