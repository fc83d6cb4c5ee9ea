import { describe, expect, it } from 'vitest';
import type { Receipt } from '../contract/command.js';
import type { Sample } from '../contract/item.js';
import { tagSchema } from '../contract/tag.js';
import type { Value } from '../contract/value.js';
import { Guard, type GuardOptions, type Standing, type WriteRow } from './guard.js';
import type { Lease } from './lease.js';
import { writeRuleSchema } from './rule.js';

const TAGS = [
  tagSchema.parse({ tag: 'setting', address: 'a', type: 'double', access: 'rw', staleMs: 1000 }),
  tagSchema.parse({ tag: 'ready', address: 'b', type: 'bool', staleMs: 1000 }),
];
const RULES = [
  writeRuleSchema.parse({
    ...{ target: 'setting', does: 'adjust', gates: ['st'], range: [0, 100], maxStep: 10, readBackMs: 0 },
    interlocks: [{ tag: 'ready', is: true }],
  }),
];
const LEASE: Lease = {
  ...{ id: 'l1', target: 'setting', gate: 'st', bounds: [30, 70], maxStep: 5, minIntervalMs: 0 },
  ...{ fromMs: 0, untilMs: 10_000, rollBack: 50, by: 'user:a', reason: 'trial' },
};
const COMMAND = { id: 'c1', target: 'setting', value: 52, decision: 'd', release: 'r1', gate: 'st' };

/** A guard over equipment that takes everything; `onDisk` happens while the disk takes the intent. */
function line(onDisk: (is: Line) => void, more: Partial<GuardOptions> = {}) {
  const is: Line = {
    lease: LEASE,
    doubt: false,
    wallMs: 1000,
    steadyMs: 500,
    sent: 0,
    rows: [],
    standing: null,
  };
  is.standing = { authority: 'adjust', release: 'r1', boundShare: 1 };
  const sample = (tag: string, value: Value): Sample => ({
    ...{ kind: 'sample', tag, value, type: 'double', quality: 'good', atMs: 0, timeFrom: 'source' },
    ...{ receivedMs: 0, epoch: 'e1', sequence: 0 },
  });
  const guard: Guard = new Guard({
    ...{ rules: RULES, tags: TAGS, nowMs: () => is.wallMs, steadyMs: () => is.steadyMs },
    link: {
      read: async (tags) => tags.map(({ tag }) => sample(tag, 50)),
      write: async ({ command: { id } }) => {
        is.sent += 1;
        return { id, outcome: 'done', why: '' };
      },
    },
    ...{ standing: () => is.standing, lease: () => is.lease, doubt: () => is.doubt },
    record: async (row) => {
      is.rows.push(row);
      if (row.kind === 'write-intended') onDisk(is);
    },
    ...more,
  });
  guard.setMode('act');
  guard.known.state({ state: 'up', why: '', epoch: 'e1' });
  guard.known.take([sample('ready', true)]);
  return { guard, is, sample, write: () => guard.write({ ...COMMAND, notAfterMs: is.wallMs + 500 }) };
}

interface Line {
  lease: Lease | null;
  standing: Standing | null;
  doubt: boolean;
  wallMs: number;
  steadyMs: number;
  sent: number;
  readonly rows: WriteRow[];
}

describe('what changes while the disk takes the intent of a write', () => {
  it('is nothing: then it is sent', async () => {
    const { is, write } = line(() => {});
    expect(await write()).toMatchObject({ sent: true });
    expect(is.sent).toBe(1);
  });

  it.each<[string, string, (is: Line) => void]>([
    ['a lease that somebody ended', 'no-lease', (is) => Object.assign(is, { lease: null })],
    [
      'the hour of the lease',
      'lease-expired',
      (is) => Object.assign(is, { wallMs: 1400, lease: { ...LEASE, untilMs: 1400 } }),
    ],
    [
      'a lease that was signed for less',
      'outside-lease',
      (is) => Object.assign(is, { lease: { ...LEASE, bounds: [49, 51] } }),
    ],
    [
      'a gate that closed',
      'no-authority',
      (is) => Object.assign(is, { standing: { ...is.standing, authority: 'none' } }),
    ],
    ['a gate that nobody answers for', 'no-authority', (is) => Object.assign(is, { standing: null })],
    [
      'another model',
      'release-not-signed',
      (is) => Object.assign(is, { standing: { ...is.standing, release: 'r2' } }),
    ],
    ['a doubt about the setting', 'doubt-open', (is) => Object.assign(is, { doubt: true })],
    [
      'a wall clock that was set back over a slow disk',
      'too-late',
      (is) => Object.assign(is, { wallMs: -60_000, steadyMs: 1001 }),
    ],
  ])('%s keeps it from being sent', async (_, why, change) => {
    const { is, write } = line(change);
    expect(await write()).toEqual({ sent: false, why });
    expect(is.sent).toBe(0);
    expect(is.rows.at(-1)).toMatchObject({ kind: 'write-ended', receipt: { outcome: 'refused', why } });
  });

  it('the way back of a lease asks again too', async () => {
    const { guard, is } = line(() => guard.setMode('off'));
    expect(await guard.rollBack(LEASE, 'back')).toEqual({ sent: false, why: 'mode-off' });
    expect(is.sent).toBe(0);
  });
});

describe('what a connector of somebody else may say', () => {
  it.each([undefined, null, {}, { outcome: 'ok' }, 'done'])('the receipt %j is a doubt', async (said) => {
    const { write } = line(() => {}, {
      link: {
        read: async () => [line(() => {}).sample('setting', 50)],
        write: async () => said as never as Receipt,
      },
    });
    expect(await write()).toMatchObject({ sent: true, receipt: { id: 'c1', outcome: 'unknown' } });
  });
});

describe('an id', () => {
  it('that the record knows is not sent again, however long ago it was', async () => {
    const { is, write } = line(() => {}, { intended: (id) => id === 'c1' });
    expect(await write()).toEqual({ sent: false, why: 'duplicate' });
    expect(is.sent).toBe(0);
  });
});

describe('freshness of an interlock', () => {
  it('is as of when a value left the equipment, not of when it came through a queue', async () => {
    const { guard, is, sample, write } = line(() => {});
    is.steadyMs = 10_000;
    guard.known.take([sample('other', 1)], 5000);
    expect(await write()).toEqual({ sent: false, why: 'interlock-stale' });
    guard.known.heard(8000);
    expect(await write()).toEqual({ sent: false, why: 'interlock-stale' });
    guard.known.heard(9500);
    expect(await write()).toMatchObject({ sent: true });
  });

  it('does not follow from what another connection left behind, or kept from before', async () => {
    const { guard, is, sample, write } = line(() => {});
    is.steadyMs = 10_000;
    guard.known.take([{ ...sample('other', 1), epoch: 'e0' }]);
    guard.known.take([{ ...sample('other', 1), historical: true }]);
    expect(await write()).toEqual({ sent: false, why: 'interlock-stale' });
  });
});

describe('a pattern', () => {
  it('that the guard could not read is a fault of the configuration', () => {
    const rule = { target: 't', does: 'dismiss', gates: ['st'] };
    expect(writeRuleSchema.safeParse({ ...rule, pattern: 'u\\-\\d' }).success).toBe(false);
    expect(writeRuleSchema.safeParse({ ...rule, pattern: 'u-\\d' }).success).toBe(true);
  });
});
