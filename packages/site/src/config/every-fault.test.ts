import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { childOf, nodeAt, type SchemaNode } from './config-json-schema.js';
import { type Path, pathText } from './fault.js';
import { parseConfig } from './parse-config.js';
import { nearest } from './phrases.js';

const EXAMPLE = readFileSync(new URL('../../../../docs/site.example.yaml', import.meta.url), 'utf8');

/** A plant with every kind of connector and of observation; nothing is wrong with it. */
const GOOD = `
site: { id: plant, name: Plant, origin: simulated, timezone: Etc/UTC, dayStart: "06:00", languages: [en, id] }
folder: /srv/selvedge
listen: { host: 127.0.0.1, port: 8700, trustProxy: [127.0.0.1] }
lines: [{ id: north, name: North }, { id: south-hall, name: South }]
publish: [{ connector: broker, enterprise: Acme }]
connectors:
  - id: plc
    kind: equipment
    speaks: modbus
    tags:
      - { tag: cycle, address: "holding:0", type: uint32, unit: "1", sampleMs: 20 }
      - { tag: part, address: "holding:2", type: string }
      - { tag: force, address: "holding:20", type: float, range: [0, 10] }
      - { tag: verdict, address: "holding:30", type: uint16, access: rw }
      - { tag: total, address: "holding:40", type: uint32, unit: W.h }
      - { tag: setpoint, address: "holding:31", type: float, access: rw }
    writes:
      - { target: verdict, does: dismiss, gates: [press], values: [1, 2, 3, 4] }
      - { target: setpoint, does: adjust, gates: [press], range: [0, 10], maxStep: 1, interlocks: [{ tag: cycle, is: 1 }] }
  - { id: broker, kind: equipment, speaks: mqtt-json, settings: { host: 192.0.2.9 } }
  - { id: camera, kind: folder, path: /srv/camera, watch: true }
  - { id: post, kind: http, path: /in/post, largest: 20 MB }
  - { id: made, kind: simulator, pack: example-pack, seed: 7, unitsPerMinute: 30 }
stations:
  - id: press
    name: Press
    line: north
    observation: { kind: row, columns: [force] }
    model: { recipe: novelty, fitUnits: 400 }
    choices: [{ label: good, bad: false }, { label: bad, bad: true }]
    input: { connector: plc, trigger: cycle, unit: part, row: [force] }
    output: { target: verdict, words: { pass: 1, reject: 2, hold: 3, divert: 4 }, withinMs: 1000 }
    adjust:
      - { target: setpoint, proposal: 5, inForce: setpoint, loss: force, out: force, agreed: force, release: a }
    energy: { connector: plc, tag: total, share: 0.5 }
    live: [{ tag: force, name: Force }]
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000, undoMs: 0 }
  - id: look
    name: Look
    line: south-hall
    observation: { kind: image }
    model: { file: models/look.onnx }
    choices: [{ label: good, bad: false }, { label: scratch, bad: true }]
    input: { connector: camera, pattern: "*.png" }
    takt: { deadlineMs: 800, otherwise: divert }
    ask: { deadlineMs: 30000 }
    gate: { safety: true, expiryDays: 30 }
    doubleReadShare: 0.2
  - id: trace
    name: Trace
    line: south-hall
    observation: { kind: series, channels: [{ name: force, unit: kN }, { name: depth, unit: mm }] }
    model: { recipe: auto }
    choices: [{ label: good, bad: false }, { label: loose, bad: true }, { label: cracked, bad: true }]
    input: { connector: post, stream: trace }
    takt: { deadlineMs: 800, otherwise: divert }
    ask: { deadlineMs: 30000 }
    gate: { plannedUnits: 600 }
    queue: { most: 20 }
  - id: score
    name: Score
    line: north
    observation: { kind: score, direction: lower-worse }
    model: { recipe: score }
    choices: [{ label: good, bad: false }, { label: bad, bad: true }]
    input: { connector: made }
    takt: { deadlineMs: 800, otherwise: divert }
    ask: { deadlineMs: 30000 }
retention: { budgets: { image: 200 GB }, first: [image, map], softFloor: 20 GB, hardFloor: 5 GB }
access:
  address: https://selvedge.plant.example
  sessionHours: 9
  oidc:
    issuer: https://login.plant.example
    clientId: selvedge
    clientSecretEnv: SELVEDGE_OIDC_SECRET
    roles: [{ value: operators, role: operator }, { value: owners, role: owner }]
`;

