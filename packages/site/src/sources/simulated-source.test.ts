import { expect, it } from 'vitest';
import { liveLine } from '../../test/live-line.js';
import { type Simulate, SimulatedSource } from './simulated-source.js';

/** Units one after the other, half a ms of work each. */
const simulate: Simulate = function* () {
  for (let n = 0; ; n += 1) {
    for (const until = performance.now() + 0.5; performance.now() < until; );
    yield {
      id: `unit-${n}`,
      observation: { kind: 'row', values: Float64Array.of(0) },
      ...{ context: {}, lot: null, sourceAtMs: null, label: 'good', bad: false, interventions: [] },
    };
  }
};

it('a simulated line comes back to where it stopped, says how far it is, and holds nothing up meanwhile', async () => {
  const line = await liveLine();
  for (let n = 0; n < 100; n += 1) await line.arrive(`unit-${n + 1500}`, 0);
  const told: number[] = [];
  let longest = 0;
  let before = performance.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, performance.now() - before);
    before = performance.now();
  }, 1);
  const from = performance.now();
  const source = await SimulatedSource.open({
    ...{ ...line, live: { secrets: line.secrets }, simulate, seed: 1, unitsPerMinute: 6000 },
    ...{ past: { fit: 1500, shadow: 0 }, recipe: 'auto', escapeRate: 0.005 },
    readers: { afterMs: 1e9, missRate: 0 },
    progress: (done, what) => {
      expect(what).toBe('bringing the simulated line to where it stopped');
      told.push(done);
    },
    log: () => {},
  });
  clearInterval(pulse);
  // 1,600 units in one go would be the whole of it.
  expect(longest).toBeLessThan((performance.now() - from) / 3);
  expect(told[0]).toBe(0);
  expect(told.length).toBeGreaterThan(20);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  source.start();
  await expect.poll(() => line.kinds('unit-1600').length, { timeout: 20_000 }).toBeGreaterThan(0);
  source.stop();
  expect(line.kinds('unit-0')).toEqual([]);
});
