import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replayErrorSchema } from '@selvedge/core/records';
import { expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/selvedge.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'selvedge-check-'));

/** The built program, as a person runs it. */
function check(...args: string[]) {
  return spawnSync(process.execPath, [BIN, 'check', ...args], { encoding: 'utf8', cwd: folder });
}

const SOUND = `site: { id: demo, name: Demo, origin: simulated, timezone: Europe/Berlin }
folder: ./data
listen: { port: 0 }
lines: [{ id: line-1, name: Line 1 }]
connectors: [{ id: cycles, kind: simulator, pack: seat-sewing }]
stations:
  - id: cushion
    name: Cushion
    line: line-1
    observation: { kind: series, channels: [{ name: tension, unit: cN }] }
    choices: [{ label: good, bad: false }, { label: loose, bad: true }]
    input: { connector: cycles }
    model: { recipe: auto }
    takt: { deadlineMs: 1500, otherwise: hold }
    ask: { deadlineMs: 60000 }
retention: { softFloor: 200 MB, hardFloor: 100 MB }
`;

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

it('a good file says what the site would be and what to run next', () => {
  const { status, stdout, stderr } = check(file('good.yaml', SOUND));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toBe(`good.yaml is good.

Demo, figures marked simulated: 1 line, 1 station, 1 connector
  Line 1
    Cushion: series from cycles, a model fitted here on 400 units (auto); call within 1.5 s, answer within 60 s, else hold
  record in data, console at http://127.0.0.1:(any free port)

Next: selvedge site good.yaml
`);
});

it('says where equipment posts its units and what a safety class means', () => {
  const text = SOUND.replace('kind: simulator, pack: seat-sewing', 'kind: http, path: /in/press')
    .replace('deadlineMs: 60000 }', 'deadlineMs: 60000 }\n    gate: { safety: true }')
    .replace(
      'observation: { kind: series, channels: [{ name: tension, unit: cN }] }',
      'observation: { kind: score }',
    )
    .replace('recipe: auto', 'recipe: score');
  expect(check(file('http.yaml', text)).stdout).toContain(
    'Cushion: score from cycles (POST /api/in/press/cushion), its own score; call within 1.5 s, answer within 60 s, else hold; safety: it may stop a unit, never pass one\n',
  );
});

it('every fault is printed at once, with its line and the cure; exit 2', () => {
  const text = SOUND.replace('origin: simulated', 'origin: live')
    .replace('otherwise: hold', 'otherwise: pass')
    .replace('line: line-1', 'line: lin-1');
  const { status, stdout, stderr } = check(file('bad.yaml', text));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    'bad.yaml:1 site.origin: is live, but connectors[0] is a simulator. Write simulated: figures of made-up units are never shown as anything else',
    'bad.yaml:9 stations[0].line: "lin-1" is no id under lines. Did you mean line-1?',
    'bad.yaml:14 stations[0].takt.otherwise: is "pass". Write hold or divert (a unit that nobody decided never passes)',
    '',
    'bad.yaml has 3 faults. Every setting is described in docs/site-config.md',
    '',
  ]);
});

it('what the machine lacks is a fault too, unless the file alone is asked for', () => {
  const name = file('pack.yaml', SOUND.replace('seat-sewing', 'seat-sewings'));
  const { status, stderr } = check(name);
  expect(status).toBe(2);
  expect(stderr).toContain(
    'pack.yaml:5 connectors[0].pack: no pack "seat-sewings" is installed. Write seat-sewing\n',
  );
  const alone = check(name, '--file-only');
  expect(alone.status).toBe(0);
  expect(alone.stdout).toContain('(this machine was not looked at)');
});

it('machines get one document, good or bad', () => {
  const good = check(file('good.yaml', SOUND), '--json');
  expect(good.status).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({
    specVersion: '1',
    ok: true,
    faults: [],
    site: { id: 'demo', origin: 'simulated', stations: [{ id: 'cushion', line: 'line-1', safety: false }] },
  });
  const bad = check(file('bad.yaml', SOUND.replace('pack: seat-sewing', 'path: /x')), '--json');
  expect(bad.status).toBe(2);
  const document = JSON.parse(bad.stdout);
  expect(
    document.faults.map((f: { path: string; line: number; code: string }) => [f.path, f.line, f.code]),
  ).toEqual([
    ['connectors[0].pack', 5, 'missing'],
    ['connectors[0].path', 5, 'unknown-key'],
  ]);
  expect(
    replayErrorSchema.parse({ specVersion: document.specVersion, error: document.error }).error,
  ).toMatchObject({
    code: 'config-faults',
    file: 'bad.yaml',
    line: 5,
  });
});

it('a file that is not there is bad input', () => {
  const { status, stdout, stderr } = check('nothing.yaml', '--json');
  expect(status).toBe(2);
  expect(replayErrorSchema.parse(JSON.parse(stdout)).error.code).toBe('no-config');
  expect(stderr).toBe(
    'selvedge: nothing.yaml cannot be read: there is no such file. Name the YAML file of a site\n',
  );
});
