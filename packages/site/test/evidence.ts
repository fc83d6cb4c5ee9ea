import type { Evidence } from '@selvedge/core/records';

const HOSTILE = `"><script>alert('x')</script><img src=https://evil.example/a.png onerror=alert(1)>&\u0000`;
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const steps = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A replay whose gate opened at unit 300, watched at 2,400 and opened again. */
export function openEvidence(): Evidence {
  const units = 4000;
  return {
    document: {
      specVersion: '1',
      origin: 'recorded',
      recipe: 'novelty',
      seed: 7,
      counts: {
        fit: { good: 900, bad: 61 },
        calibrate: { good: 1870, bad: 130 },
        stream: { good: 3741, bad: 259 },
      },
      model: { auc: 0.97351, fitMs: 1234, scoreMsMedian: 0.4321 },
      classes: null,
      gate: {
        state: 'open',
        reason: 'the audits prove the budget and the audit rate is at its floor',
        accept: 1.23456,
        reject: null,
        certificate: {
          test: 'fixed-n binomial',
          n: 2000,
          escapeUpper: 0.008123,
          overkillUpper: null,
          confidence: 0.95,
        },
      },
      stream: {
        units,
        automatic: 3204,
        asked: 796,
        automaticShare: 0.801,
        escapes: 17,
        escapePerUnit: 0.00425,
        escapePerAutoPass: 17 / 3204,
        escapeUpper: 0.006371,
        liveUpper: 0.009412,
        overkills: 0,
        overkillPerUnit: 0,
        audits: 411,
        transitions: [
          { unit: 0, from: 'shadow', to: 'ramp', why: 'certificate' },
          { unit: 1300, from: 'ramp', to: 'open', why: 'audit rate at its floor' },
          { unit: 2400, from: 'open', to: 'watch', why: 'score alarm' },
          { unit: 2900, from: 'watch', to: 'open', why: 'audits find no harm' },
        ],
      },
      interventions: { before: 1, after: 0.30175, reduction: 0.69825, interval: [0.68376, 0.71242] },
      warnings: [
        { code: 'order-unknown', detail: 'there is no time column: the order is a seeded shuffle' },
        { code: 'something-new', detail: 'a code that the catalogue does not know' },
      ],
    },
    promise: {
      escapeRate: 0.01,
      overkillRate: 0,
      confidence: 0.95,
      contract: 'per-unit',
      signedBy: 'nobody yet: this is a replay',
      reason: 'asked for on the command line',
      ledger: [
        { part: 'escape: certificate', delta: 0.025 },
        { part: 'escape: live', delta: 0.0125 },
        { part: 'escape: region', delta: 0.0075 },
      ],
    },
    data: {
      name: 'cycles',
      layout: 'table',
      observation: 'series',
      splitRule: 'by the column split',
      groupRule: 'fabric',
      setAside: { units: 2, examples: [{ id: 'row 17', why: 'not a number in column 4' }] },
    },
    model: { name: 'novelty', why: 'good samples only', parity: 'largest difference 3e-7 on 32 samples' },
    curve: {
      points: steps(100).map((i) => ({
        share: (i + 1) / 100,
        escapeUpper: 0.0015 + 0.09 * ((i + 1) / 100) ** 12,
        escapeRate: 0.065 * ((i + 1) / 100) ** 12,
      })),
      certified: { share: 0.8125, escapeUpper: 0.008123, passed: 1625, passedBad: 9 },
    },
    live: steps(400).map((i) => ({
      unit: 10 * (i + 1),
      state: i < 130 ? 'ramp' : i < 240 ? 'open' : i < 290 ? 'watch' : 'open',
      auditRate: i < 130 ? 1 / (1 + i / 12) : i >= 240 && i < 290 ? 0.3 : 0.08,
      audits: i,
      liveUpper: Math.min(1, 0.008 + 3 / (3 + 2 * i)),
      truth: 0.0042 + 0.002 * Math.sin(i / 30),
      automaticShare: 0.8 - 0.3 / (1 + i),
    })),
    drift: {
      unitOfObservation: 'unit',
      alarmLog10: 2,
      closeLog10: 4,
      harmWatchLog10: 2.477,
      harmCloseLog10: 4.301,
      points: steps(400).map((i) => ({
        unit: 10 * (i + 1),
        level: i > 200 && i < 290 ? -0.5 + (i - 200) / 30 : -0.5 + 0.4 * Math.sin(i / 9),
        spread: -0.8 + 0.3 * Math.cos(i / 13),
        harm: i === 5 ? Number.NEGATIVE_INFINITY : -1.1 + 0.2 * Math.sin(i / 21),
      })),
      alarms: [{ unit: 2400, what: 'level of the scores above the alarm line' }],
    },
    worstEscapes: [
      {
        id: 'unit-0001',
        label: 'loose',
        score: 0.41,
        view: {
          kind: 'series',
          values: steps(120).map((i) => 5 + Math.sin(i / 6) + (i > 60 && i < 70 ? 1.5 : 0)),
          typical: steps(120).map((i) => 5 + Math.sin(i / 6)),
          channels: 1,
        },
      },
      {
        id: 'unit-0002',
        label: 'ring',
        score: 0.52,
        view: {
          kind: 'map',
          width: 24,
          height: 24,
          values: steps(576).map((i) => {
            const r = Math.hypot((i % 24) - 11.5, Math.floor(i / 24) - 11.5);
            return r > 12 ? 0 : r > 9.5 ? 2 : 1;
          }),
        },
      },
      {
        id: 'unit-0003',
        label: 'scratch',
        score: 0.55,
        view: { kind: 'picture', png: PIXEL, heatPng: PIXEL },
      },
      {
        id: 'unit-0004',
        label: 'shifted',
        score: 0.57,
        view: {
          kind: 'row',
          cells: [
            { name: 'offset-x', value: 12.3456, typical: 1.5 },
            { name: 'volume', value: 88, typical: 101.25 },
          ],
        },
      },
      { id: 'unit-0005', label: 'other', score: 0.6, view: { kind: 'none' } },
    ],
    assumptions: [
      { text: 'The labels are right.', check: 'A second person judges a blind sample.' },
      { text: 'Audits are drawn at random.', check: 'Each draw can be recomputed.' },
    ],
    repeat: {
      command: 'selvedge replay cycles.csv --escape 0.01 --seed 7',
      version: '0.1.0',
      commit: 'a'.repeat(40),
      dataHash: '1'.repeat(64),
      modelHash: '2'.repeat(64),
      certificateHash: '3'.repeat(64),
      auditSecretHash: '4'.repeat(64),
      auditSecret: '5'.repeat(64),
    },
  };
}

