import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command, Receipt } from '../contract/command.js';
import type { Sample } from '../contract/item.js';
import { type Tag, tagSchema } from '../contract/tag.js';
import type { Scalar, Value } from '../contract/value.js';
import { type Armed, isArmed } from './armed.js';
import { Guard, type Standing, type WriteRow } from './guard.js';
import { type Lease, leaseFaults } from './lease.js';
import { type WriteRule, writeRuleSchema } from './rule.js';

const tag = (name: string, access: Tag['access'], more: Partial<Tag> = {}): Tag =>
  tagSchema.parse({ tag: name, address: name, type: 'double', access, staleMs: 1000, ...more });
const TAGS = [
  tag('verdict', 'rw', { type: 'string' }),
  tag('setting', 'rw'),
  tag('stop', 'rw', { type: 'bool' }),
  tag('locked', 'r'),
  tag('ready', 'r', { type: 'bool' }),
];
const ready = { tag: 'ready', is: true };
const RULES: WriteRule[] = [
  {
    target: 'verdict',
    does: 'dismiss',
    gates: ['st'],
    values: ['pass', 'hold'],
    interlocks: [ready],
    readBackMs: 0,
  },
  {
    target: 'setting',
    does: 'adjust',
    gates: ['st'],
    range: [0, 100],
    maxStep: 10,
    interlocks: [ready],
    readBackMs: 60,
  },
  {
    target: 'stop',
    does: 'add-stop',
    gates: ['st'],
    values: [true, false],
    safety: true,
    stop: true,
    readBackMs: 0,
  },
].map((rule) => writeRuleSchema.parse(rule));

/** Equipment on a bench: holds values, and keeps what reached it. It can lie, lose and refuse. */
class Bench {
  readonly held = new Map<string, Value>([
    ['verdict', ''],
    ['setting', 50],
    ['stop', false],
  ]);
  readonly reached: Armed[] = [];
  outcome: Receipt['outcome'] = 'done';
  keeps = true;
  quality: Sample['quality'] = 'good';
  beforeWrite: () => void = () => {};

  async read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    return tags.map(({ tag: name, type }) =>
      sample(name, this.held.get(name) ?? null, { type, quality: this.quality }),
    );
  }

  async write(armed: Armed): Promise<Receipt> {
    if (!isArmed(armed)) return { id: '', outcome: 'refused', why: 'not armed' };
    this.beforeWrite();
    this.reached.push(armed);
    if (this.outcome === 'done' && this.keeps) this.held.set(armed.command.target, armed.command.value);
    return { id: armed.command.id, outcome: this.outcome, why: 'bench' };
  }
}

function sample(name: string, value: Value, more: Partial<Sample> = {}): Sample {
  return {
    ...{ kind: 'sample', tag: name, value, type: 'double', quality: 'good', atMs: 0, timeFrom: 'source' },
    ...{ receivedMs: 0, epoch: 'e1', sequence: 0, ...more },
  };
}

const LEASE: Lease = {
  ...{ id: 'l1', target: 'setting', gate: 'st', bounds: [30, 70], maxStep: 5, minIntervalMs: 0 },
  ...{ fromMs: 0, untilMs: 10_000, rollBack: 50, by: 'user:a', reason: 'trial' },
};

let bench: Bench;
let rows: WriteRow[];
let now: number;
let standing: Standing | null;
let lease: Lease | null;
let diskFull: boolean;
const doubts = new Set<string>();
let guard: Guard;
let serial = 0;

const command = (target: string, value: Scalar, more: Partial<Command> = {}): Command => {
  serial += 1;
  const by = { decision: 'unit:1', release: 'r1', gate: 'st', notAfterMs: now + 500 };
  return { id: `c${serial}`, target, value, ...by, ...more };
};

/** A guard as it begins. */
const make = (record: (row: WriteRow) => Promise<void>): Guard =>
  new Guard({
    ...{ rules: RULES, tags: TAGS, link: bench, standing: () => standing, lease: () => lease, record },
    doubt: (target) => doubts.has(target),
    nowMs: () => now,
    steadyMs: () => now,
  });

