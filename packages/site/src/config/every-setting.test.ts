import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LineView, Session } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { ownFolder } from '../../test/access/kit.js';
import { owner, runningSite } from '../../test/running-site.js';
import { selfSigned, writePair } from '../../test/tls-pair.js';
import { openSite } from '../open-site.js';
import { alternatives, configTree, type SchemaNode } from './config-json-schema.js';
import { faultText } from './fault.js';
import { parseConfig } from './parse-config.js';
import type { SiteConfig } from './site-config.js';

/** Every setting that is no section, e.g. `stations[].takt.deadlineMs`. */
function leavesOf(node: SchemaNode, path = ''): string[] {
  const inner = node.type === 'array' && node.items ? node.items : node;
  const here = inner === node ? path : `${path}[]`;
  const properties = [inner, ...(alternatives(inner) ?? [])].flatMap((one) =>
    Object.entries(one.properties ?? {}),
  );
  if (properties.length === 0) return [path];
  return [
    ...new Set(properties.flatMap(([key, child]) => leavesOf(child, here === '' ? key : `${here}.${key}`))),
  ];
}

/** The same content, and every place of it that was read. */
function watched<T extends object>(content: T, read: Set<string>, path = ''): T {
  return new Proxy(content, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof key !== 'string') return value;
      const place = Array.isArray(target)
        ? /^\d+$/.test(key)
          ? `${path}[]`
          : null
        : path === ''
          ? key
          : `${path}.${key}`;
      if (place === null) return value;
      read.add(place);
      return typeof value === 'object' && value !== null ? watched(value, read, place) : value;
    },
  });
}

/** Lists that are handed on whole to who reads them with the first unit or the first person. */
const WHOLE = [
  ...['stations[].choices', 'stations[].observation.channels', 'access.oidc.roles'],
  // Every key of these is held by the tests of the guard and of the connectors.
  ...['connectors[].tags', 'connectors[].writes', 'stations[].adjust', 'stations[].live'],
];
/** What only a check reads: `selvedge check` and every start refuse a file without it where it is needed. */
const CHECKED = ['listen.plaintext'];

/** What a setting of the file is called once it is in force. */
const IN_FORCE: Readonly<Record<string, string>> = {
  'stations[].input.subfolder': 'stations[].input.folder',
  ...Object.fromEntries(
    ['trigger', 'unit', 'series', 'row', 'picture', 'lot', 'context', 'interventions'].map((key) => [
      `stations[].input.${key}`,
      `stations[].input.tags`,
    ]),
  ),
  ...Object.fromEntries(
    ['target', 'withinMs', 'words.pass', 'words.reject', 'words.hold', 'words.divert'].map((key) => [
      `stations[].output.${key}`,
      'stations[].output',
    ]),
  ),
};

const yaml = (folder: string): string => `
site: { id: north, name: North, origin: simulated, dayStart: "05:00", timezone: Etc/UTC, languages: [id, en] }
folder: ${folder}/data
listen:
  host: 127.0.0.1
  port: 0
  tls: { certificate: ${folder}/site.crt, key: ${folder}/site.key }
  trustProxy: [192.0.2.1]
lines: [{ id: one, name: One }]
publish: [{ connector: plc, enterprise: E, area: a, kinds: [decided] }]
connectors:
  - { id: press, kind: http, path: /in/press, largest: 1 MB }
  - { id: camera, kind: folder, path: ${folder}/camera, watch: true }
  - { id: made, kind: simulator, pack: nothing, seed: 7, unitsPerMinute: 1 }
  - id: plc
    kind: equipment
    speaks: no-such-protocol
    settings: { endpoint: nowhere }
    tags: [{ tag: cycle, address: a, type: int32, unit: W.h }, { tag: call, address: b, type: string, access: rw }]
    writes: [{ target: call, does: dismiss, gates: [cells], values: [x] }]
stations:
  - id: cells
    name: Cells
    line: one
    observation: { kind: row, columns: [a] }
    choices: [{ label: good, bad: false }, { label: bad, bad: true }]
    input: { connector: plc, trigger: cycle, unit: cycle, row: [cycle], context: [cycle] }
    output: { target: call }
    energy: { connector: plc, tag: cycle, share: 0.5, mostWatt: 10, limit: 100 }
    model: { recipe: novelty }
    takt: { deadlineMs: 1000, otherwise: divert }
    ask: { deadlineMs: 50000, undoMs: 10 }
  - &first
    id: rows
    name: Rows
    line: one
    part: a part
    observation: { kind: row, columns: [a, b] }
    choices: &choices [{ label: good, bad: false }, { label: bad, bad: true }]
    input: { connector: press, stream: rows }
    model: { recipe: novelty, fitUnits: 20 }
    takt: &takt { deadlineMs: 1000, otherwise: divert }
    ask: &ask { deadlineMs: 50000, undoMs: 10 }
    gate: { safety: true, plannedUnits: 600, auditFloorAccept: 0.03, auditFloorReject: 0.04, weightedAudits: false, overdueMs: 60000, expiryDays: 30 }
    queue: { most: 10 }
    doubleReadShare: 0.2
    learn: { extraPerHour: 5, wattsPerCore: 12 }
    applicants:
      - { kind: file, name: A, file: ${folder}/a.onnx, manifest: ${folder}/a.json }
      - { kind: open-inference, name: B, url: "http://127.0.0.1:9", model: b, version: "1", tokenSecret: A_TOKEN }
      - { kind: language, name: C, url: "http://127.0.0.1:9", model: c, prompt: p, tokenSecret: A_TOKEN, timeoutMs: 1000 }
    seedShare: 0.1
  - id: scores
    name: Scores
    line: one
    observation: { kind: score, direction: lower-worse }
    choices: *choices
    input: { connector: press, stream: scores }
    model: { recipe: score }
    takt: *takt
    ask: *ask
  - id: pictures
    name: Pictures
    line: one
    observation: { kind: image }
    choices: *choices
    input: { connector: camera, subfolder: top, pattern: "*.png", frame: 'cam_(d+)' }
    model: { file: ${folder}/none.onnx, manifest: ${folder}/none.json }
    takt: *takt
    ask: *ask
  - id: traces
    name: Traces
    line: one
    observation: { kind: series, channels: [{ name: force, unit: kN }] }
    choices: *choices
    input: { connector: made }
    model: { recipe: auto }
    takt: *takt
    ask: *ask
interventions: [{ type: clean-lens, names: { en: lens cleaned, zh: 清洁镜头, id: lensa dibersihkan } }]
retention:
  budgets: { image: 1 GB, series: 1 GB, map: 1 GB, row: 1 GB }
  first: [image]
  softFloor: 110 MB
  hardFloor: 100 MB
access:
  address: https://plant.example
  sessionHours: 9
  passkeys: false
  oidc:
    issuer: https://login.plant.example
    name: Plant
    clientId: selvedge
    clientSecretFile: ${folder}/secret
    scopes: [openid]
    rolesClaim: groups
    roles: [{ value: a, role: operator }]
    clockSkewSeconds: 10
`;

