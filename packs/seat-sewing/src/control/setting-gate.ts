import {
  type AdjustRule,
  actsOn,
  certifyAdjust,
  type Opening,
  type OpeningEvent,
  openingReport,
  openingStart,
  openingStep,
  signLogE,
} from '@selvedge/core';
import { split, uniformAt } from '../line/counter-random.js';
import type { CorrectionsPlan } from './corrections-plan.js';
import { LEASES } from './lease.js';

export type CorrectionsState = 'shadow' | 'trial' | 'open' | 'refused' | 'closed';

/** What a finished cover tells about one setting. */
export interface SettingCover {
  readonly cover: number;
  readonly part: number;
  /** Measured at every cover, so that hardly two are alike; what a person saw or did counts one each on top. */
  readonly loss: number;
  /** Acts that this setting can spare, with the seam that has to be sewn anew for it. */
  readonly own: number;
  /** All acts of people at the cover. */
  readonly acts: number;
  /** Largest measured distance from where the setting should hold, in tolerances; above 1 = out. */
  readonly off: number;
}

export interface SettingTransition {
  readonly cover: number;
  readonly to: CorrectionsState;
  readonly why: string;
}

/**
 * The gate of one setting of one machine: shadow, trial with half bounds and a coin by cover, open (GATE section 11). A
 * trial ends without proof when its lease does, or at once when it costs more than was signed or its pairs speak for the
 * incumbent; it may be signed again, each time with half of the error that was left (delta / 2^k), so that all attempts
 * together open wrongly with at most delta. Harm proved by the coin ends it for good.
 */
export class SettingGate {
  readonly #plan: CorrectionsPlan;
  readonly #delta: number;
  readonly #key: number;
  #alpha: number;
  #attempt = 1;
  #shadowOut = 0;
  #opening: Opening = openingStart();
  #state: CorrectionsState = 'shadow';
  #rule: AdjustRule = { kind: 'none', labelsMissing: 0 };
  #covers = 0;
  #trialCovers = 0;
  #rest = 0;
  #pair = 0;
  #half = 0;
  #coin = false;
  #inPair = false;
  #wasPair = false;
  #other: number | null = null;
  #worse = { k: 0, n: 0 };
  #on = { own: 0, acts: 0 };
  #offActs = { own: 0, acts: 0 };
  #residuals: number[] = [];
  #widths: number[] = [];
  #seen = new Map<number, number>();
  readonly transitions: SettingTransition[] = [];

  /** @param delta of all attempts together, @param key chance of the coin. */
  constructor(plan: CorrectionsPlan, delta: number, key: number) {
    this.#plan = plan;
    this.#delta = delta;
    this.#alpha = plan.budget.alpha;
    this.#key = split(key, 77);
  }

  get state(): CorrectionsState {
    return this.#state;
  }

  get paired(): boolean {
    return this.#wasPair;
  }

