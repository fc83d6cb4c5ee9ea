import { describe, expect, it } from 'vitest';
import { SEAM_STITCHES } from '../line/line-machine.js';
import type { CoverContext, StitchSignals } from '../line/signals.js';
import { prior } from '../priors.js';
import { threadOfStitch } from '../thread.js';
import { RatioEstimator } from './ratio.js';

const context = { stitches: SEAM_STITCHES } as CoverContext;
const height = prior('plyThickness') * prior('seamPlies');

/** A cover whose threads lock at `lock` throughout, as exact feelers see it. */
function sew(estimator: RatioEstimator, lock: number): void {
  estimator.startCover(context);
  const consumption = threadOfStitch(prior('stitchLength'), height, lock);
  for (let stitch = 1; stitch <= SEAM_STITCHES; stitch++)
    estimator.add({ stitch, consumption, footHeight: height } as StitchSignals);
}

describe('where the threads lock', () => {
  it('is measured in the stretches of the cover itself, not of the one before', () => {
    const estimator = new RatioEstimator();
    sew(estimator, 0.4);
    sew(estimator, 0.58);
    expect(estimator.lockOff).toHaveLength(4);
    for (const off of estimator.lockOff) expect(off).toBeCloseTo(0.08, 6);
  });
  it('moves with what a verdict of a person tells about the feelers', () => {
    const estimator = new RatioEstimator();
    sew(estimator, 0.5);
    estimator.calibrate('tight');
    expect(estimator.lockOff[0]).toBeGreaterThan(0.01);
  });
});