async function readBy(config: SiteConfig): Promise<Set<string>> {
  const read = new Set<string>();
  const site = await openSite({
    config: watched(config, read),
    // Breaks at once: what it would have been told is read by then.
    simulators: new Map([
      [
        'nothing',
        () => {
          throw new Error('makes nothing');
        },
      ],
    ]),
    consoleFolder: null,
    version: 'test',
    env: { SELVEDGE_SECRET: 'x' },
  });
  await site.close();
  return read;
}

const parsed = (text: string, folder: string): SiteConfig => {
  const { config, faults } = parseConfig(text, join(folder, 'site.yaml'));
  if (faults !== null) throw new Error(faults.map((fault) => faultText('', fault)).join('\n'));
  return config;
};

describe('every setting', () => {
  it('is read by a site that starts', async () => {
    const folder = await ownFolder();
    await mkdir(join(folder, 'camera', 'top'), { recursive: true });
    await writePair(folder, selfSigned('plant.example'));
    await writeFile(join(folder, 'secret'), 'x', { mode: 0o600 });
    const read = await readBy(parsed(yaml(folder), folder));
    const env = await readBy(
      parsed(
        yaml(folder)
          .replace(/clientSecretFile: .*/, 'clientSecretEnv: SELVEDGE_SECRET')
          .replace('folder: ', 'folder: ./again/'),
        folder,
      ),
    );
    const leaves = leavesOf(configTree());
    expect(leaves.length).toBeGreaterThan(60);
    const unread = (those: readonly string[]) =>
      those.filter((leaf) => {
        const place = IN_FORCE[leaf] ?? WHOLE.find((list) => leaf.startsWith(`${list}[].`)) ?? leaf;
        return !read.has(place) && !env.has(place) && !CHECKED.includes(place);
      });
    expect(unread(leaves)).toEqual([]);
    // One that nobody reads would be found.
    const more = { properties: { site: { properties: { colour: { type: 'string' } } } } };
    expect(unread([...leaves, ...leavesOf(more)])).toEqual(['site.colour']);
  });

  it('that is a proposal or a choice reaches who looks: planned units, languages, ways to sign in', async () => {
    const { site, address } = await runningSite(undefined, {
      station: `
    observation: { kind: score }
    model: { recipe: score }
    gate: { plannedUnits: 600 }`,
      access: `access: { passkeys: false }
interventions: [{ type: clean-lens, names: { zh: 清洁镜头 } }]`,
    });
    const ada = await owner(site);
    const line = (await (await ada.get('/api/line')).json()) as LineView;
    expect(line.stations[0]).toMatchObject({ proposedUnits: 600, evidence: { planned: null } });
    const session = (await (await fetch(`${address}/api/session`)).json()) as Session;
    expect([session.languages, session.ways]).toEqual([['en'], { passkey: false, oidc: null }]);
    // Words of the plant are for whoever is signed in.
    expect([session.words, session.interventions]).toEqual([{}, []]);
    const known = (await (await ada.get('/api/session')).json()) as Session;
    expect([known.words, known.interventions]).toEqual([
      { 'clean-lens': { zh: '清洁镜头' } },
      ['clean-lens'],
    ]);
    expect((await ada.get('/api/passkeys')).status).toBe(404);
    expect((await fetch(`${address}/api/sign-in/oidc`)).status).toBe(404);
  });
});
