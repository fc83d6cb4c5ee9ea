import {
  type EquipmentView,
  type LeaseView,
  leaseViewSchema,
  leaseWishSchema,
  modeWishSchema,
  type OpeningView,
  type WriteView,
  writeSeenSchema,
  writeWishSchema,
} from '@selvedge/core/records';
import { HOSTILE } from './fake-data.js';

type Connector = EquipmentView['connectors'][number];
type Tag = Connector['tags'][number];

const HOUR = 3_600_000;
const WHO = 'Siti Rahmawati';

export interface FakeEquipment {
  view(connected: 'all' | 'calm' | 'none'): EquipmentView;
  /** A RangeError is what the server refuses, with every fault. */
  change(what: string, id: string, how: string, body: unknown): unknown;
}

/** Equipment of a plant that never was: everything that can be said of it, in every state. */
export function startFakeEquipment(now: () => number): FakeEquipment {
  let mode: Connector['mode'] = 'act';
  let setBy: string = WHO;
  let modeReason = 'Trial of the week, agreed with the shift lead';
  let leases: LeaseView[] = leasesAt(now());
  const seen = new Set<string>();
  let signed = 0;

  const cell = (connected: 'all' | 'calm'): Connector => ({
    ...{ id: 'cell-12', speaks: 'opc-ua', state: 'up', why: 'connected', restarts: 0, gaps: 0 },
    ...{ cpuShare: 0.034, mode, modeBy: setBy, modeReason },
    tags: tagsAt(now()),
    rules: [
      rule('cell/verdict', 'dismiss', {
        range: 'pass, reject, hold',
        values: ['pass', 'reject', 'hold'],
      }),
      rule('cell/force-setpoint', 'adjust', { range: '80 … 140', limits: [80, 140], maxStep: 4 }),
      rule('cell/offset', 'adjust', { range: '-1.5 … 1.5', limits: [-1.5, 1.5], maxStep: 0.25 }),
      rule('cell/stop', 'add-stop', { range: '1', safety: true, values: [1], stop: 1 }),
    ],
    leases,
    openings: OPENINGS,
    writes: writesAt(now()),
    doubts:
      connected === 'calm'
        ? []
        : [doubt('w-1', now() - 95_000), doubt('w-2', now() - 4000)].filter(({ write }) => !seen.has(write)),
    doubtsInAll: connected === 'calm' ? 0 : 2 - seen.size,
  });
  const gateway: Connector = {
    ...{ id: 'press-gateway', speaks: 'sparkplug', state: 'degraded', why: HOSTILE, restarts: 1, gaps: 4 },
    ...{
      cpuShare: 0.41,
      mode: 'shadow',
      modeBy: 'Budi',
      modeReason: 'first look',
      openings: [],
      doubts: [],
      doubtsInAll: 0,
    },
    tags: [tag('press/hold', { value: false, atMs: now() - 200, writable: true })],
    rules: [rule('press/hold', 'add-stop', { range: 'true', values: [true] })],
    ...{ leases: [], writes: [] },
  };
  const meter: Connector = {
    ...{ id: 'meter', speaks: 'modbus', state: 'down', why: 'no answer in time; it is started again' },
    ...{ restarts: 17, gaps: 1204, cpuShare: null, mode: 'off', modeBy: null, modeReason: null },
    tags: [
      tag('energy/total', { unit: 'kW.h', quality: 'bad', status: 'connector gone: no answer in time' }),
    ],
    ...{ rules: [], leases: [], openings: [], writes: [], doubts: [], doubtsInAll: 0 },
  };

  return {
    view: (connected) => ({
      connectors: connected === 'none' ? [] : [cell(connected), gateway, meter],
    }),
    change(what, id, how, body) {
      const done = { done: true };
      if (what === 'writes') {
        writeSeenSchema.parse(body);
        seen.add(id);
        return done;
      }
      if (what === 'leases') {
        leases = leases.filter(({ lease }) => lease !== id);
        return done;
      }
      if (how === 'write') {
        const { target, value } = writeWishSchema.parse(body);
        const held = { sent: false, outcome: null, why: 'interlock-open', readBack: null };
        if (id !== 'cell-12' || target === 'cell/stop') return held;
        if (target === 'cell/verdict') return { ...held, sent: true, outcome: 'unknown', why: 'no answer' };
        return { sent: true, outcome: 'done', why: '', readBack: value };
      }
      if (how === 'mode') {
        const wish = modeWishSchema.parse(body);
        [mode, setBy, modeReason] = [wish.mode, WHO, wish.reason];
        return done;
      }
      const { hours, ...wish } = leaseWishSchema.parse(body);
      if (wish.bounds[1] > 140)
        return new RangeError(
          'the bounds must lie within 80 to 140; the roll-back value must lie within the bounds',
        );
      signed += 1;
      const lease = leaseViewSchema.parse({
        ...{ ...wish, lease: `signed-${signed}`, connector: id, user: WHO, suspended: false },
        ...{ fromMs: now(), untilMs: now() + hours * HOUR },
      });
      leases = [...leases.filter(({ target }) => target !== lease.target), lease];
      return lease;
    },
  };
}

function rule(
  target: string,
  does: Connector['rules'][number]['does'],
  more: Partial<Connector['rules'][number]>,
): Connector['rules'][number] {
  const none = { limits: null, maxStep: null, safety: false, range: '' };
  const free = { values: null, pattern: null, stop: null };
  return { ...none, ...free, target, does, stations: ['front', 'side'], ...more };
}

function tag(name: string, more: Partial<Tag>): Tag {
  const good = {
    unit: '1',
    value: null,
    size: null,
    quality: 'good' as const,
    status: null,
    writable: false,
  };
  return { ...good, tag: name, atMs: null, ...more };
}

