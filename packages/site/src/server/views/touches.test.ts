import { poissonLower, poissonUpper } from '@selvedge/core';
import { expect, it } from 'vitest';
import { type InterventionRow, touchSums } from './touches.js';

const row = (type: string, verdict: boolean, count: number, seconds: number): InterventionRow => ({
  ...{ type, verdict, count, seconds, per100Good: null, interval: null },
});
const ROWS = [
  row('verdict', true, 40, 200),
  row('audit', true, 5, 25),
  row('tension', false, 3, 60),
  row('stop', false, 1, 30.5),
];

it('sums judgements and everything else apart, each with the exact interval of its count', () => {
  const { others, judgements } = touchSums(ROWS, 50);
  expect(others).toEqual({
    ...{ count: 4, seconds: 90.5, per100Good: 8 },
    interval: [2 * poissonLower(4, 0.025), 2 * poissonUpper(4, 0.025)],
  });
  expect(judgements).toMatchObject({ count: 45, seconds: 225, per100Good: 90 });
});

it('gives no rate where no unit is good, and an upper limit where nobody did anything', () => {
  expect(touchSums(ROWS, 0).others).toEqual({ count: 4, seconds: 90.5, per100Good: null, interval: null });
  const { others } = touchSums([], 200);
  expect(others).toMatchObject({ count: 0, seconds: 0, per100Good: 0 });
  // Garwood (1936): -ln(0.025) events at most, with nothing seen.
  expect(others.interval?.[1]).toBeCloseTo(-Math.log(0.025) / 2, 9);
});
