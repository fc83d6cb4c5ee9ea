import type {
  CoverContext,
  FinishedCover,
  LineActType,
  PlannedWork,
  StitchSignals,
} from '../line/signals.js';
import { prior } from '../priors.js';
import { type CourseModel, DATA_SHEET, estimatorOf, feedbackOf, PATH_KEEPS } from './course-model.js';
import { type CourseRecord, identifyCourse } from './identify.js';
import { LearntPath } from './learnt-path.js';
import { clamp } from './pid.js';
import { RatioEstimator } from './ratio.js';
import type { KalmanGains } from './riccati.js';
import { WorkForecast } from './work-forecast.js';

/** What is tuned of the adviser, by the same optimiser and budget as the PID (docs/decisions/0020). */
export interface AdviserGains {
  /** Weight on the command, and on the heading, of the regulator. */
  readonly commandWeight: number;
  readonly headingWeight: number;
  /** Share of the unexplained curvature that is cancelled at once, 0..1. */
  readonly cancel: number;
  /** Learning from cover to cover: least share of a new cover, stitches by which the estimate is late, stitches smoothed, stitches of preview. */
  readonly learnLeast: number;
  readonly learnLate: number;
  readonly learnSmooth: number;
  readonly preview: number;
  /** Share of a cover's difference between the camera ahead and the finished seam that the trim takes. */
  readonly trim: number;
  /** ln of set point per share of lock and stitch. */
  readonly ratio: number;
  /** Share of a bobbin kept back against the forecast; stitches to a needle change. */
  readonly bobbinReserve: number;
  readonly needleStitches: number;
}

const L = prior('stitchLength');
/** Covers of non-safety parts recorded before the first identification, and the cover counts of the later ones. */
const IDENTIFY_AT: readonly number[] = [8, 40, 160, 640];
const RECORDS = 10;
/** Height over its mean from which plies are more than the seam's own: a cross seam. */
const CROSSING = 1.5;

/**
 * Estimator, regulator, cancellation, learning and ratio control of one machine. It proposes and never acts; it learns
 * the machine from the machine's own records, whoever steers.
 */
export class Adviser {
  readonly #gains: AdviserGains;
  readonly #path: LearntPath;
  readonly #ratio: RatioEstimator;
  readonly #work: WorkForecast;
  #model: CourseModel = DATA_SHEET;
  #estimator: KalmanGains = estimatorOf(DATA_SHEET);
  #feedback: readonly number[];
  #identified = 0;
  #covers = 0;
  #records: CourseRecord[] = [];
  #offset: Float64Array;
  #curvature: Float64Array;
  #left: Float64Array;
  #learnt: Float64Array;
  #disturbed = false;
  // Estimate.
  #e = 0;
  #psi = 0;
  #bent = 0;
  #rest = 0;
  #seen = 0;
  #crossing = false;
  #trim = 0;
  /** Proposals after `step`: steering in 1/mm, shift of the tension's set point in ln. */
  curvature = 0;
  setPointShift = 0;
  /** The shift that was proposed when a person last turned the knob. */
  shiftAtTurn = 0;
  /** ln of the set point that it would hold; follows the knob until it was first applied. */
  #set = 0;
  #rise = 0;
  #bobbinStitches = 0;
  #applies = false;
  #everApplied = false;
  #knob = 0;

  constructor(gains: AdviserGains, stitches: number) {
    this.#gains = gains;
    this.#path = new LearntPath(stitches);
    this.#learnt = this.#path.of(-1);
    this.#ratio = new RatioEstimator();
    this.#work = new WorkForecast();
    this.#offset = new Float64Array(stitches);
    this.#curvature = new Float64Array(stitches);
    this.#left = new Float64Array(stitches);
    this.#feedback = this.#designed();
  }

  /** True once the machine is known well enough to propose. */
  get ready(): boolean {
    return this.#identified > 0;
  }

  /** Where the threads locked along the last cover: share of thickness off the middle, by stretches. */
  get lockOff(): readonly number[] {
    return this.#ratio.lockOff;
  }

  /** What was identified. */
  get model(): CourseModel {
    return this.#model;
  }

  /** Covers that taught the path of this part. */
  learntCovers(part: number): number {
    return this.#path.covers(part);
  }

  plan(next: CoverContext): PlannedWork {
    return this.#work.plan(next, this.#gains);
  }

  startCover(context: CoverContext, applies: boolean): void {
    this.#applies = applies;
    this.#everApplied ||= applies;
    this.#knob = context.knob;
    this.#bobbinStitches = context.bobbinStitches;
    this.#learnt = this.#path.of(context.part);
    this.#disturbed = false;
    this.#restart();
    this.#ratio.startCover(context);
    this.#work.startCover(context);
  }

