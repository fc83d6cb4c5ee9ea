import {
  type AdjustRule,
  actsOn,
  certifyAdjust,
  type Opening,
  type OpeningBudget,
  type OpeningEvent,
  openingReport,
  openingStart,
  openingStep,
  signLogE,
} from '@selvedge/core';
import { split, uniformAt } from '../line/counter-random.js';
import type { CoverContext, FinishedCover } from '../line/signals.js';
import { prior } from '../priors.js';
import { LEASES } from './lease.js';

/** What the owner signed, with the lengths of the steps in covers of a machine's non-safety parts. */
export interface CorrectionsPlan {
  /** alpha = smallest budget that is signed: see `largestAlpha`. */
  readonly budget: OpeningBudget;
  /** With the lease the owner signs the share of covers that were out in shadow, between `budget.alpha` and this. */
  readonly largestAlpha: number;
  /** mm: a cover is out where a picture of its seam shows more. */
  readonly tolerance: number;
  readonly shadowCovers: number;
  /** After opening one pair of covers in so many is still drawn by the coin. */
  readonly pairEvery: number;
}

export const CORRECTIONS_PLAN: CorrectionsPlan = {
  budget: { alpha: 0.05, delta: 0.05 },
  largestAlpha: 0.25,
  tolerance: prior('lineTolerance'),
  shadowCovers: 48,
  pairEvery: 6,
};

/** How far off the line or the lock a picture counts as close to trouble, mm; its weight stays below one act. */
const CLOSE = 0.45;
/** What steering and tension can leave wrong, and the acts that they can spare. */
const REACHED: ReadonlySet<string | null> = new Set(['off-line', 'loose', 'tight', 'pucker']);
const SPARED: ReadonlySet<string> = new Set(['realign', 'tension', 'stop']);

/**
 * Loss of a cover in what corrections can reach, as measured and, where a person judged it, seen: acts, one more for a
 * seam that has to be sewn anew, and below one act the share of pictures close to trouble. Covers of a coin pair are
 * always judged. Skips, breaks and bobbins would only be noise here; they are counted apart before a gate opens.
 */
export function lossOf({ acts, strips, verdict }: FinishedCover): number {
  let close = 0;
  for (const x of strips) close += Math.max(0, Math.abs(x) - CLOSE);
  const acted = acts.reduce((n, { type }) => n + (SPARED.has(type) ? 1 : 0), 0);
  return acted + (REACHED.has(verdict) ? 1 : 0) + Math.min(0.9, close / strips.length);
}

const largest = (strips: Float64Array): number => strips.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

export type CorrectionsState = 'shadow' | 'trial' | 'open' | 'refused' | 'closed';

/** One step of the gate's life, at which cover of the machine, and why. */
export interface CorrectionsTransition {
  readonly cover: number;
  readonly to: CorrectionsState;
  readonly why: string;
}

/**
 * The gate of one machine's corrections: shadow, trial with half bounds and a coin by cover, open (GATE section 11).
 * It decides before each cover which share of the leases' bounds may be used. Harm shown by the coin pairs at any time,
 * or a trial's lease that ends without proof, ends the epoch: the incumbent alone.
 */
export class CorrectionsGate {
  readonly #plan: CorrectionsPlan;
  readonly #key: number;
  #budget: OpeningBudget;
  #shadowOut = 0;
  #opening: Opening = openingStart();
  #state: CorrectionsState = 'shadow';
  #rule: AdjustRule = { kind: 'none', labelsMissing: 0 };
  #covers = 0;
  #trialCovers = 0;
  #pair = 0;
  #half = 0;
  #coin = false;
  #inPair = false;
  #wasPair = false;
  #other: number | null = null;
  #worse = { k: 0, n: 0 };
  #actsOff = 0;
  #actsOn = 0;
  #residuals: number[] = [];
  #widths: number[] = [];
  #seen = new Map<number, number>();
  #knob = Number.NaN;
  readonly transitions: CorrectionsTransition[] = [];

  /** @param key chance of the coin: committed before the first cover, never chosen by the controller. */
  constructor(plan: CorrectionsPlan, key: number) {
    this.#plan = plan;
    this.#budget = plan.budget;
    this.#key = split(key, 77);
  }

  get state(): CorrectionsState {
    return this.#state;
  }

  /** The cover that was sewn last belongs to a coin pair: a person has to judge it. */
  get paired(): boolean {
    return this.#wasPair;
  }

