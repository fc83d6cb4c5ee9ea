import type {
  Command,
  CoverContext,
  FinishedCover,
  LineActType,
  PlannedWork,
  StitchSignals,
} from '../line/signals.js';

/**
 * What steers a machine. It sees what a real machine gives and nothing of the truth. Called in this order, cover by
 * cover: `plan`, `startCover`, then `step` before each stitch (and `acted` after a stitch at which a person acted),
 * `endCover`.
 */
export interface Controller {
  /** Planned work before the next cover. */
  plan(next: CoverContext): PlannedWork;
  startCover(context: CoverContext): void;
  /** Fills in what is asked for the next stitch; false = the mechanical guide and the knob do the work. */
  step(signals: StitchSignals, out: Command): boolean;
  /** A person stopped the machine and did this. */
  acted(type: LineActType): void;
  endCover(finished: FinishedCover): void;
}