/** One thing done to the file, and the one thing that has to be said of it. */
interface Wrong {
  readonly name: string;
  /** The place that is changed; no two faults of a file lie at one place or within each other. */
  readonly at: Path;
  readonly code: string;
  /** Where it is told, in the words of the file that is made. */
  readonly told: Path;
  /** Places without which it would be none, or could not be known. */
  readonly needs?: readonly Path[];
  /** What its cure has to name. */
  readonly cure?: string;
  readonly apply: (parent: Record<string | number, unknown>, key: string | number) => void;
}

const set =
  (value: unknown): Wrong['apply'] =>
  (parent, key) => {
    parent[key] = value;
  };

/** Two letters swapped: a slip that is closest to the word itself. */
const slip = (word: string): string => `${word[1]}${word[0]}${word.slice(2)}`;

/** Every fault that one place can have by itself, wherever the schema has a place that the file fills. */
function shapesOf(content: unknown, path: Path = []): Wrong[] {
  const value = path.reduce<unknown>(childOf, content);
  const key = path.at(-1);
  const here: Wrong[] = [];
  const node = nodeAt(path, content);
  const parent = nodeAt(path.slice(0, -1), content);
  if (node === null || parent === null) return [];
  if (typeof key === 'string') {
    const known = Object.keys(parent.properties ?? {});
    const written = Object.keys(path.slice(0, -1).reduce<unknown>(childOf, content) as object);
    const misspelt = slip(key);
    if (nearest(misspelt, known) === key)
      here.push({
        ...{ name: `misspelt ${pathText(path)}`, at: path, cure: key },
        code: /secret/i.test(misspelt) ? 'secret' : 'unknown-key',
        told: [...path.slice(0, -1), misspelt],
        // The order of the keys stays, so that lists read as before.
        apply: (entry) => {
          for (const name of written) {
            const held = entry[name];
            delete entry[name];
            entry[name === key ? misspelt : name] = held;
          }
        },
      });
    if (parent.required?.includes(key))
      here.push({
        ...{ name: `no ${pathText(path)}`, at: path, told: path, code: 'missing' },
        apply: (entry) => {
          delete entry[key];
        },
      });
  }
  if (key !== undefined) {
    const secret = /Env$/.test(String(key));
    here.push({
      ...{ name: `a mapping or a number at ${pathText(path)}`, at: path, told: path },
      code: secret ? 'secret' : 'wrong-value',
      // Of everything but a mapping, and of free settings, a mapping is the wrong type.
      apply: set(takesMapping(node) ? 7 : { nonsense: 1 }),
    });
  }
  const words = (node.enum ?? []).map(String);
  if (typeof value === 'string' && value.length > 3 && nearest(slip(value), words) === value)
    here.push({
      ...{ name: `a slip in ${pathText(path)}`, at: path, told: path, code: 'wrong-value' },
      ...{ cure: `Did you mean ${value}?`, apply: set(slip(value)) },
    });
  if (typeof value !== 'object' || value === null) return here;
  if (!Array.isArray(value) && node.properties)
    here.push({
      ...{ name: `a strange key in ${pathText(path)}`, at: [...path, 'qqqqqqqq'] },
      ...{ told: [...path, 'qqqqqqqq'], code: 'unknown-key', apply: set(1) },
    });
  return [...here, ...Object.keys(value).flatMap((k) => shapesOf(content, [...path, nth(value, k)]))];
}

const nth = (list: object, key: string): string | number => (Array.isArray(list) ? Number(key) : key);
const takesMapping = (node: SchemaNode): boolean => node.type === 'object' || node.oneOf !== undefined;

const each = (list: Path, many: number, name: string): Path[] =>
  Array.from({ length: many }, (_, i) => [...list, i, name]);
const IDS = each(['connectors'], 5, 'id');
const TAGS = [...each(['connectors', 0, 'tags'], 6, 'tag'), ['stations', 0, 'input', 'connector']];
const STATIONS = each(['stations'], 4, 'id');

