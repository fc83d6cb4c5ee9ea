import { expect, it } from 'vitest';
import { faultText } from './fault.js';
import { liveStationOf } from './live-station-of.js';
import { parseConfig } from './parse-config.js';

const PLC = `
    kind: equipment
    speaks: modbus
    settings: { host: 192.0.2.7, port: 502 }
    tags:
      - { tag: cycle, address: "holding:0", type: uint32 }
      - { tag: force, address: "holding:20", type: float }
      - { tag: camera, address: "holding:30", type: string }`;

const file = (connector: string, input: string): string => `
site: { id: plant, name: Plant, origin: live, timezone: Etc/UTC }
folder: /tmp/selvedge-no-such-plant
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors:
  - id: in${connector}
stations:
  - id: press
    name: Press
    line: north
    observation: { kind: pair, channels: [{ name: force, unit: kN }] }
    model: { recipe: auto }
    choices: [{ label: good, bad: false }, { label: bad, bad: true }]
    input: { connector: in${input} }
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000, undoMs: 0 }
`;

const said = (text: string): string =>
  (parseConfig(text, '/srv/site.yaml').faults ?? []).map((fault) => faultText('', fault)).join('\n');

it('a pair comes by HTTP or from equipment, with its channels', () => {
  const { config, faults } = parseConfig(file('\n    kind: http\n    path: /in/x', ''), '/srv/site.yaml');
  expect(faults).toBeNull();
  const [station] = config?.stations ?? [];
  if (!config || !station) throw new Error('no station');
  expect(liveStationOf(station, config).channels).toEqual([{ name: 'force', unit: 'kN' }]);
  expect(said(file(PLC, ', trigger: cycle, unit: cycle, series: [force], picture: camera'))).toBe('');
});

it.each([
  [PLC, ', trigger: cycle, unit: cycle, series: [force]', 'stations[0].input.picture: is missing'],
  [PLC, ', trigger: cycle, unit: cycle, picture: camera', 'stations[0].input.series: is missing'],
  [
    PLC,
    ', trigger: cycle, unit: cycle, row: [force], series: [force], picture: camera',
    'does not fit an observation of kind pair. Write series and picture instead',
  ],
  [
    PLC,
    ', trigger: cycle, unit: cycle, series: [force, force], picture: camera',
    'stations[0].input.series: names 2 tags for 1 channels',
  ],
  ['\n    kind: folder\n    path: /srv/in', '', 'is pair, but a folder brings one file a unit'],
])('a pair that cannot be read is a fault of the file: %s %s', (connector, input, part) => {
  expect(said(file(connector, input))).toContain(part);
});