function tagsAt(atMs: number): Tag[] {
  return [
    tag('cell/force-setpoint', { value: 112.5, unit: 'N', atMs: atMs - 900, writable: true }),
    tag('cell/force', { value: 111.97314, unit: 'N', atMs: atMs - 400 }),
    tag('cell/offset', { value: -0.375, unit: 'mm', atMs: atMs - 61_000, writable: true }),
    tag('cell/guard-door/closed', { value: true, atMs: atMs - 7_300_000 }),
    tag('cell/unit', { value: HOSTILE, atMs: atMs - 12_000 }),
    tag('cell/trace', { size: 2048, atMs: atMs - 12_000 }),
    tag('cell/temperature', {
      ...{ value: 351.2, unit: 'Cel', quality: 'uncertain', atMs: atMs - 3000 },
      status: 'outside its range',
    }),
    tag('cell/lot', { quality: 'bad', status: 'not read yet' }),
    ...Array.from({ length: 34 }, (_, i) =>
      tag(`cell/channel-${i + 1}`, { value: (i * 37) % 101, atMs: atMs - 1000 * i }),
    ),
  ];
}

function leasesAt(atMs: number): LeaseView[] {
  const own = { connector: 'cell-12', station: 'front', minIntervalMs: 5000, user: WHO };
  return [
    {
      ...{ ...own, lease: 'l-1', target: 'cell/force-setpoint', bounds: [100, 125], maxStep: 2 },
      ...{ fromMs: atMs - 2 * HOUR, untilMs: atMs + 1.6 * HOUR, rollBack: 110, suspended: false },
      reason: 'New lot since this morning; watched by the shift lead',
    },
    {
      ...{ ...own, lease: 'l-2', target: 'cell/offset', bounds: [-0.5, 0.5], maxStep: 0.1 },
      ...{ fromMs: atMs - HOUR, untilMs: atMs + 44_000, rollBack: 0, suspended: true },
      reason: 'Trial',
    },
  ];
}

const opening = (more: Partial<OpeningView> & Pick<OpeningView, 'target' | 'step'>): OpeningView => ({
  ...{ station: 'front', unit: 'N', authority: 'none', boundShare: 0, agreed: { k: 0, n: 0 } },
  ...{ better: { k: 0, n: 0 }, out: { k: 0, n: 0 }, outUpper: 1, needs: { pairs: 8, outcomes: 105 } },
  ...{ alpha: 0.05, confidence: 0.95, ...more },
});

const OPENINGS: OpeningView[] = [
  opening({
    ...{ target: 'cell/force-setpoint', step: 'TRIAL', authority: 'adjust', boundShare: 0.5 },
    ...{ better: { k: 6, n: 7 }, out: { k: 1, n: 61 }, outUpper: 0.1042, needs: { pairs: 5, outcomes: 83 } },
  }),
  opening({
    ...{ target: 'cell/offset', step: 'OPEN', authority: 'adjust', boundShare: 1 },
    ...{ better: { k: 30, n: 34 }, out: { k: 2, n: 1404 }, outUpper: 0.0066 },
    needs: { pairs: 0, outcomes: 0 },
  }),
  opening({ target: 'cell/speed', step: 'SHADOW', agreed: { k: 188, n: 201 }, station: 'side' }),
];

function writesAt(atMs: number): WriteView[] {
  const own = { station: 'front', lease: null, seenBy: null };
  const force = { ...own, target: 'cell/force-setpoint', lease: 'l-1' };
  return [
    {
      ...{ ...own, write: 'w-9', atMs: atMs - 1000, target: 'cell/verdict', value: 'S-55190 pass' },
      ...{ decision: 'unit:S-55190', outcome: null, why: '' },
    },
    {
      ...{ ...force, write: 'w-8', atMs: atMs - 31_000, value: 112.5, decision: 'unit:S-55189' },
      ...{ outcome: 'done', why: 'the server confirmed it' },
    },
    {
      ...{ ...force, write: 'row:90177', atMs: atMs - 62_000, value: 131, decision: 'unit:S-55188' },
      ...{ outcome: 'held', why: 'interlock-stale' },
    },
    {
      ...{ ...force, write: 'w-7', atMs: atMs - 80_000, value: 114, decision: 'unit:S-55187' },
      ...{ outcome: 'refused', why: 'BadUserAccessDenied' },
    },
    {
      ...{ ...force, write: 'w-6', atMs: atMs - 81_000, value: 114, decision: 'user:u1' },
      ...{ outcome: 'refused', why: 'too-late' },
    },
    {
      ...{ ...force, write: 'w-5', atMs: atMs - 30 * HOUR, value: 110, decision: 'lease:l-0' },
      ...{ outcome: 'unknown', why: 'it could not be read back', seenBy: '陈伟' },
    },
    ...Array.from(
      { length: 6 },
      (_, i): WriteView => ({
        ...{
          ...own,
          write: `row:${i}`,
          atMs: atMs - 31 * HOUR - i * 60_000,
          target: 'cell/verdict',
          outcome: 'held',
        },
        ...{ value: `S-5400${i} reject`, decision: `unit:S-5400${i}`, why: 'mode-shadow' },
      }),
    ),
  ];
}

const doubt = (write: string, atMs: number): WriteView => ({
  ...{
    write,
    atMs,
    target: write === 'w-1' ? 'cell/force-setpoint' : HOSTILE,
    value: 118.25,
    station: 'front',
  },
  ...{ decision: 'unit:S-55180', lease: 'l-1', outcome: 'unknown', seenBy: null },
  why: write === 'w-1' ? 'the equipment confirmed it and holds another value' : 'the connection was lost',
});