const across = (
  name: string,
  at: Path,
  value: unknown,
  { code = 'conflict', ...more }: Partial<Pick<Wrong, 'told' | 'cure' | 'code' | 'needs'>>,
): Wrong => ({ name, at, told: at, code, apply: set(value), ...more });

/** Faults that only another place makes. */
const ACROSS: readonly Wrong[] = [
  across('a line that is not there', ['stations', 2, 'line'], 'south-hal', {
    ...{ code: 'unknown-name', cure: 'south-hall', needs: each(['lines'], 2, 'id') },
  }),
  across('a connector that is not there', ['stations', 2, 'input', 'connector'], 'psot', {
    ...{ code: 'unknown-name', cure: 'post', needs: IDS },
  }),
  across('a destination that is not there', ['publish', 0, 'connector'], 'brokr', {
    ...{ code: 'unknown-name', cure: 'broker', needs: IDS },
  }),
  across('a destination of another kind', ['publish', 0, 'connector'], 'camera', { needs: IDS }),
  across('a tag that is not there', ['stations', 0, 'input', 'row', 0], 'forse', {
    ...{ code: 'unknown-name', cure: 'force', needs: [...TAGS, ...IDS] },
  }),
  across('a gate that is not there', ['connectors', 0, 'writes', 1, 'gates', 0], 'pres', {
    ...{ code: 'unknown-name', cure: 'press', needs: STATIONS },
  }),
  across('a meter without energy', ['connectors', 0, 'tags', 4, 'unit'], 'm', {
    ...{
      told: ['stations', 0, 'energy', 'tag'],
      needs: [...TAGS, ['stations', 0, 'energy', 'connector'], ...IDS],
    },
  }),
  across('a label twice', ['stations', 2, 'choices', 2, 'label'], 'loose', {
    ...{ code: 'duplicate', needs: each(['stations', 2, 'choices'], 3, 'label') },
  }),
  across('a bad answer first', ['stations', 1, 'choices', 0, 'bad'], true, {}),
  across('a language twice', ['site', 'languages', 1], 'en', {
    ...{ code: 'duplicate', needs: [['site', 'languages', 0]] },
  }),
  across('floors the wrong way round', ['retention', 'softFloor'], '2 GB', {
    needs: [['retention', 'hardFloor']],
  }),
  across('a simulator on a live site', ['site', 'origin'], 'live', { needs: [['connectors', 4, 'kind']] }),
  across('a gate slower than people', ['stations', 1, 'takt', 'deadlineMs'], 40_000, {
    needs: [['stations', 1, 'ask', 'deadlineMs']],
  }),
  across('a recipe that does not fit', ['stations', 3, 'model', 'recipe'], 'auto', {
    needs: [['stations', 3, 'observation', 'kind']],
  }),
  across('a key of another kind of connector', ['stations', 3, 'input', 'pattern'], '*.png', {
    needs: [['stations', 3, 'input', 'connector'], ...IDS],
  }),
  across('a key of another kind', ['connectors', 4, 'watch'], true, {
    ...{ code: 'unknown-key', needs: [['connectors', 4]] },
  }),
  across('the record in the folder of equipment', ['folder'], '/srv/camera/data', {
    told: ['connectors', 2, 'path'],
  }),
  across('a group with two roles', ['access', 'oidc', 'roles', 1, 'value'], 'operators', {
    ...{ code: 'duplicate', needs: [['access', 'oidc', 'roles', 0, 'value']] },
  }),
  across('a write without a limit', ['connectors', 0, 'writes', 0, 'values'], undefined, {
    told: ['connectors', 0, 'writes', 0, 'range'],
  }),
];

const key = (path: Path): string => JSON.stringify(path).slice(0, -1);
/** True where one place is the other, or lies within it. */
const within = (a: Path, b: Path): boolean =>
  `${key(a)},`.startsWith(`${key(b)},`) || `${key(b)},`.startsWith(`${key(a)},`);

const PARSED: unknown = parse(GOOD);
const ALL: readonly Wrong[] = [...shapesOf(PARSED), ...ACROSS];

const placesOf = ({ at, told, needs = [] }: Wrong): readonly Path[] => [at, told, ...needs];

