import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './b1.js';

const folder =
  process.env.SELVEDGE_VECTORS ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const here = existsSync(`${folder}/pool-tiles.csv`);

interface Row {
  readonly perPass: { share: number; se: number; violations: number };
  readonly perUnit: { share: number; violations: number };
  readonly peerBest: { share: number; se: number };
}

describe.skipIf(!here)(`B1 study${here ? '' : ' (score pools are not here)'}`, () => {
  it('is repeatable and not below the peer by more than the noise of a short run', async () => {
    const options = { seed: 1, runs: 8, progress: () => undefined };
    const first = (await run(options)) as { cells: readonly Row[]; paired: boolean };
    expect(first.paired).toBe(false);
    expect(first.cells).toHaveLength(16);
    for (const { perPass, perUnit, peerBest } of first.cells) {
      expect(perPass.share).toBeGreaterThanOrEqual(peerBest.share - 4 * Math.hypot(perPass.se, peerBest.se));
      expect(perUnit.share).toBeGreaterThanOrEqual(perPass.share);
    }
    expect(await run({ ...options, runs: 1 })).toEqual(await run({ ...options, runs: 1 }));
  });
});