beforeEach(() => {
  bench = new Bench();
  rows = [];
  now = 1000;
  standing = { authority: 'dismiss', release: 'r1', boundShare: 1 };
  lease = LEASE;
  diskFull = false;
  doubts.clear();
  guard = make(async (row) => {
    if (diskFull) throw new Error('disk full');
    rows.push(row);
  });
  guard.setMode('act');
  guard.known.state({ state: 'up', why: '', epoch: 'e1' });
  guard.known.take([sample('ready', true)]);
});

const refused = async (what: Command, why: string): Promise<void> => {
  const before = bench.reached.length;
  expect(await guard.write(what)).toEqual({ sent: false, why });
  expect(bench.reached).toHaveLength(before);
};

describe('guard', () => {
  it('writes what is allowed, with the intent on disk before it is sent and the outcome after', async () => {
    bench.beforeWrite = () => expect(rows.map(({ kind }) => kind)).toEqual(['write-intended']);
    expect(await guard.write(command('verdict', 'pass'))).toMatchObject({
      sent: true,
      receipt: { outcome: 'done' },
    });
    expect(rows.map(({ kind }) => kind)).toEqual(['write-intended', 'write-ended']);
    expect(bench.held.get('verdict')).toBe('pass');
  });

  it('is off until somebody turns it on, and sends nothing in shadow or advise', async () => {
    expect(make(async () => {}).mode).toBe('off');
    for (const mode of ['off', 'shadow', 'advise'] as const) {
      guard.setMode(mode);
      await refused(command('verdict', 'pass'), `mode-${mode}`);
    }
    expect(rows.every(({ kind }) => kind === 'write-refused')).toBe(true);
  });

  it('sends nothing from a gate without authority: shadow, advise, none at all, or another release', async () => {
    for (const authority of ['none', 'advise', 'add-stop', 'adjust'] as const) {
      standing = { authority, release: 'r1', boundShare: 1 };
      await refused(command('verdict', 'pass'), 'no-authority');
    }
    standing = null;
    await refused(command('verdict', 'pass'), 'no-authority');
    standing = { authority: 'dismiss', release: 'r2', boundShare: 1 };
    await refused(command('verdict', 'pass'), 'release-not-signed');
    await refused(command('verdict', 'pass', { gate: 'other' }), 'gate-not-listed');
  });

  it('sends only to listed tags, within their values', async () => {
    await refused(command('locked', 1), 'not-listed');
    await refused(command('nothing', 1), 'not-listed');
    await refused(command('verdict', 'scrap'), 'out-of-range');
    standing = { authority: 'person', release: '', boundShare: 1 };
    for (const value of [101, -1, Number.NaN, Number.POSITIVE_INFINITY, '50'])
      await refused(command('setting', value), 'out-of-range');
  });

  it('a safety target takes its stop and nothing else, whoever asks', async () => {
    for (const authority of ['act', 'dismiss', 'person'] as const) {
      standing = { authority, release: 'r1', boundShare: 1 };
      await refused(command('stop', false), 'safety-stop-only');
    }
    guard.known.take([sample('ready', true)]);
    standing = { authority: 'add-stop', release: 'r1', boundShare: 1 };
    expect(await guard.write(command('stop', true))).toMatchObject({ sent: true });
    for (const does of ['dismiss', 'adjust', 'act'])
      expect(
        writeRuleSchema.safeParse({
          target: 'x',
          does,
          gates: ['st'],
          range: [0, 1],
          maxStep: 1,
          safety: true,
          stop: 1,
        }).success,
      ).toBe(false);
  });

  it('an interlock that is open, bad, stale or unknown, and a link that is down, send nothing', async () => {
    guard.known.take([sample('ready', false)]);
    await refused(command('verdict', 'pass'), 'interlock-open');
    guard.known.take([sample('ready', true, { quality: 'bad' })]);
    await refused(command('verdict', 'pass'), 'interlock-bad');
    guard.known.take([sample('ready', true)]);
    now += 1001;
    await refused(command('verdict', 'pass'), 'interlock-stale');
    guard.known.heard();
    expect(await guard.write(command('verdict', 'pass'))).toMatchObject({ sent: true });
    guard.known.state({ state: 'up', why: '', epoch: 'e2' });
    await refused(command('verdict', 'hold'), 'interlock-unknown');
    guard.known.take([
      sample('ready', true, { epoch: 'e1' }),
      sample('ready', true, { epoch: 'e2', historical: true }),
    ]);
    await refused(command('verdict', 'hold'), 'interlock-unknown');
    guard.known.state({ state: 'down', why: '', epoch: 'e2' });
    await refused(command('verdict', 'hold'), 'link-down');
  });

  it('an epoch that changes while the intent is being written voids the command', async () => {
    guard = make(async (row) => {
      rows.push(row);
      guard.known.state({ state: 'up', why: '', epoch: 'e2' });
    });
    guard.setMode('act');
    guard.known.state({ state: 'up', why: '', epoch: 'e1' });
    guard.known.take([sample('ready', true)]);
    await refused(command('verdict', 'pass'), 'epoch-changed');
    expect(rows.at(-1)).toMatchObject({ kind: 'write-ended', receipt: { outcome: 'refused' } });
  });

  it('a disk that takes no row, a command that is late, and one that comes twice are not sent', async () => {
    diskFull = true;
    await refused(command('verdict', 'pass'), 'not-journaled');
    diskFull = false;
    await refused(command('verdict', 'pass', { notAfterMs: now - 1 }), 'too-late');
    const once = command('verdict', 'pass');
    expect(await guard.write(once)).toMatchObject({ sent: true });
    await refused(once, 'duplicate');
  });

  it('one write at a time for a target, and not sooner than its rate', async () => {
    const slow = guard.write(command('verdict', 'pass'));
    expect(await guard.write(command('verdict', 'hold'))).toEqual({ sent: false, why: 'busy' });
    await slow;
    expect(bench.reached).toHaveLength(1);
  });

  it('an unknown outcome stays unknown, and what is read back otherwise becomes it', async () => {
    bench.outcome = 'unknown';
    expect(await guard.write(command('verdict', 'pass'))).toMatchObject({ receipt: { outcome: 'unknown' } });
    standing = { authority: 'adjust', release: 'r1', boundShare: 1 };
    bench.outcome = 'done';
    bench.keeps = false;
    const clock = setInterval(() => {
      now += 10;
    }, 5);
    const written = await guard.write(command('setting', 52));
    clearInterval(clock);
    expect(written).toMatchObject({ sent: true, receipt: { outcome: 'unknown', readBack: { value: 50 } } });
    expect(bench.reached).toHaveLength(2);
  });

  it('a machine does not move a setting that is in doubt; a person does, calls go on, and the way back is free', async () => {
    doubts.add('setting').add('verdict');
    standing = { authority: 'adjust', release: 'r1', boundShare: 1 };
    await refused(command('setting', 52), 'doubt-open');
    expect(await guard.rollBack(LEASE, 'rb')).toMatchObject({ sent: true });
    standing = { authority: 'person', release: '', boundShare: 1 };
    expect(await guard.write(command('setting', 51))).toMatchObject({ sent: true });
    standing = { authority: 'dismiss', release: 'r1', boundShare: 1 };
    expect(await guard.write(command('verdict', 'pass'))).toMatchObject({ sent: true });
  });

  it('compares with what the equipment holds now', async () => {
    await refused(command('verdict', 'pass', { expect: 'hold' }), 'expect-differs');
    bench.quality = 'bad';
    await refused(command('verdict', 'pass', { expect: '' }), 'held-unknown');
  });

  describe('under a lease', () => {
    beforeEach(() => {
      standing = { authority: 'adjust', release: 'r1', boundShare: 1 };
    });

    it('moves a setting within its bounds, its step and its time', async () => {
      expect(await guard.write(command('setting', 55))).toMatchObject({
        sent: true,
        receipt: { outcome: 'done' },
      });
      expect(rows[0]).toMatchObject({ kind: 'write-intended', lease: 'l1' });
      await refused(command('setting', 61), 'lease-step');
      await refused(command('setting', 70), 'step-too-large');
      now = 10_000;
      guard.known.heard();
      await refused(command('setting', 56), 'lease-expired');
      lease = null;
      await refused(command('setting', 56), 'no-lease');
      lease = { ...LEASE, gate: 'other', untilMs: 20_000 };
      await refused(command('setting', 56), 'no-lease');
    });

    it('a trial has half of the bounds', async () => {
      standing = { authority: 'adjust', release: 'r1', boundShare: 0.5 };
      bench.held.set('setting', 58);
      await refused(command('setting', 61), 'outside-lease');
      expect(await guard.write(command('setting', 60))).toMatchObject({ sent: true });
    });

    it('goes back to the signed value when it ends, once, whatever the gate may do by then', async () => {
      bench.held.set('setting', 70);
      standing = { authority: 'none', release: 'r1', boundShare: 1 };
      expect(await guard.rollBack(LEASE, 'rb1')).toMatchObject({ sent: true, receipt: { outcome: 'done' } });
      expect(bench.held.get('setting')).toBe(50);
      expect(await guard.rollBack(LEASE, 'rb1')).toEqual({ sent: false, why: 'duplicate' });
      guard.known.take([sample('ready', false)]);
      expect(await guard.rollBack(LEASE, 'rb2')).toEqual({ sent: false, why: 'interlock-open' });
      guard.setMode('off');
      expect(await guard.rollBack(LEASE, 'rb3')).toEqual({ sent: false, why: 'mode-off' });
    });

    it('names every fault before it is signed', () => {
      const rule = RULES[1] as WriteRule;
      expect(leaseFaults(LEASE, rule)).toEqual([]);
      const bad = {
        ...LEASE,
        bounds: [80, 10],
        rollBack: 200,
        maxStep: 0,
        untilMs: -1,
        reason: ' ',
      } as const;
      expect(leaseFaults(bad, { ...rule, safety: true, does: 'act' })).toHaveLength(7);
      expect(leaseFaults({ ...LEASE, untilMs: 90_000_000 }, rule)).toHaveLength(1);
    });

    it('whatever is asked, nothing reaches the equipment outside range, lease, step and rate', async () => {
      let sent = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              value: fc.oneof(
                fc.double({ min: -20, max: 120 }),
                fc.integer({ min: 40, max: 62 }),
                fc.constant(Number.NaN),
              ),
              share: fc.constantFrom(0.5, 1),
              passMs: fc.integer({ min: 0, max: 2000 }),
              authority: fc.constantFrom('none', 'advise', 'adjust', 'dismiss' as const),
              epoch: fc.boolean(),
            }),
            { minLength: 10, maxLength: 25 },
          ),
          async (asked) => {
            now = 1000;
            guard = make(async () => {});
            guard.setMode('act');
            guard.known.state({ state: 'up', why: '', epoch: 'e1' });
            bench.held.set('setting', 50);
            bench.reached.length = 0;
            for (const { value, share, passMs, authority, epoch } of asked) {
              now += passMs;
              if (epoch) guard.known.state({ state: 'up', why: '', epoch: `e${now}` });
              guard.known.take([sample('ready', true, { epoch: guard.known.epoch })]);
              standing = { authority, release: 'r1', boundShare: share };
              const before = Number(bench.held.get('setting'));
              const reached = bench.reached.length;
              await guard.write(command('setting', value));
              if (bench.reached.length === reached) continue;
              sent += 1;
              expect(authority).toBe('adjust');
              expect(now).toBeLessThan(LEASE.untilMs);
              expect(Math.abs(value - before)).toBeLessThanOrEqual(5.000001);
              expect(Math.abs(value - 50)).toBeLessThanOrEqual(20 * share + 1e-9);
            }
          },
        ),
        { numRuns: 200, seed: 7 },
      );
      expect(sent).toBeGreaterThan(50);
    });
  });
});

describe('armed', () => {
  it('cannot be made by a cast: the link knows what the guard has made', async () => {
    const forged = { command: command('verdict', 'pass'), epoch: 'e1', seal: '00' } as never as Armed;
    expect(isArmed(forged)).toBe(false);
    expect(await bench.write(forged)).toMatchObject({ outcome: 'refused' });
    // @ts-expect-error: nobody outside the guard can make one
    const typed: Armed = { command: command('verdict', 'pass'), epoch: 'e1', seal: '00' };
    expect(isArmed(typed)).toBe(false);
  });
});
