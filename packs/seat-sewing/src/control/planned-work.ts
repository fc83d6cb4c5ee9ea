import type { CoverContext, PlannedWork } from '../line/signals.js';
import { prior } from '../priors.js';

/** Bobbin and needle by the machine's own counters. */
export const dueByCount = (
  next: CoverContext,
  { bobbinReserve, needleStitches }: { readonly bobbinReserve: number; readonly needleStitches: number },
): PlannedWork => ({
  bobbin: next.bobbinStitches + next.stitches > prior('bobbinStitches') * (1 - bobbinReserve),
  needle: next.needleStitches >= needleStitches,
});
