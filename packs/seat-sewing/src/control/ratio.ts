import type { CoverContext, StitchSignals } from '../line/signals.js';
import { prior } from '../priors.js';

/** Memory of the lock point and of the height, in stitches. */
const LOCK_MEMORY = 80;
const HEIGHT_MEMORY = 80;
/** Stitches at either end that may be back-tack, and stitches before the lock point is known after a restart. */
const ENDS = prior('backTackStitches') + 1;
const KNOWN_AFTER = 60;
/** A stitch that takes less than this share of the running mean was skipped or is broken: it says nothing. */
const SOUND = 0.7;

/**
 * Where the threads lock, from thread consumption against the plies under the foot: a stitch of length l through
 * height h draws l + 2 h (1 - z) of needle thread (class 301).
 */
export class RatioEstimator {
  #lock = 0.5;
  #n = 0;
  #height = prior('plyThickness') * prior('seamPlies');
  #drawn = 0;
  #stitches = 0;

  /** 0..1 of the thickness. */
  get lock(): number {
    return this.#lock;
  }

  get known(): boolean {
    return this.#n >= KNOWN_AFTER;
  }

  /** mm, running mean of the seam's own plies. */
  get height(): number {
    return this.#height;
  }

  startCover(context: CoverContext): void {
    this.#stitches = context.stitches;
  }

  /** Another tension from here on. */
  restart(): void {
    this.#n = 0;
  }

  add({ stitch, consumption, footHeight }: StitchSignals): void {
    const sewn = stitch - 1;
    if (sewn < ENDS || sewn >= this.#stitches - ENDS) return;
    // Thicker is a cross seam, thinner is off the edge.
    if (footHeight > 1.4 * this.#height || footHeight < 0.75 * this.#height) return;
    this.#height += (footHeight - this.#height) / HEIGHT_MEMORY;
    if (this.#drawn > 0 && consumption < SOUND * this.#drawn) return;
    this.#drawn = this.#drawn === 0 ? consumption : this.#drawn + (consumption - this.#drawn) / LOCK_MEMORY;
    const lock = 1 - (consumption - prior('stitchLength')) / (2 * this.#height);
    this.#n++;
    this.#lock += (lock - this.#lock) / Math.min(LOCK_MEMORY, this.#n + 1);
  }
}
