import type {
  Command,
  CoverContext,
  FinishedCover,
  LineActType,
  PlannedWork,
  StitchSignals,
} from '../line/signals.js';
import { prior } from '../priors.js';
import type { Controller } from './controller.js';
import { dueByCount } from './planned-work.js';

/** Gains of the conventional controller; all are tuned (docs/decisions/0020). */
export interface PidGains {
  /** 1/mm per mm of offset at the look-ahead; 1/mm per mm/mm of its change; 1/mm per mm and stitch. */
  readonly offset: number;
  readonly change: number;
  readonly sum: number;
  /** Share of the last picture that the filtered offset takes, 0..1. */
  readonly filter: number;
  /** Share of the finished seam's mean offset by which the set point moves, cover to cover. */
  readonly trim: number;
  /** ln per ln of the tension's error; the same a stitch, summed. */
  readonly tension: number;
  readonly tensionSum: number;
  /** Share of the bobbin's count kept back, and stitches to a needle change. */
  readonly bobbinReserve: number;
  readonly needleStitches: number;
}

const LOG_NOMINAL = Math.log(prior('needleTension'));
const STEP = prior('stitchLength');
const LIMIT = prior('steeringLimit');
/** Below this share of the set point the thread is broken or the stitch skipped: nothing to regulate. */
const NO_THREAD = 0.6;
const LARGEST_CHANGE = 0.5;

/** The incumbent: PID on the measured offset with its look-ahead, PI on the measured tension. */
export class PidController implements Controller {
  readonly #gains: PidGains;
  #filtered = Number.NaN;
  #sum = 0;
  #trim = 0;
  #tensionError = 0;
  #tensionSum = 0;
  #last = 0;
  /** ln over the knob's set point, from outside: the parameter of a tension lease. */
  setPointShift = 0;

  constructor(gains: PidGains) {
    this.#gains = gains;
  }

  plan(next: CoverContext): PlannedWork {
    return dueByCount(next, this.#gains);
  }

  startCover(): void {
    this.acted('realign');
  }

  step(signals: StitchSignals, out: Command): boolean {
    const { offset, change, sum, filter, tension, tensionSum } = this.#gains;
    if (!Number.isNaN(signals.offset)) {
      const seen = signals.offset + this.#trim;
      const before = Number.isNaN(this.#filtered) ? seen : this.#filtered;
      this.#filtered = before + filter * (seen - before);
      this.#sum = clamp(this.#sum + sum * this.#filtered, LIMIT);
      this.#last = clamp(
        offset * this.#filtered + (change * (this.#filtered - before)) / STEP + this.#sum,
        LIMIT,
      );
    } else this.#last = this.#sum;
    out.curvature = this.#last;
    const set = LOG_NOMINAL + signals.knob + this.setPointShift;
    const measured = signals.tension;
    if (signals.stitch > 0 && measured > NO_THREAD * Math.exp(set)) {
      this.#tensionError += 0.1 * (set - Math.log(measured) - this.#tensionError);
      this.#tensionSum = clamp(this.#tensionSum + tensionSum * this.#tensionError, LARGEST_CHANGE);
    }
    out.logTension =
      signals.knob +
      this.setPointShift +
      clamp(tension * this.#tensionError + this.#tensionSum, LARGEST_CHANGE);
    return true;
  }

  acted(type: LineActType): void {
    if (type !== 'realign') return;
    this.#filtered = Number.NaN;
    this.#sum = 0;
    this.#last = 0;
  }

  endCover({ strips }: FinishedCover): void {
    let sum = 0;
    for (const strip of strips) sum += strip;
    this.#trim = clamp(this.#trim + (this.#gains.trim * sum) / strips.length, 1);
  }
}

export const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));
