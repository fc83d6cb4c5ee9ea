import { createRandom } from '@selvedge/models';
import type { SimulatedUnit } from '@selvedge/site';

/** The configuration of a site with one press, four units a second, and short ways for answers. */
export const pressSite = (folder: string): string => `
site: { id: shift, name: Shift plant, origin: simulated, timezone: Etc/UTC, languages: [en, zh, id] }
folder: ${folder}
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors: [{ id: line, kind: simulator, pack: trial, seed: 3, unitsPerMinute: 240 }]
stations:
  - id: press
    name: Press 1
    line: north
    observation: { kind: series, channels: [{ name: force, unit: kN, names: { zh: 压力, id: gaya } }] }
    choices: [{ label: good, bad: false }, { label: crack, bad: true, names: { zh: 裂纹, id: retak } }]
    input: { connector: line }
    model: { recipe: auto }
    takt: { deadlineMs: 2000, otherwise: hold }
    ask: { deadlineMs: 120000, undoMs: 200 }
    queue: { most: 500 }
    # A shift is short: every other automatic pass is audited.
    gate: { auditFloorAccept: 0.5 }
    # The plays of this shift know the truth by the unit's name, which a second read would hide.
    doubleReadShare: 0
retention: { softFloor: 110 MB, hardFloor: 100 MB }
`;
const READINGS = 24;

/** A press; while `hidden`, half of what it makes is bad and nothing that is seen tells. */
export function pressPlant() {
  const plant = { hidden: false, simulate };
  return plant;

  function* simulate(seed: number): Generator<SimulatedUnit> {
    const random = createRandom(seed);
    for (let n = 0; ; n++) {
      const bad = random.next() < (plant.hidden ? 0.5 : 0.1);
      const seen = bad && !plant.hidden;
      const values = Float32Array.from(
        { length: READINGS },
        (_, i) => 10 + random.normal() + (seen && i > 8 && i < 14 ? 8 : 0),
      );
      yield {
        id: `${bad ? 'bad' : 'good'}-${n}`,
        observation: { kind: 'series', values, channels: 1 },
        context: {},
        lot: null,
        sourceAtMs: null,
        label: bad ? 'crack' : 'good',
        bad,
        interventions: [],
      };
    }
  }
}
