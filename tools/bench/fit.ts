import { createRandom, type FitUnit, fitModel } from '@selvedge/models';
import type { Bench } from '../bench-kit/row.js';
import { peakMegabytes } from '../bench-kit/timing.js';

const UNITS = 1800;
const LENGTH = 86;

/** Slow waves with noise; 6 % have a dip of six samples somewhere, deep enough to be seen by some features only. */
function seriesUnits(seed: number): FitUnit[] {
  const random = createRandom(seed);
  return Array.from({ length: UNITS }, (_, i) => {
    const weak = random.next() < 0.06;
    const from = random.below(LENGTH - 6);
    const phase = 6 * random.next();
    const values = Float32Array.from(
      { length: LENGTH },
      (_, k) =>
        5 +
        0.4 * Math.sin(k / 9 + phase) +
        0.3 * random.normal() -
        (weak && k >= from && k < from + 6 ? 1.2 : 0),
    );
    return {
      id: `s${i}`,
      label: weak ? 'weak' : 'good',
      observation: { kind: 'series', channels: 1, values },
    };
  });
}

export const run: Bench = async ({ progress }) => {
  const units = seriesUnits(9);
  const from = performance.now();
  const model = await fitModel(units, { recipe: 'supervised', seed: 1, progress });
  const seconds = (performance.now() - from) / 1000;
  const bad = units.filter((unit) => unit.label !== 'good').length;
  return [
    {
      name: 'fit: supervised on 1,800 series of 86 values',
      value: seconds,
      unit: 's',
      limit: { atMost: 5 },
      note: `first fit of the process, ${bad} bad, generated with seed 9; ${model.name}`,
    },
    { name: 'fit: peak memory of the process', value: peakMegabytes(), unit: 'MB' },
  ];
};