  get report() {
    return openingReport(this.#opening, this.#budget);
  }

  /** Share of the leases' bounds for the next cover. Zero on every safety part, whatever the gate's state. */
  shareFor(context: CoverContext, ready: boolean): number {
    if (context.safety || !ready) return 0;
    if (this.#state === 'trial') {
      this.#draw(true);
      return this.#coin ? 0.5 : 0;
    }
    if (this.#state !== 'open') return 0;
    this.#draw(this.#pair % this.#plan.pairEvery === 0);
    if (this.#inPair && !this.#coin) return 0;
    return actsOn(this.#rule, this.#widthOf(context.part)) ? 1 : 0;
  }

  /** A cover that was sewn with the share that `shareFor` gave, and what was proposed when a person last turned the knob. */
  finished(
    cover: FinishedCover,
    { share, shiftAtTurn }: { readonly share: number; readonly shiftAtTurn: number },
  ): void {
    const { context, strips } = cover;
    this.#wasPair = false;
    if (context.safety) return;
    this.#wasPair = this.#state === 'trial' || (this.#state === 'open' && this.#inPair);
    this.#covers++;
    const number = context.cover;
    const most = largest(strips);
    const width = this.#widthOf(context.part);
    const { tolerance, shadowCovers } = this.#plan;
    if (this.#state === 'shadow') {
      // A person's turn of the knob is the one correction that a proposal can be compared with.
      if (!Number.isNaN(this.#knob) && cover.knob !== this.#knob)
        this.#tell({ kind: 'shadow-proposal', agreed: (cover.knob - this.#knob) * shiftAtTurn > 0 });
      if (most > tolerance || REACHED.has(cover.verdict)) this.#shadowOut++;
      if (this.#covers >= shadowCovers) {
        const { budget, largestAlpha } = this.#plan;
        const alpha = Math.min(largestAlpha, Math.max(budget.alpha, this.#shadowOut / this.#covers));
        this.#budget = { ...budget, alpha };
        this.#tell({ kind: 'lease-signed' });
        this.#become('trial', number, `${this.#covers} covers in shadow; leases signed with half bounds`);
      }
    } else if (this.#state === 'trial' || this.#state === 'open') {
      if (share > 0) {
        this.#residuals.push(most);
        this.#widths.push(width);
        this.#tell({
          kind: 'applied-outcome',
          inTolerance: most <= tolerance && !REACHED.has(this.#inPair ? cover.verdict : null),
        });
      }
      this.#score(cover, share);
      this.#judge(number);
    }
    this.#knob = cover.knob;
    const before = this.#seen.get(context.part);
    this.#seen.set(context.part, before === undefined ? most : before + 0.15 * (most - before));
  }

  /** How far off the last covers of this part were: the uncertainty that orders covers. */
  #widthOf(part: number): number {
    return this.#seen.get(part) ?? Number.POSITIVE_INFINITY;
  }

  #draw(paired: boolean): void {
    if (this.#half === 0) {
      this.#inPair = paired;
      this.#coin = uniformAt(this.#key, this.#pair) < 0.5;
    } else {
      this.#coin = !this.#coin;
    }
  }

  #score(cover: FinishedCover, share: number): void {
    const loss = lossOf(cover);
    if (this.#inPair) {
      if (this.#coin) this.#actsOn += cover.acts.length;
      else this.#actsOff += cover.acts.length;
      if (this.#half === 0) {
        this.#other = this.#coin && share === 0 ? null : loss;
      } else if (this.#other !== null && !(this.#coin && share === 0)) {
        const gain = this.#coin ? this.#other - loss : loss - this.#other;
        this.#tell({ kind: 'trial-pair', gain });
        if (gain !== 0) this.#worse = { k: this.#worse.k + (gain < 0 ? 1 : 0), n: this.#worse.n + 1 };
      }
    }
    this.#half = 1 - this.#half;
    if (this.#half === 0) this.#pair++;
  }

  #judge(cover: number): void {
    const { tolerance } = this.#plan;
    const budget = this.#budget;
    this.#trialCovers++;
    if (signLogE(this.#worse.k, this.#worse.n) >= Math.log(2 / budget.delta)) {
      this.#end('closed', cover, `coin pairs show harm: worse in ${this.#worse.k} of ${this.#worse.n}`);
    } else if (this.#state === 'trial') {
      // Fewer misses by a hair are no gain where people had to act more often (by more than one sd of the difference).
      if (
        this.#opening.step === 'OPEN' &&
        this.#actsOn <= this.#actsOff + Math.sqrt(this.#actsOn + this.#actsOff)
      ) {
        this.#rule = certifyAdjust({
          residuals: this.#residuals,
          halfWidths: this.#widths,
          tolerance,
          alpha: budget.alpha,
          delta: budget.delta / 2,
        });
        if (this.#rule.kind === 'certified') {
          const { pairs, outcomes, outUpper } = this.report;
          this.#half = 0;
          const why = `better in ${pairs} pairs, out of tolerance <= ${outUpper.toFixed(4)} by ${outcomes} applied`;
          this.#become('open', cover, why);
          return;
        }
      }
      if (this.#trialCovers >= LEASES.steering.covers)
        this.#end('refused', cover, `the trial's lease ended without proof: ${JSON.stringify(this.report)}`);
    } else if (this.#opening.step === 'TRIAL') {
      this.#become('trial', cover, 'the out-of-tolerance bound rose above the budget: half bounds again');
      this.#trialCovers = 0;
    }
  }

  #end(to: 'refused' | 'closed', cover: number, why: string): void {
    this.#tell({ kind: 'epoch-ended' });
    this.#become(to, cover, why);
  }

  #become(to: CorrectionsState, cover: number, why: string): void {
    this.#state = to;
    this.transitions.push({ cover, to, why });
  }

  #tell(event: OpeningEvent): void {
    this.#opening = openingStep(this.#opening, event, this.#budget);
  }
}
