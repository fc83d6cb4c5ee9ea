import { prior } from '../priors.js';
import type { Controller } from './controller.js';
import { dueByCount } from './planned-work.js';

/** The passive baseline: a mechanical edge guide, a knob, and changes by count. */
export const guideController = (): Controller => ({
  plan: (next) =>
    dueByCount(next, { bobbinReserve: prior('bobbinReserve'), needleStitches: prior('needleLife') }),
  startCover: () => undefined,
  step: () => false,
  acted: () => undefined,
  endCover: () => undefined,
});