function independent(chosen: readonly Wrong[]): Wrong[] {
  const taken: Wrong[] = [];
  for (const one of chosen) {
    const apart = (a: Wrong, b: Wrong) =>
      [a.at, a.told].every((place) => placesOf(b).every((other) => !within(place, other)));
    if (taken.every((other) => apart(one, other) && apart(other, one))) taken.push(one);
  }
  return taken;
}

function said(wrongs: readonly Wrong[]): { told: string[]; cures: Map<string, string> } {
  const content: unknown = structuredClone(PARSED);
  // Deepest and last first: a key that is renamed leads nobody astray, nor does an item's place.
  for (const { at, apply } of wrongs.toSorted((a, b) => b.at.length - a.at.length)) {
    const parent = at.slice(0, -1).reduce<unknown>(childOf, content);
    const name = at.at(-1);
    if (typeof parent === 'object' && parent !== null && name !== undefined)
      apply(parent as Record<string | number, unknown>, name);
  }
  const { faults } = parseConfig(JSON.stringify(content), '/srv/conf/site.yaml');
  return {
    told: (faults ?? []).map(({ path, code }) => `${path} ${code}`).toSorted(),
    cures: new Map((faults ?? []).map(({ path, cure }) => [path, cure])),
  };
}

function holds(wrongs: readonly Wrong[]): void {
  const { told, cures } = said(wrongs);
  expect(told).toEqual(wrongs.map(({ told: path, code }) => `${pathText(path)} ${code}`).toSorted());
  for (const { told: path, cure } of wrongs) if (cure) expect(cures.get(pathText(path))).toContain(cure);
}

describe('a file with several faults', () => {
  it('begins from one without any', () => {
    expect(said([]).told).toEqual([]);
    expect(ALL.length).toBeGreaterThan(400);
  });

  it('has each of them told by itself, and nothing that follows from it', () => {
    const failures = ALL.flatMap((one) => {
      try {
        holds([one]);
        return [];
      } catch (error) {
        return [
          `${one.name}: ${JSON.stringify(said([one]).told)} ${String((error as Error).message).split('\n')[0]}`,
        ];
      }
    });
    expect(failures).toEqual([]);
  });

  it('has all of them told at once, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALL), { minLength: 2, maxLength: 12 }), (chosen) => {
        holds(independent(chosen));
      }),
      { seed: 20, numRuns: 200 },
    );
  });

  it.each([
    [
      'behind a wrong kind that is close to one',
      'id: press-2\n    kind: htpp\n    path: /in/Press\n    larges: 2 MB',
      ['connectors[0].kind', 'connectors[0].larges', 'connectors[0].path'],
    ],
    [
      'behind a kind that only the other keys tell',
      'id: press-2\n    kind: rest\n    path: 7\n    largest: 2',
      ['connectors[0].kind', 'connectors[0].largest', 'connectors[0].path'],
    ],
    [
      'behind a misspelt kind, of a misspelt key',
      'id: press-2\n    knid: htpp\n    paht: 7',
      ['connectors[0].knid', 'connectors[0].knid', 'connectors[0].paht', 'connectors[0].paht'],
    ],
  ])('has what stands %s told as well', (_, write, places) => {
    const text = EXAMPLE.replace('id: press-2\n    kind: http\n    path: /in/press-2', write);
    expect(text).not.toBe(EXAMPLE);
    expect((parseConfig(text, '/srv/site.yaml').faults ?? []).map(({ path }) => path).toSorted()).toEqual(
      places,
    );
  });

  it('has what stands in an entry of several possible kinds told, where all of them say it', () => {
    const text = EXAMPLE.replace('kind: series', 'kind: trace').replace('unit: kN', 'unti: kN');
    expect((parseConfig(text, '/srv/site.yaml').faults ?? []).map(({ path }) => path)).toEqual([
      'stations[0].observation.kind',
      'stations[0].observation.channels[0].unti',
    ]);
  });

  it('has what stands in a misspelt section told where it stands', () => {
    const text = EXAMPLE.replace('connectors:', 'conectors:').replace('kind: http', 'kind: htpp');
    expect((parseConfig(text, '/srv/site.yaml').faults ?? []).map(({ path }) => path)).toEqual([
      'conectors',
      'conectors[0].kind',
    ]);
  });
});
