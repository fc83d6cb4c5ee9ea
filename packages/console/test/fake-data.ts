import type {
  LineView,
  ObservationView,
  ProofView,
  Question,
  ShiftReport,
  StationCard,
  UnitView,
} from '@selvedge/core/records';

/** A plant that never was, the same on every run. */
const hash = (n: number) => n.toString(16).padStart(2, '0').repeat(32).slice(0, 64);
export const HOUR = 3_600_000;

/** Names as plants give them: long, with signs, and one that would like to be markup. */
export const HOSTILE = '<img src=x onerror="document.title=1">';

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function stations(nowMs: number): StationCard[] {
  const budget = {
    escapeRate: 0.005,
    overkillRate: 0,
    confidence: 0.95,
    contract: 'per-unit' as const,
    signedBy: 'Siti Rahmawati',
    reason: 'Customer agreement 2026-11, reviewed with quality',
    atMs: nowMs - 26 * HOUR,
  };
  const model = { name: 'supervised-series', hash: hash(7) };
  const card = (more: Partial<StationCard> & Pick<StationCard, 'id' | 'name' | 'state' | 'reason'>) => ({
    ...{ line: 'Line 3', units: 1842, automatic: 1501, automaticShare: 1501 / 1842, audits: 61, queue: 0 },
    ...{ overdue: 0, taktMs: 31_000, evidence: { labels: 0, planned: null, bad: 0 }, budget, model },
    ...{ liveUpper: 0.0041, auditRate: 0.042, proposedUnits: null, troubles: [], live: false },
    ...more,
  });
  return [
    card({
      id: 'front',
      name: 'Front cover, station 12',
      state: 'open',
      reason: 'the live bound has brought the audits down to their floor',
    }),
    card({
      id: 'side',
      name: 'Side panel left',
      state: 'shadow',
      reason: '412 labelled units do not prove any automatic share within the budget',
      ...{ units: 655, automatic: 0, automaticShare: 0, audits: 0, queue: 4, overdue: 2, taktMs: 48_200 },
      ...{ evidence: { labels: 412, planned: 736, bad: 9 }, liveUpper: null, auditRate: 1 },
    }),
    card({
      id: 'rear',
      name: 'Rear panel with airbag opening (safety)',
      state: 'watch',
      reason: 'audit of R-20418 found a bad unit: audits are raised',
      ...{
        units: 903,
        automatic: 402,
        automaticShare: 402 / 903,
        queue: 1,
        auditRate: 0.15,
        liveUpper: 0.0048,
      },
    }),
    card({
      id: 'head',
      name: 'Headrest',
      state: 'closed',
      reason: 'harm: the audits find more bad units than the budget allows',
      ...{ units: 240, automatic: 96, automaticShare: 0.4, queue: 1, auditRate: 1 },
      troubles: [
        { code: 'retried', part: 'camera 4', values: { why: 'worker stopped' } },
        { code: 'fit-units', part: 'fit head auto', values: { n: 1240, of: 3000 } },
        {
          code: 'write-unknown',
          part: 'cell-12',
          values: { target: 'cell/force-setpoint', value: '118.25' },
        },
      ],
    }),
    card({
      id: 'arm',
      name: 'Armrest',
      state: 'shadow',
      reason: 'nobody has signed a budget for this station',
      ...{ units: 12, automatic: 0, automaticShare: 0, audits: 0, taktMs: null, budget: null, model: null },
      ...{ liveUpper: null, auditRate: 1 },
    }),
    card({
      id: 'belt',
      name: 'Belt guide',
      state: 'ramp',
      reason: 'the live bound allows a first part of the calls',
      ...{ units: 77, automatic: 20, automaticShare: 20 / 77, auditRate: 0.31, liveUpper: 0.021 },
    }),
  ];
}

const sum = (count: number, seconds: number) => ({
  ...{ count, seconds, per100Good: count / 38.1 },
  interval: [Math.max(0, count / 38.1 - 0.04), count / 38.1 + 0.07] as [number, number],
});