  get report() {
    return openingReport(this.#opening, this.#budget);
  }

  get #budget() {
    return { alpha: this.#alpha, delta: this.#delta / 2 ** this.#attempt };
  }

  /** Share of the lease's bounds for the next cover, which is of no safety part. */
  shareFor(part: number): number {
    if (this.#state === 'trial') {
      this.#draw(true);
      return this.#coin ? 0.5 : 0;
    }
    if (this.#state !== 'open') return 0;
    this.#draw(this.#pair % this.#plan.pairEvery === 0);
    if (this.#inPair && !this.#coin) return 0;
    return actsOn(this.#rule, this.#widthOf(part)) ? 1 : 0;
  }

  /** A proposal that was compared with what a person did, while in shadow. */
  compared(agreed: boolean): void {
    this.#tell({ kind: 'shadow-proposal', agreed });
  }

  finished(cover: SettingCover, share: number): void {
    this.#covers++;
    this.#wasPair = this.#state === 'trial' || (this.#state === 'open' && this.#inPair);
    if (this.#state === 'shadow') this.#shadow(cover);
    else if (this.#state === 'refused') this.#resting(cover);
    else if (this.#state !== 'closed') {
      if (share > 0) {
        this.#residuals.push(cover.off);
        this.#widths.push(this.#widthOf(cover.part));
        this.#tell({ kind: 'applied-outcome', inTolerance: cover.off <= 1 });
      }
      this.#score(cover, share);
      this.#judge(cover.cover);
    }
    const before = this.#seen.get(cover.part);
    this.#seen.set(cover.part, before === undefined ? cover.off : before + 0.15 * (cover.off - before));
  }

  #shadow({ cover, off }: SettingCover): void {
    const { budget, largestAlpha, shadowCovers } = this.#plan;
    if (off > 1) this.#shadowOut++;
    if (this.#covers < shadowCovers) return;
    this.#alpha = Math.min(largestAlpha, Math.max(budget.alpha, this.#shadowOut / this.#covers));
    this.#sign(cover, `${this.#covers} covers in shadow; lease signed with half bounds`);
  }

  #resting({ cover }: SettingCover): void {
    const { attempts, againAfter } = this.#plan;
    if (this.#attempt >= attempts || ++this.#rest < againAfter) return;
    this.#attempt++;
    this.#sign(cover, `signed again after ${this.#rest} covers, attempt ${this.#attempt}`);
  }

  #sign(cover: number, why: string): void {
    this.#opening = openingStart();
    this.#tell({ kind: 'lease-signed' });
    this.#rest = 0;
    this.#trialCovers = 0;
    this.#residuals = [];
    this.#widths = [];
    this.#restartPairs();
    this.#become('trial', cover, why);
  }

  #restartPairs(): void {
    this.#half = 0;
    this.#other = null;
    this.#worse = { k: 0, n: 0 };
    this.#on = { own: 0, acts: 0 };
    this.#offActs = { own: 0, acts: 0 };
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

  #score(cover: SettingCover, share: number): void {
    if (this.#inPair) {
      const half = this.#coin ? this.#on : this.#offActs;
      half.own += cover.own;
      half.acts += cover.acts;
      const spoilt = this.#coin && share === 0;
      if (this.#half === 0) this.#other = spoilt ? null : cover.loss;
      else if (this.#other !== null && !spoilt) {
        const gain = this.#coin ? this.#other - cover.loss : cover.loss - this.#other;
        this.#tell({ kind: 'trial-pair', gain });
        if (gain !== 0) this.#worse = { k: this.#worse.k + (gain < 0 ? 1 : 0), n: this.#worse.n + 1 };
      }
    }
    this.#half = 1 - this.#half;
    if (this.#half === 0) this.#pair++;
  }

  /** Acts with corrections are no more than those without, but for one sd of the difference. */
  #noMoreActs(): boolean {
    const within = (on: number, off: number) => on <= off + Math.sqrt(on + off);
    return within(this.#on.own, this.#offActs.own) && within(this.#on.acts, this.#offActs.acts);
  }

  #judge(cover: number): void {
    const { maxCost, doubt } = this.#plan;
    const { delta, alpha } = this.#budget;
    this.#trialCovers++;
    const { k, n } = this.#worse;
    const against = signLogE(k, n);
    const cost = this.#on.own - this.#offActs.own;
    // Where people act often, a difference of a few is chance.
    const mayCost = Math.max(maxCost, 2 * Math.sqrt(this.#on.own + this.#offActs.own));
    if (against >= Math.log(2 / this.#delta)) {
      this.#end('closed', cover, `coin pairs show harm: worse in ${k} of ${n}`);
    } else if (cost >= mayCost) {
      this.#end('refused', cover, `corrected halves cost ${cost} acts more than those left alone`);
    } else if (this.#state === 'trial') {
      // Doubt ends a search for proof, not a proof: that falls by proved harm, by cost or by the bound.
      if (!this.#opening.provedBetter && against >= Math.log(1 / doubt)) {
        this.#end('refused', cover, `coin pairs speak for the incumbent: worse in ${k} of ${n}`);
        return;
      }
      if (this.#opening.step === 'OPEN' && this.#noMoreActs()) {
        const { pairs, outcomes, outUpper } = this.report;
        this.#rule = certifyAdjust({
          residuals: this.#residuals,
          halfWidths: this.#widths,
          tolerance: 1,
          alpha,
          delta: delta / 2,
        });
        if (this.#rule.kind === 'certified') {
          // Old wealth would hide new harm.
          this.#restartPairs();
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
      this.#restartPairs();
    }
  }

  #end(to: 'refused' | 'closed', cover: number, why: string): void {
    this.#tell({ kind: 'epoch-ended' });
    this.#rest = 0;
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
