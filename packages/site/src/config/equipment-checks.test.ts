import { describe, expect, it } from 'vitest';
import { checkSurroundings } from './check-surroundings.js';
import { faultText } from './fault.js';
import { parseConfig } from './parse-config.js';

const GOOD = `
site: { id: plant, name: Plant, origin: live, timezone: Etc/UTC }
folder: /tmp/selvedge-no-such-plant
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors:
  - id: plc
    kind: equipment
    speaks: modbus
    settings: { host: 192.0.2.7, port: 502 }
    tags:
      - { tag: cycle, address: "holding:0", type: uint32 }
      - { tag: unit, address: "holding:2", type: string }
      - { tag: force, address: "holding:20", type: float }
      - { tag: call, address: "holding:30", type: uint16, access: rw }
      - { tag: total, address: "holding:40", type: uint32, unit: W.h }
      - { tag: setpoint, address: "holding:31", type: float, access: rw }
    writes:
      - { target: call, does: dismiss, gates: [press], values: [1, 2, 3, 4] }
      - { target: setpoint, does: adjust, gates: [press], range: [0, 10], maxStep: 1 }
stations:
  - id: press
    name: Press
    line: north
    observation: { kind: row, columns: [force] }
    model: { recipe: novelty }
    choices: [{ label: good, bad: false }, { label: bad, bad: true }]
    input: { connector: plc, trigger: cycle, unit: unit, row: [force] }
    output: { target: call, words: { pass: 1, reject: 2, hold: 3, divert: 4 } }
    adjust:
      - { target: setpoint, proposal: 5, inForce: setpoint, loss: force, out: force, agreed: force, release: a }
    energy: { connector: plc, tag: total }
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000, undoMs: 0 }
`;

const said = (text: string): string[] =>
  (parseConfig(text, '/srv/site.yaml').faults ?? []).map((fault) => faultText('', fault));

describe('equipment in a configuration', () => {
  it('is fit to be used', () => {
    expect(said(GOOD)).toEqual([]);
  });

  it.each([
    [
      'row: [force]',
      'row: [forse]',
      'stations[0].input.row[0]: "forse" is no tag of plc. Did you mean force?',
    ],
    ['row: [force]', 'row: [force, unit]', 'stations[0].input.row: names 2 tags for 1 columns'],
    [', row: [force] }', ' }', 'stations[0].input.row: is missing'],
    ['row: [force] }', 'series: [force] }', 'does not fit an observation of kind row'],
    ['trigger: cycle, ', '', 'stations[0].input.trigger: is missing'],
    ['{ target: call, words', '{ target: unit, words', '"unit" may not be written'],
    [
      'gates: [press], values',
      'gates: [pres], values',
      '"pres" is no id under stations. Did you mean press?',
    ],
    ['type: uint16, access: rw', 'type: uint16', 'may be written, but its tag is read only'],
    ['- { target: setpoint, does: adjust', '- { target: setpoint, does: act', 'may not be adjusted'],
    [
      ', range: [0, 10], maxStep: 1',
      ', range: [0, 10]',
      'A setting that is adjusted needs range and maxStep',
    ],
    [', range: [0, 10], maxStep: 1', ', range: [10, 0], maxStep: 1', 'writes[1].range'],
    [', values: [1, 2, 3, 4]', '', 'Write range: [least, most] for a number'],
    ['does: dismiss', 'does: dismiss, safety: true', 'Write add-stop: no model may do more there'],
    ['unit: W.h', 'unit: V', 'stations[0].energy.tag: is counted in V'],
    ['plc, tag: total', 'plk, tag: total', '"plk" is no connector of kind equipment. Write plc'],
    ['plc, tag: total', 'plc, tag: totl', '"totl" is no tag of plc. Did you mean total?'],
    ['loss: force', 'loss: forze', '"forze" is no tag of plc'],
    ['tag: unit, address', 'tag: cycle, address', '"cycle" is the tag of connectors[0].tags[0] already'],
  ])('is told where %s becomes %s', (find, write, part) => {
    const text = GOOD.replace(find, write);
    expect(text).not.toBe(GOOD);
    expect(said(text).join('\n')).toContain(part);
  });

  it('has settings that the connector itself looks at', async () => {
    const faults = async (edit: (text: string) => string): Promise<string> => {
      const { config, lineOf } = parseConfig(edit(GOOD), '/tmp/site.yaml') as Extract<
        ReturnType<typeof parseConfig>,
        { faults: null }
      >;
      const found = await checkSurroundings(config, {
        lineOf,
        disk: async () => ({ free: 1e12, all: 2e12 }),
      });
      return found.map((fault) => faultText('', fault)).join('\n');
    };
    expect(await faults((text) => text)).toBe('');
    expect(await faults((text) => text.replace('port: 502', 'port: none'))).toContain(
      'connectors[0].settings.port',
    );
    expect(await faults((text) => text.replace('speaks: modbus', 'speaks: mobdus'))).toContain(
      'no connector mobdus: neither one of opc-ua, sparkplug, mqtt-json, modbus nor a module that loads',
    );
  });
});