export function lineView(nowMs: number, seq: number, empty: boolean): LineView {
  const row = (type: string, verdict: boolean, count: number, seconds: number) => ({
    ...{ type, verdict, ...sum(count, seconds) },
  });
  return {
    seq,
    atMs: nowMs,
    dayStartMs: nowMs - (nowMs % (24 * HOUR)),
    stations: empty ? [] : stations(nowMs),
    goodUnits: empty ? 0 : 3810,
    interventions: empty
      ? []
      : [
          row('verdict', true, 812, 4120),
          row('audit', true, 61, 410),
          row('realign', false, 14, 260),
          row('tension', false, 9, 305),
          row('takeover', false, 2, 1240),
          row('cleaned the lens', false, 1, 55),
        ],
    touchSums: { others: sum(26, 1860), judgements: sum(873, 4530) },
    stage: false,
    lastUnits: empty
      ? []
      : [
          { seq: 90_211, id: 'F-118420', station: 'front', disposition: 'pass', by: 'gate', label: null },
          { seq: 90_208, id: 'R-20431', station: 'rear', disposition: null, by: null, label: null },
          { seq: 90_205, id: 'S-55102', station: 'side', disposition: 'pass', by: 'person', label: 'good' },
          {
            seq: 90_199,
            id: 'S-55101',
            station: 'side',
            disposition: 'reject',
            by: 'person',
            label: 'loose thread',
          },
          { seq: 90_190, id: 'H-00240', station: 'head', disposition: 'hold', by: 'deadline', label: null },
          { seq: 90_188, id: HOSTILE, station: 'front', disposition: 'divert', by: 'deadline', label: null },
        ].map((unit, i) => ({ ...unit, atMs: nowMs - i * 17_000 }) as LineView['lastUnits'][number]),
    journal: { state: 'writing', waiting: 3, most: 10_000 },
  };
}

const CHOICES = [
  [
    { label: 'good', bad: false },
    { label: 'loose thread', bad: true },
    { label: 'skipped', bad: true },
  ],
  [
    { label: 'good', bad: false },
    { label: 'bad', bad: true },
  ],
  [
    { label: 'good', bad: false },
    { label: 'scratch', bad: true },
    { label: 'dent', bad: true },
    { label: 'stain', bad: true },
    { label: 'wrong part', bad: true },
    { label: 'cannot be told from the picture', bad: true },
  ],
];

/** The n-th question: a series, then a picture, then a map; from 90 on a trace with a picture. */
export function questionOf(n: number, nowMs: number, waitMs = 90_000): Question {
  const kind = n % 3;
  return {
    id: `q${n}`,
    station: ['side', 'rear', 'head'][kind] ?? 'side',
    stationName: ['Side panel left', 'Rear panel with airbag opening (safety)', 'Headrest'][kind] ?? '',
    unit: `${n < 90 ? ['S', 'R', 'H'][kind] : 'P'}-${55_103 + n}`,
    askedAtMs: nowMs,
    deadlineAtMs: nowMs + waitMs + n * 1000,
    otherwise: kind === 1 ? 'divert' : 'hold',
    choices: CHOICES[kind] ?? [],
    context: { product: 'L3-M2', colour: 'anthracite', lot: 'W47-2281', cycle: 1_204 + n, operator: null },
  };
}

