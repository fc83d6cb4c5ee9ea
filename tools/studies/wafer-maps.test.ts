import { describe, expect, it } from 'vitest';
import { waferMapsAreHere } from '../studies-kit/wafer-maps-data.js';
import { run } from './wafer-maps.js';

const here = waferMapsAreHere();

interface Cut {
  readonly auc: number;
  readonly macroF1: { readonly value: number };
  readonly escapes: { readonly count: number };
  readonly stream: number;
}

describe.skipIf(!here)(`wafer-map study${here ? '' : ' (the recorded maps are not here)'}`, () => {
  it('calls classes well on every 24th wafer', { timeout: 240_000 }, async () => {
    const result = (await run({ seed: 1, runs: 2, keep: 24, progress: () => undefined })) as {
      cuts: readonly Cut[];
    };
    expect(result.cuts).toHaveLength(2);
    for (const { auc, macroF1 } of result.cuts) {
      expect(auc).toBeGreaterThan(0.98);
      // 750 wafers to learn from, the rarest class with two: well above chance (0.08), below the full set.
      expect(macroF1.value).toBeGreaterThan(0.6);
    }
  });
});
