import type { CoverContext, PlannedWork, StitchSignals } from '../line/signals.js';
import { prior } from '../priors.js';

const STEP = prior('stitchLength');
/** Nominal bobbin thread of a stitch, mm: half of the seam's plies down and the surface. */
const NOMINAL = STEP + prior('plyThickness') * prior('seamPlies');
/** Share of the expected consumption below which a stitch was skipped. */
const SKIPPED = 0.65;
/** Skips a thousand stitches over the needle's own record from which it is changed early, and the stitches that count. */
const WORSE = 4;
const MEMORY = 12_000;

/**
 * Planned work foreseen at the end of a seam: the bobbin by the thread that the seams really took, the needle by its
 * stitches or when skips have become a multiple of what they were.
 */
export class WorkForecast {
  #used = 0;
  #cover = 0;
  #bobbinStitches = 0;
  #perCover = 0;
  #drawn = 0;
  #skipRate = 0;
  #usual = 0;
  #covers = 0;
  #stitches = 0;
  #skips = 0;

  plan(
    next: CoverContext,
    gains: { readonly bobbinReserve: number; readonly needleStitches: number },
  ): PlannedWork {
    if (next.bobbinStitches < this.#bobbinStitches) this.#used = 0;
    const holds = prior('bobbinStitches') * (1 - gains.bobbinReserve);
    // Before the first seams nothing is measured: the counter.
    const used = this.#covers < 3 ? next.bobbinStitches : Math.max(this.#used, 0.8 * next.bobbinStitches);
    const worn =
      this.#usual > 0 &&
      this.#skipRate > WORSE * this.#usual &&
      next.needleStitches > 0.3 * gains.needleStitches;
    return {
      bobbin: used + Math.max(this.#perCover, 0.9 * next.stitches) > holds,
      needle: worn || next.needleStitches >= gains.needleStitches,
    };
  }

  startCover(context: CoverContext): void {
    if (this.#covers === 0) this.#used = context.bobbinStitches;
    if (context.bobbinStitches === 0) this.#used = 0;
    if (context.needleStitches === 0) this.#skipRate = this.#usual;
    this.#cover = 0;
    this.#stitches = 0;
    this.#skips = 0;
    this.#bobbinStitches = context.bobbinStitches;
  }

  add({ consumption, footHeight }: StitchSignals): void {
    // The two threads share the way down: what the needle thread leaves of 2 h, the bobbin thread takes.
    const bobbin = Math.max(0.3 * NOMINAL, 2 * STEP + 2 * footHeight - consumption);
    this.#cover += Math.min(2.5, bobbin / NOMINAL);
    this.#stitches++;
    if (this.#drawn > 0 && consumption < SKIPPED * this.#drawn) this.#skips++;
    else this.#drawn = this.#drawn === 0 ? consumption : this.#drawn + (consumption - this.#drawn) / 60;
  }

  endCover(): void {
    this.#used += this.#cover;
    this.#bobbinStitches += this.#stitches;
    this.#covers++;
    this.#perCover += (this.#cover - this.#perCover) / Math.min(10, this.#covers);
    const rate = Math.min(this.#skips, 3) / Math.max(1, this.#stitches);
    this.#skipRate += (rate - this.#skipRate) * Math.min(1, this.#stitches / MEMORY);
    if (this.#covers > 60) this.#usual += (this.#skipRate - this.#usual) / 200;
    else this.#usual += (rate - this.#usual) / this.#covers;
  }
}