export function observationOf(unit: string): ObservationView {
  if (unit.startsWith('P')) {
    const [series, image] = [observationOf(`S${unit}`), observationOf(`R${unit}`)];
    if (series.kind === 'series' && image.kind === 'image') return { kind: 'pair', series, image };
  }
  const next = random([...unit].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7));
  if (unit.startsWith('R'))
    return { kind: 'image', href: `/api/blobs/${encodeURIComponent(unit)}.svg`, width: 800, height: 600 };
  if (unit.startsWith('H')) {
    const size = 36;
    let cells = '';
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const r = Math.hypot(x - 17.5, y - 17.5);
        const spot = Math.hypot(x - 24, y - 12) < 4;
        cells += r > 17.5 ? '0' : spot || next() < 0.04 ? '2' : '1';
      }
    return { kind: 'map', width: size, height: size, cells };
  }
  if (unit.startsWith('A'))
    return {
      kind: 'row',
      names: Array.from({ length: 40 }, (_, i) => `feature ${i + 1}`),
      values: Array.from({ length: 40 }, (_, i) => (i === 3 ? null : next() * 10 ** (i % 5))),
    };
  if (unit.startsWith('Z')) return { kind: 'gone', why: 'retention has given the picture up' };
  const n = 480;
  const wave = (base: number, size: number, phase: number) =>
    Array.from(
      { length: n },
      (_, i) => base + size * Math.sin(i / 9 + phase) * (1 - i / 900) + next() * size * 0.3,
    );
  const force = wave(42, 5, 0).map((v, i) => (i > 300 && i < 322 ? v - 16 : v));
  return {
    kind: 'series',
    channels: [
      { name: 'tension', unit: 'cN' },
      { name: 'speed', unit: '1/min' },
      { name: 'torque', unit: 'mN m' },
      { name: 'temperature', unit: '°C' },
    ],
    values: [force, wave(3200, 260, 1), wave(181, 22, 2), wave(38.2, 0.4, 3)],
  };
}

export function marksOf(unit: string): number[][] | null {
  const view = observationOf(unit);
  if (view.kind !== 'series') return null;
  return view.values.map((values, c) => values.map((_, i) => (c === 0 && i > 298 && i < 324 ? 6.2 : 0.4)));
}

export function proofView(id: string, nowMs: number): ProofView | null {
  const station = stations(nowMs).find((one) => one.id === id);
  if (!station) return null;
  const next = random(5);
  const bare = station.state === 'shadow';
  const n = bare ? 0 : 220;
  return {
    station,
    epoch: 3,
    certificate: bare
      ? null
      : {
          ...{
            atMs: nowMs - 25 * HOUR,
            n: 736,
            bads: 11,
            test: 'exact-binomial-per-unit',
            threshold: 0.41283,
          },
          ...{ upper: 0.00492, confidence: 0.9875, hash: hash(29) },
        },
    meaning: bare ? 'agreement' : id === 'front' ? 'truth' : 'agreement',
    seeds: { read: id === 'front' ? 64 : 22, missed: 1, needed: 60 },
    measured: { doubleReadShare: bare ? 0 : 0.1, seedShare: bare ? 0 : 0.02 },
    readers: bare
      ? { pairs: 0, agreed: 0, kappa: null, interval: null }
      : { pairs: 118, agreed: 113, kappa: 0.843, interval: [0.721, 0.938] },
    curve: bare
      ? []
      : Array.from({ length: 60 }, (_, i) => {
          const share = (i + 1) / 60;
          return {
            share,
            escapeUpper: Math.min(1, 0.0032 + 0.034 * share ** 7),
            escapeRate: 0.024 * share ** 9,
          };
        }),
    live: Array.from({ length: n }, (_, i) => ({
      atMs: nowMs - (n - i) * 6 * 60_000,
      seq: 1000 + i * 40,
      state: i < 60 ? ('ramp' as const) : ('open' as const),
      auditRate: i < 60 ? 1 - i / 65 : 0.042,
      liveUpper: Math.min(1, 0.9 / (i + 1) ** 1.02 + 0.0004),
      automaticShare: i < 10 ? 0 : Math.min(0.83, i / 90),
    })),
    drift: Array.from({ length: n }, (_, i) => ({
      seq: 1000 + i * 40,
      level: Math.max(0, 1.1 + Math.sin(i / 14) + next() * 0.4 + (i > 180 ? (i - 180) / 15 : 0)),
      spread: Math.max(0, 0.6 + Math.cos(i / 20) * 0.5 + next() * 0.3),
      harm: Math.max(0, 0.2 + Math.sin(i / 31) * 0.3),
    })),
    levels: { alarmLog10: 4, closeLog10: 6, harmWatchLog10: 2, harmCloseLog10: 3.699 },
    transitions: [
      { seq: 1000, from: 'shadow' as const, to: 'ramp' as const, why: 'certificate on 736 labelled units' },
      {
        ...{ seq: 3400, from: 'ramp' as const, to: 'open' as const },
        why: 'the live bound has brought the audits down to their floor',
      },
    ].map((one, i) => ({ ...one, atMs: nowMs - (24 - i * 9) * HOUR })),
    before: { judgementsPerUnit: 1, units: 736 },
    after: { judgementsPerUnit: bare ? 1 : 0.231, units: bare ? 0 : 8120 },
    reduction: bare ? null : 0.769,
    reductionInterval: bare ? null : [0.759, 0.778],
    audits: 412,
    auditsBad: 1,
    findings: 0,
  };
}

