import type { CoverContext, StitchSignals } from '../line/signals.js';
import { prior } from '../priors.js';

/** Memory of the lock point and of the height, in stitches. */
const LOCK_MEMORY = 80;
const HEIGHT_MEMORY = 80;
/** Stitches at either end that may be back-tack, and stitches before the lock point is known after a restart. */
const ENDS = prior('backTackStitches') + 1;
const KNOWN_AFTER = 60;
/** How far beyond the tolerance a seam that is called tight or loose stands on average, and how fast such calls teach. */
const EDGE = 0.02;
const LEARN = 0.2;
/** Stitches whose lock points are averaged into one measurement of the finished seam. */
const STRETCH = 60;
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
  #bias = 0;
  #most = 0;
  #least = 1;
  #stretch = { sum: 0, n: 0 };
  #stretches: number[] = [];

  /** 0..1 of the thickness. */
  get lock(): number {
    return this.#lock - this.#bias;
  }

  get known(): boolean {
    return this.#n >= KNOWN_AFTER;
  }

  /** Share of thickness off the middle in the stretches of this cover: of its own stitches, not of what was before. */
  get lockOff(): readonly number[] {
    return this.#stretches.map((lock) => lock - 0.5 - this.#bias);
  }

  /** mm, running mean of the seam's own plies. */
  get height(): number {
    return this.#height;
  }

  startCover(context: CoverContext): void {
    this.#stitches = context.stitches;
    this.#most = 0;
    this.#least = 1;
    this.#stretch = { sum: 0, n: 0 };
    this.#stretches = [];
  }

  /** Another tension from here on. */
  restart(): void {
    this.#n = 0;
  }

  /**
   * A person's verdict tells what the feelers do not: at a seam called tight the lock stood above its tolerance, so what
   * was measured beyond (or short of) that is the feelers' own error.
   */
  calibrate(verdict: 'loose' | 'tight'): void {
    const edge = prior('lockTolerance') + EDGE;
    const error = verdict === 'tight' ? this.#most - 0.5 - edge : this.#least - 0.5 + edge;
    if (this.#most === 0) return;
    this.#bias += LEARN * (Math.min(0.2, Math.max(-0.2, error)) - this.#bias);
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
    const { sum, n } = this.#stretch;
    if (n + 1 === STRETCH) this.#stretches.push((sum + lock) / STRETCH);
    this.#stretch = n + 1 === STRETCH ? { sum: 0, n: 0 } : { sum: sum + lock, n: n + 1 };
    this.#n++;
    this.#lock += (lock - this.#lock) / Math.min(LOCK_MEMORY, this.#n + 1);
    if (!this.known) return;
    this.#most = Math.max(this.#most, this.#lock);
    this.#least = Math.min(this.#least, this.#lock);
  }
}
