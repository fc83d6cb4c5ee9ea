import { LINE_GROUP, LINE_NAMESPACE, type LineTag, machineTags, TRACES } from '@selvedge/pack-seat-sewing';

/** Where a line is, and where its site keeps what it knows. */
export interface SewingSite {
  readonly plant: 'a' | 'b';
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly opcUa: string;
  readonly mqttUrl: string;
  readonly mqttVersion: 4 | 5;
  readonly modbusPort: number;
  /** ONNX file with its manifest beside it; null: the sites fits one to the first units that people have judged. */
  readonly model: string | null;
  readonly askMs: number;
}

export const STATIONS = {
  'top-stitch-1': { connector: 'machine-1', machine: 'm1', place: 'seam' },
  'top-stitch-2': { connector: 'machine-2', machine: 'm2', place: 'seam' },
  'tear-seam-1': { connector: 'machine-1', machine: 'm1', place: 'tear' },
} as const;
export type StationName = keyof typeof STATIONS;

/** The good answer first. What a machine's truth calls otherwise is one of these to a reader. */
export const CHOICES = ['good', 'skip', 'broken', 'tension', 'off-line', 'other'] as const;

/** What a reader calls a seam of this truth. */
export const choiceOf = (label: string): (typeof CHOICES)[number] => {
  if (label === 'loose' || label === 'tight') return 'tension';
  return CHOICES.find((choice) => choice === label) ?? 'other';
};

/** Owner's words for the demo: wide, so that two minutes can show something. Stated wherever a figure is shown. */
export const DEMO_TERMS = {
  escapeRate: 0.05,
  confidence: 0.8,
  plannedUnits: 60,
  alpha: 0.25,
  coinEvery: 6,
} as const;

const COMMISSIONING_MS = 120_000;

/** What the pack has no names for: answers and traces, by the word as the record keeps it. */
const NAMES: Readonly<Record<string, { readonly en?: string; readonly zh: string; readonly id: string }>> = {
  tension: { zh: '张力', id: 'tegangan' },
  consumption: { zh: '用线', id: 'pemakaian' },
  torque: { zh: '扭矩', id: 'torsi' },
  'foot-height': { en: 'foot height', zh: '压脚高度', id: 'tinggi sepatu' },
  offset: { zh: '偏移', id: 'simpangan' },
};
const named = <K extends string>(key: K, word: string) =>
  ({ [key]: word, ...(NAMES[word] === undefined ? {} : { names: NAMES[word] }) }) as Record<K, string>;

/** Address of the SunSpec model 203 behind the common block. */
const METER = 40_070;