export function unitView(id: string, nowMs: number): UnitView {
  const decided = {
    ...{
      station: 'side',
      score: 0.38214,
      noScore: null,
      draw: 0.0193,
      pLevel: 0.5,
      pSpread: 0.4,
      scope: 'L3-M2',
    },
    ...{
      lot: 'W47-2281',
      epoch: 3,
      call: 'ask',
      by: 'person',
      region: 'between',
      position: null,
      audit: false,
    },
    ...{ propensity: 0, why: 'audit of R-20418 found a bad unit: audits are raised', state: 'open' },
    ...{ certificate: hash(29), model: hash(7), tookMs: 12.4, classCall: null },
  };
  const question = { station: 'side', question: 'q9', user: 'Wei Chen' };
  const rows: [string, string | null, Record<string, unknown>][] = [
    [
      'arrived',
      null,
      {
        ...{ station: 'side', context: {}, lot: 'W47-2281', part: null, sourceAtMs: null, deadlineAtMs: 0 },
        observation: { kind: 'series', blob: hash(3), bytes: 480, channels: 4, values: null },
      },
    ],
    ['decided', null, decided],
    ['asked', null, { station: 'side', question: 'q9', reason: 'ask', deadlineAtMs: 0, otherwise: 'hold' }],
    ['help-shown', 'Wei Chen', question],
    [
      'answered',
      'Wei Chen',
      {
        ...question,
        bad: true,
        label: 'loose thread',
        blind: false,
        counts: false,
        by: 'touch',
        tookMs: 4210,
      },
    ],
    ['undone', 'Wei Chen', question],
    [
      'answered',
      'Wei Chen',
      { ...question, bad: false, label: 'good', blind: true, counts: true, by: 'keyboard', tookMs: 2210 },
    ],
    ['released', null, { station: 'side', disposition: 'pass', by: 'person', outcome: 'done' }],
    [
      'found',
      'Siti Rahmawati',
      {
        station: 'side',
        where: 'end-of-line',
        label: 'loose thread',
        user: 'x',
        counted: true,
        note: HOSTILE,
      },
    ],
    ['of-tomorrow', null, { anything: HOSTILE }],
  ];
  return {
    id,
    part: 'L3-M2 anthracite',
    lot: 'W47-2281',
    waits: id === 'S-55103',
    events: rows.map(([kind, user, body], i) => ({
      ...{
        seq: 90_100 + i * 3,
        atMs: nowMs - (rows.length - i) * 4000,
        kind,
        user,
        body,
        hash: hash(40 + i),
      },
      station: 'side',
    })),
  };
}

export function shiftReport(fromMs: number, toMs: number, changes = 1): ShiftReport {
  return {
    ...{ site: 'Plant Karawang', origin: 'simulated', fromMs, toMs },
    stations: stations(toMs).map((card, i) => ({
      card,
      ...{
        units: card.units,
        good: card.units - 3 * i,
        bad: i,
        held: i,
        open: i,
        automatic: card.automatic,
      },
      ...{ asked: card.units - card.automatic, audits: card.audits, auditsBad: i === 3 ? 2 : 0 },
      ...{ overdue: card.overdue, findings: i === 3 ? 1 : 0, answersSecondsMedian: i === 0 ? null : 2.4 + i },
      transitions:
        card.state === 'closed'
          ? Array.from({ length: changes }, (_, n) => ({
              ...{ atMs: toMs - HOUR + n * 1000, to: 'closed' as const, why: card.reason },
            }))
          : [],
    })),
    interventions: lineView(toMs, 1, false).interventions,
    touchSums: lineView(toMs, 1, false).touchSums,
    head: { epoch: 1, seq: 90_211, hash: hash(201) },
  };
}
