import { certifyPerPass, certifyPerUnit } from '@selvedge/core';
import { createRandom } from '@selvedge/models';
import type { Bench, Row } from '../bench-kit/row.js';
import { median, millisecondsOf } from '../bench-kit/timing.js';

const UNITS = 100_000;
const WARM_CALLS = 5;
const LIMIT = { atMost: 100 };

export const run: Bench = async ({ progress }) => {
  const random = createRandom(11);
  const bad = Uint8Array.from({ length: UNITS }, () => (random.next() < 0.06 ? 1 : 0));
  const scores = Float64Array.from(bad, (b) => random.normal() + 3 * b);
  const options = { scores, bad, alpha: 0.005, delta: 0.025 };
  const contracts = [
    ['per unit', () => certifyPerUnit(options)],
    ['per pass', () => certifyPerPass(options)],
  ] as const;
  const rows: Row[] = [];
  for (const [name, certify] of contracts) {
    const cold = await millisecondsOf(certify);
    const warm: number[] = [];
    for (let call = 0; call < WARM_CALLS; call++) warm.push(await millisecondsOf(certify));
    const { threshold, k } = certify();
    if (threshold === null) throw new Error(`the certificate ${name} of the bench was refused`);
    const note = `${UNITS} scores, 6 % bad, budget .5 %, seed 11, k ${k}`;
    rows.push(
      { name: `certificate ${name}: warm`, value: median(warm), unit: 'ms', limit: LIMIT, note },
      { name: `certificate ${name}: first call`, value: cold, unit: 'ms', limit: LIMIT },
    );
    progress(rows.length / 4, name);
  }
  return rows;
};