  step(signals: StitchSignals): void {
    const { stitch: s, offset: y } = signals;
    const { gain, follow, lookAhead } = this.#model;
    if (s > 0) {
      this.#bent += follow * (gain * signals.curvature - this.#bent);
      this.#e += L * this.#psi;
      this.#psi += L * (this.#rest + this.#learnt[s - 1]! - this.#bent);
      this.#rest *= PATH_KEEPS;
      this.#curvature[s - 1] = signals.curvature;
      this.#ratio.add(signals);
      this.#work.add(signals);
      // Layers change under the foot: the line may have jumped, so the next pictures weigh as at the start.
      const crossing = signals.footHeight > CROSSING * this.#ratio.height;
      if (crossing && !this.#crossing) this.#seen = Math.min(this.#seen, 6);
      this.#crossing = crossing;
    }
    this.#offset[s] = y;
    if (!Number.isNaN(y)) {
      const { first, steady } = this.#estimator;
      const k = this.#seen < first.length ? first[this.#seen]! : steady;
      this.#seen++;
      const nu = y + this.#trim - this.#e - lookAhead * this.#psi;
      this.#e += k[0]! * nu;
      this.#psi += k[1]! * nu;
      this.#bent += k[2]! * nu;
      this.#rest += k[3]! * nu;
    }
    this.#left[s] = this.#rest;
    const { cancel, preview, ratio } = this.#gains;
    const ahead = this.#learnt[Math.min(this.#learnt.length - 1, Math.round(s + preview))]!;
    const path = ahead + cancel * this.#rest;
    const f = this.#feedback;
    this.curvature = (path - f[0]! * this.#e - f[1]! * this.#psi - f[2]! * (this.#bent - path)) / safe(gain);
    this.#hold(signals.knob, ratio, s);
  }

  acted(type: LineActType): void {
    this.#disturbed = true;
    if (type === 'realign') this.#restart();
    if (type !== 'tension') return;
    this.shiftAtTurn = this.setPointShift;
    this.#ratio.restart();
  }

  /**
   * The set point that brings the lock to the middle, moved only while it is applied. A bobbin pulls harder as it runs
   * out: how much is learnt as a rise with the square of what was sewn from it, so that a new one finds the set point
   * where it belongs.
   */
  #hold(knob: number, ratio: number, stitch: number): void {
    if (this.#applies && knob !== this.#knob) this.#set += knob - this.#knob;
    this.#knob = knob;
    const used = ((this.#bobbinStitches + stitch) / prior('bobbinStitches')) ** 2;
    if (this.#ratio.known) {
      const off = this.#ratio.lock - 0.5;
      if (this.#applies) {
        this.#set = clamp(this.#set - ratio * off, 0.8);
        this.#rise = clamp(this.#rise - ratio * off * (used - 1 / 3), 0.5);
      } else if (!this.#everApplied) this.#set = knob - off;
    } else if (!this.#everApplied) this.#set = knob;
    this.setPointShift = this.#set + this.#rise * (used - 1 / 3) - knob;
  }

  endCover(finished: FinishedCover): void {
    const { context, strips, verdict } = finished;
    if (verdict === 'loose' || verdict === 'tight') this.#ratio.calibrate(verdict);
    const read = aheadOf(strips, this.#offset);
    if (!Number.isNaN(read)) this.#trim = clamp(this.#trim - this.#gains.trim * (read + this.#trim), 1);
    this.#work.endCover();
    if (context.safety) return;
    this.#covers++;
    const { learnLeast, learnLate, learnSmooth } = this.#gains;
    if (!this.#disturbed) {
      this.#records.push({
        offset: this.#offset.slice(),
        curvature: this.#curvature.slice(),
        learnt: this.#learnt.slice(),
      });
      if (this.#records.length > RECORDS) this.#records.shift();
    }
    if (this.#identified > 0 && !this.#disturbed) {
      const late = Math.round(learnLate);
      const n = this.#left.length;
      this.#left.copyWithin(0, late);
      this.#left.fill(0, n - late);
      this.#path.learn(context.part, this.#left, { least: learnLeast, smooth: learnSmooth });
    }
    const due = IDENTIFY_AT[this.#identified];
    if (due !== undefined && this.#covers >= due && this.#records.length >= Math.min(RECORDS, due) - 3) {
      this.#model = identifyCourse(this.#records, this.#identified === 0 ? DATA_SHEET : this.#model);
      this.#estimator = estimatorOf(this.#model);
      this.#feedback = this.#designed();
      this.#identified++;
    }
  }

  #designed(): number[] {
    return feedbackOf({ ...this.#model, gain: 1 }, this.#gains.commandWeight, this.#gains.headingWeight);
  }

  #restart(): void {
    this.#e = 0;
    this.#psi = 0;
    this.#bent = 0;
    this.#rest = 0;
    this.#seen = 0;
    this.#crossing = false;
  }
}

/**
 * mm by which the camera ahead of the needle read more than the finished seam shows, mean over the pictures that both
 * have: the cameras' own error, whoever steered. NaN where they share none.
 */
function aheadOf(strips: Float64Array, offset: Float64Array): number {
  const stitches = Math.floor(offset.length / strips.length);
  let sum = 0;
  let n = 0;
  strips.forEach((strip, i) => {
    for (let s = i * stitches; s < (i + 1) * stitches; s++) {
      const y = offset[s]!;
      if (Number.isNaN(y)) continue;
      sum += y - strip;
      n++;
    }
  });
  return n === 0 ? Number.NaN : sum / n;
}

/** A gain near zero would ask for the impossible. */
const safe = (gain: number): number => Math.max(0.2, gain);
