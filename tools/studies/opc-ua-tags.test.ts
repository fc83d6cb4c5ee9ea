import { expect, test } from 'vitest';
import { run } from './opc-ua-tags.js';

test('a short run of the study of many tags counts values of every tag, and none is missing', async () => {
  const shares: number[] = [];
  const result = await run({ seed: 1, runs: 0.1, tags: 200, progress: (done) => shares.push(done) });
  expect(result).toMatchObject({
    ...{ tags: 200, tagsSeen: 200, missing: 0, repeated: 0, notGood: 0, gapsTold: 0, epochs: 1, notUp: 0 },
    reached: true,
  });
  const { values, written, last } = result as { values: number; written: number; last: number[] };
  expect(last).toEqual([written, written]);
  expect(values).toBeGreaterThan(200 * 30);
});