export type Document = Evidence['document'];
export const withDocument = (e: Evidence, change: (d: Document) => Document): Evidence => ({
  ...e,
  document: change(e.document),
});

/** Nothing certified, nothing automatic. */
export const shadowEvidence = (): Evidence => {
  const e = openEvidence();
  return {
    ...withDocument(e, (d) => ({
      ...d,
      model: { ...d.model, auc: null },
      gate: {
        state: 'shadow',
        reason: 'too few bad units for this budget',
        accept: null,
        reject: null,
        certificate: null,
      },
      stream: {
        units: 4000,
        automatic: 0,
        asked: 4000,
        automaticShare: 0,
        escapes: 0,
        escapePerUnit: 0,
        escapePerAutoPass: 0,
        escapeUpper: 0.00075,
        liveUpper: 1,
        overkills: 0,
        overkillPerUnit: 0,
        audits: 0,
        transitions: [],
      },
      interventions: { before: 1, after: 1, reduction: 0, interval: [0, 0.0009] },
      warnings: [],
    })),
    curve: { points: [], certified: null },
    live: [],
    drift: { ...e.drift, points: [], alarms: [] },
    worstEscapes: [],
    repeat: { ...e.repeat, certificateHash: null, commit: null },
  };
};

/** Harm was shown and the gate closed; classes were called. */
export const closedEvidence = (): Evidence =>
  withDocument(openEvidence(), (d) => ({
    ...d,
    classes: {
      macroF1: 0.91237,
      perClass: {
        ring: { precision: 0.95, recall: 0.9, f1: 0.9243, units: 100 },
        scratch: { precision: 0.9, recall: 0.95, f1: 0.9243, units: 40 },
      },
      confusion: { ring: { ring: 90, scratch: 10 }, scratch: { ring: 2, scratch: 38 } },
    },
    gate: { ...d.gate, state: 'closed', reason: 'harm: audits found too many bad units', reject: 4.5 },
    stream: {
      ...d.stream,
      escapes: 61,
      escapePerUnit: 0.0123,
      transitions: [...d.stream.transitions, { unit: 3500, from: 'open', to: 'closed', why: 'harm' }],
    },
  }));

const simulatedEvidence = (): Evidence =>
  withDocument(openEvidence(), (d) => ({ ...d, origin: 'simulated' }));

/** Every text that comes from outside tries to break out. */
const hostileEvidence = (): Evidence => {
  const soil = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string')
      return ['specVersion', 'origin', 'state', 'from', 'to', 'contract', 'kind'].includes(key)
        ? value
        : HOSTILE;
    if (Array.isArray(value)) return value.map((x) => soil(x));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([k, v]) => [
          key === 'perClass' || key === 'confusion' ? `${k}${HOSTILE}` : k,
          soil(v, k),
        ]),
      );
    return value;
  };
  return soil(closedEvidence()) as Evidence;
};

export const FIXTURES = {
  open: openEvidence,
  shadow: shadowEvidence,
  closed: closedEvidence,
  simulated: simulatedEvidence,
  hostile: hostileEvidence,
};

/** What a page says, without its tags. */
export const textOf = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
