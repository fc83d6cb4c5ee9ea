import { expect, it } from 'vitest';
import { faultText } from './fault.js';
import { parseConfig } from './parse-config.js';

const station = (id: string, choices: string) => `
  - id: ${id}
    name: ${id}
    line: one
    observation: { kind: score }
    choices: [{ label: good, bad: false }, ${choices}]
    input: { connector: press, stream: ${id} }
    model: { recipe: score }
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000 }`;
const faultsOf = (first: string, second: string, acts = '[]') =>
  (
    parseConfig(
      `
site: { id: north, name: North, origin: live, timezone: Etc/UTC }
folder: ./data
lines: [{ id: one, name: One }]
connectors: [{ id: press, kind: http, path: /in/press }]
interventions: ${acts}
stations:${station('left', first)}${station('right', second)}
`,
      '/plant/site.yaml',
    ).faults ?? []
  ).map((fault) => faultText('', fault).replace(/^:\d+ /, ''));

const CRACK = '{ label: crack, bad: true, names: { zh: 裂纹, id: retak } }';

it('a word may have its name at every place where it stands', () => {
  expect(faultsOf(CRACK, CRACK, '[{ type: clean, names: { zh: 清洁 } }]')).toEqual([]);
});

it('a word has one name in a language', () => {
  expect(faultsOf(CRACK, '{ label: crack, bad: true, names: { zh: 裂缝 } }')).toEqual([
    'stations[1].choices[1].names.zh: calls "crack" "裂缝", and stations[0].choices[1].names.zh calls it "裂纹". Give one word one name',
  ]);
});

it('no two answers of a station read alike in any language', () => {
  expect(faultsOf(`${CRACK}, { label: split, bad: true, names: { zh: 裂纹 } }`, CRACK)).toEqual([
    'stations[0].choices[2].names.zh: is "裂纹", as "crack" is called too. Write names that nobody mixes up',
  ]);
  expect(
    faultsOf(
      `{ label: crack, bad: true, names: { id: burr } }, { label: burr, bad: true }`,
      '{ label: dent, bad: true }',
    ),
  ).toEqual([
    'stations[0].choices[1].names.id: is "burr", as "burr" is called too. Write names that nobody mixes up',
  ]);
});

it('a kind of intervention is named once', () => {
  expect(faultsOf(CRACK, CRACK, '[{ type: clean }, { type: clean }]')).toEqual([
    'interventions[1].type: "clean" is the type of interventions[0] already. Give each its own type',
  ]);
});