/** The configuration of a site beside a sewing line, as a file (JSON, which is YAML too). */
export function sewingSite(site: SewingSite): string {
  const { plant, name, folder, port, model, askMs } = site;
  const station = (id: StationName, title: string) => {
    const { connector, machine, place } = STATIONS[id];
    const at = (tag: string): string => `${machine}/${tag}`;
    const safety = place === 'tear';
    const adjusted = (setting: string, target: string, proposal: string | number) => ({
      ...{ target: at(target), proposal, inForce: at(`${setting}/in-force`), loss: at(`${setting}/loss`) },
      ...{ out: at(`${setting}/out`), agreed: at(`${setting}/agreed`), release: 'adviser-1' },
      ...{ alpha: DEMO_TERMS.alpha, confidence: DEMO_TERMS.confidence, coinEvery: DEMO_TERMS.coinEvery },
    });
    return {
      ...{ id, name: title, line: 'seats', part: safety ? 'airbag tear seam' : 'cushion' },
      observation: {
        kind: 'pair',
        channels: TRACES.map((trace, i) => ({
          ...named('name', trace),
          unit: ['mm', 'cN', 'N cm', 'mm', 'mm'][i] ?? '1',
        })),
      },
      choices: CHOICES.map((label) => ({ ...named('label', label), bad: label !== 'good' })),
      input: {
        ...{ connector, trigger: at(`${place}/cycle`), unit: at(`${place}/unit`), lot: at(`${place}/hide`) },
        series: TRACES.map((trace) => at(`${place}/${trace}`)),
        picture: at(`${place}/picture`),
        context: [at(`${place}/part`), at(`${place}/thread-lot`), at(`${place}/spool`)],
        interventions: at(`${place}/interventions`),
      },
      output: { target: at(`${place}/verdict`) },
      ...(model === null ? { model: { recipe: 'supervised', fitUnits: 100 } } : { model: { file: model } }),
      takt: { deadlineMs: 2000, otherwise: 'hold' },
      ask: { deadlineMs: askMs, undoMs: 0 },
      gate: { plannedUnits: DEMO_TERMS.plannedUnits, safety },
      doubleReadShare: 0,
      energy: { connector: 'meter', tag: 'meter/energy', share: 0.5, mostWatt: 1_000_000 },
      ...(safety
        ? {}
        : {
            live: [
              { tag: at('live/offset'), name: 'Offset of the seam so far' },
              { tag: at('live/tension'), name: 'Tension of the needle thread' },
            ],
            adjust: [
              adjusted('steering', 'steering/share', 1),
              adjusted('tension', 'tension/trim', at('tension/proposal')),
            ],
          }),
    };
  };
  const config = {
    site: {
      ...{ id: `plant-${plant}`, name, origin: 'simulated', timezone: 'Etc/UTC' },
      languages: ['en', 'zh', 'id'],
    },
    folder,
    listen: { port },
    lines: [{ id: 'seats', name: 'Seat covers' }],
    connectors: [opcUa(site), sparkplug(site), meter(site)],
    stations: [
      station('top-stitch-1', 'Top-stitch, machine 1'),
      station('top-stitch-2', 'Top-stitch, machine 2'),
      station('tear-seam-1', 'Airbag tear seam, machine 1'),
    ],
    retention: { softFloor: '110 MB', hardFloor: '100 MB' },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function opcUa({ opcUa: endpoint }: SewingSite) {
  return {
    ...{ id: 'machine-1', kind: 'equipment', speaks: 'opc-ua' },
    settings: {
      // Signed and encrypted; each side trusts the first that it meets in its commissioning window.
      ...{ endpoint, security: 'Basic256Sha256', mode: 'SignAndEncrypt', publishMs: 50 },
      ...{ sampling: 'every-change', longestPauseMs: 500 },
      commissioning: { untilMs: Date.now() + COMMISSIONING_MS },
    },
    tags: tagsOf('m1', machineTags({ safety: true }), (tag) => `nsu=${LINE_NAMESPACE};s=${tag}`),
    writes: writesOf('m1', { 'top-stitch-1': 'seam', 'tear-seam-1': 'tear' }),
  };
}

function sparkplug({ plant, mqttUrl, mqttVersion }: SewingSite) {
  return {
    ...{ id: 'machine-2', kind: 'equipment', speaks: 'sparkplug' },
    settings: {
      broker: { urls: [mqttUrl], version: mqttVersion, firstPauseMs: 200, longestPauseMs: 2000 },
      ...{ hostId: `selvedge-${plant}`, groups: [LINE_GROUP], firstRebirthMs: 500 },
    },
    tags: tagsOf('m2', machineTags({ safety: false }), (tag) => `${LINE_GROUP}/${plant}/m2/${tag}`),
    writes: writesOf('m2', { 'top-stitch-2': 'seam' }),
  };
}

function meter({ modbusPort }: SewingSite) {
  const tag = (name: string, address: string, type: string, unit: string) => ({
    ...{ tag: `meter/${name}`, address, type, unit, sampleMs: 500 },
  });
  return {
    ...{
      id: 'meter',
      kind: 'equipment',
      speaks: 'modbus',
      settings: { host: '127.0.0.1', port: modbusPort },
    },
    tags: [
      tag('power', `h:${METER + 18}!8000`, 'int16', 'W'),
      tag('energy', `h:${METER + 46}`, 'uint32', 'W.h'),
    ],
  };
}

const tagsOf = (machine: string, tags: readonly LineTag[], addressOf: (tag: string) => string) =>
  tags.map(({ tag, type, array, unit, range, writable }) => ({
    ...{ tag: `${machine}/${tag}`, address: addressOf(tag), type, sampleMs: 50 },
    ...(array ? { array } : {}),
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    ...(writable ? { access: 'rw' } : {}),
  }));

function writesOf(machine: string, places: Readonly<Partial<Record<StationName, string>>>) {
  const seams = Object.entries(places).filter(([, place]) => place === 'seam');
  const gates = seams.map(([id]) => id);
  const setting = (target: string, range: readonly [number, number], maxStep: number) => ({
    ...{ target: `${machine}/${target}`, does: 'adjust', gates, range, maxStep, readBackMs: 1000 },
  });
  return [
    ...Object.entries(places).map(([id, place]) => ({
      ...{ target: `${machine}/${place}/verdict`, does: 'dismiss', gates: [id], readBackMs: 1000 },
      pattern: '[ab]\\d+-m\\d-\\d+ (pass|reject|hold|divert)',
    })),
    setting('steering/share', [0, 1], 1),
    setting('tension/trim', [-40, 40], 40),
  ];
}
