import { randomInt } from 'node:crypto';
import { boundsOf, type Sample, type Standing } from '@selvedge/connect';
import { type Opening, type OpeningEvent, openingNeeds, openingReport, openingStep } from '@selvedge/core';
import type { OpeningView } from '@selvedge/core/records';
import type { Fact, Journal } from '@selvedge/store';
import { openingOf } from '../folds/openings.js';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import type { Equipment } from './equipment.js';

/** One setting of a station that may be adjusted from unit to unit. */
export interface AdjustConfig {
  /** Tag that is written before the next unit. */
  readonly target: string;
  /** Tag of the value that is proposed for the next unit, or a number that is always proposed (an inner loop's leave). */
  readonly proposal: string | number;
  /** Tag of the value that was in force while the unit was made. */
  readonly inForce: string;
  /** Tag of the unit's loss by this setting; smaller is better. */
  readonly loss: string;
  /** Tag that is 1 where the unit is out of tolerance by this setting, else 0. */
  readonly out: string;
  /** Tag that is 1 where what was proposed agrees with what people did; evidence of the shadow. */
  readonly agreed: string;
  /** Who proposes: the name that the lease and the rows carry. */
  readonly release: string;
  readonly alpha: number;
  readonly confidence: number;
  /** Once open, one pair of units in so many is still decided by the coin. */
  readonly coinEvery: number;
}

export interface AdjustOptions {
  readonly config: AdjustConfig;
  readonly station: string;
  readonly equipment: Equipment;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** 0 or 1, each half of the time. */
  readonly coin?: () => 0 | 1;
}

/** What the next unit is to be made under. `pair`: the first or second of two that the coin has told apart. */
interface Plan {
  readonly on: boolean;
  readonly value: number;
  readonly pair: 'first' | 'second' | null;
}

/** A value that the equipment rounds is the same value. */
const SAME = 1e-3;
/** From a unit's end the setting for the next one has to be there within this. */
const WITHIN_MS = 2000;

/**
 * The gate of one setting, unit by unit (GATE section 11): in shadow it looks at agreement only; under a signed lease a coin
 * decides which unit of a pair is corrected, within half of the bounds; it opens when the trial proves that correcting is
 * better and few units are out of tolerance. All that it knows is in the journal.
 */
export class AdjustDesk {
  readonly config: AdjustConfig;
  readonly #o: AdjustOptions;
  #state: Opening;
  #plan: Plan = { on: false, value: Number.NaN, pair: null };
  #first: { readonly on: boolean; readonly loss: number } | null = null;
  #pairs = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AdjustOptions) {
    this.#o = options;
    this.config = options.config;
    this.#state = openingOf(options.journal.db, options.station, options.config.target);
  }

  /** What the guard is told of it. */
  standing(): Standing {
    const { authority, boundShare } = openingReport(this.#state, this.#budget());
    return { authority, release: this.config.release, boundShare: boundShare === 0 ? 0.5 : boundShare };
  }

  view(): OpeningView {
    const { config, station, equipment } = this.#o;
    const { disagreed, better, out, step } = this.#state;
    const report = openingReport(this.#state, this.#budget());
    return {
      station,
      target: config.target,
      unit: equipment.config.tags.find(({ tag }) => tag === config.target)?.unit ?? '1',
      ...{ step, authority: report.authority, boundShare: report.boundShare },
      agreed: { k: disagreed.n - disagreed.k, n: disagreed.n },
      ...{ better, out, outUpper: report.outUpper, needs: openingNeeds(this.#state, this.#budget()) },
      ...{ alpha: config.alpha, confidence: config.confidence },
    };
  }

  /** A lease was signed: the trial begins. */
  leaseSigned(): Promise<void> {
    return this.#inTurn(() => this.#tell([{ kind: 'lease-signed' }], this.#o.station));
  }

  /** Its lease ended: what was proved under it is over, also where the next one is signed before the next unit comes. */
  ended(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state.step !== 'SHADOW') await this.#tell([{ kind: 'epoch-ended' }], this.#o.station);
    });
  }

  /** What is on its way to the disk is there. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  /** A unit is made and the next one comes: learns from the one, and sets the other. In order; never rejects. */
  unit(id: string, samples: ReadonlyMap<string, Sample>): Promise<void> {
    const madeSteadyMs = this.#o.clock.steadyMs();
    return this.#inTurn(async () => {
      const events = this.#learn(samples);
      // A lease that ended by its hour, by a hand or by harm ends the epoch of what was proved under it.
      const leased = this.#o.equipment.leases.has(this.config.target);
      if (this.#state.step !== 'SHADOW' && !leased) events.push({ kind: 'epoch-ended' });
      await this.#tell(events, id);
      await this.#set(id, samples, WITHIN_MS - (this.#o.clock.steadyMs() - madeSteadyMs));
    });
  }

  /** What the unit that is made says about the setting that it was made under. */
  #learn(samples: ReadonlyMap<string, Sample>): OpeningEvent[] {
    const { config } = this.#o;
    const plan = this.#plan;
    const number = (tag: string): number => numberOf(samples, tag) ?? Number.NaN;
    if (this.#state.step === 'SHADOW') {
      const agreed = number(config.agreed);
      // Neither: nobody did anything that the proposal could be compared with.
      return agreed === 0 || agreed === 1 ? [{ kind: 'shadow-proposal', agreed: agreed === 1 }] : [];
    }
    const inForce = number(config.inForce);
    const loss = number(config.loss);
    // The equipment says what was in force: a setting that came too late for the unit proves nothing.
    if (!(Math.abs(inForce - plan.value) <= SAME * Math.max(1, Math.abs(plan.value)))) {
      this.#first = null;
      return [];
    }
    const events: OpeningEvent[] = [];
    if (plan.on) events.push({ kind: 'applied-outcome', inTolerance: number(config.out) === 0 });
    if (plan.pair === 'first') this.#first = Number.isNaN(loss) ? null : { on: plan.on, loss };
    if (plan.pair === 'second' && this.#first !== null && !Number.isNaN(loss)) {
      const { on, loss: before } = this.#first;
      // Loss of the unit left alone minus loss of the corrected one.
      if (on !== plan.on) events.push({ kind: 'trial-pair', gain: on ? loss - before : before - loss });
      this.#first = null;
    }
    return events;
  }

  /** Decides what the next unit is made under, and writes it. */
  async #set(id: string, samples: ReadonlyMap<string, Sample>, leftMs: number): Promise<void> {
    const { config, equipment, station, clock, journal } = this.#o;
    const { step } = this.#state;
    const lease = equipment.leases.live(config.target);
    const propose =
      typeof config.proposal === 'number' ? config.proposal : numberOf(samples, config.proposal);
    const held = numberOf(samples, config.inForce);
    const row = (value: number, applied: boolean, why: string): Fact =>
      factOf('proposed', {
        ...{ subject: id, atMs: clock.nowMs() },
        body: {
          ...{ station, target: config.target, held, value },
          ...{ halfWidth: null, step, applied, coin: plan.pair === null ? null : plan.on, why },
        },
      });
    let plan: Plan = { on: false, value: lease?.rollBack ?? Number.NaN, pair: null };
    // What comes too late for the next unit is not written for the one after it.
    if (lease === null || step === 'SHADOW' || propose === null || leftMs <= 0) {
      this.#plan = plan;
      if (propose !== null)
        await journal.append(
          row(propose, false, step === 'SHADOW' ? 'shadow' : lease === null ? 'no-lease' : 'too-late'),
        );
      return;
    }
    const [least, most] = boundsOf(lease, step === 'OPEN' ? 1 : 0.5);
    const on = this.#coin();
    const aim = on.on ? Math.min(most, Math.max(least, propose)) : lease.rollBack;
    // Towards the aim as far as the lease lets one step go.
    const from = held ?? aim;
    const value = from + Math.max(-lease.maxStep, Math.min(lease.maxStep, aim - from));
    plan = { ...on, value };
    this.#plan = plan;
    const written = await equipment.write({
      ...{ target: config.target, value, station, decision: `unit:${id}`, release: config.release },
      ...{ byPerson: false, withinMs: Math.floor(leftMs) },
    });
    const done = written.sent && written.receipt.outcome === 'done';
    if (!done) this.#plan = { on: false, value: Number.NaN, pair: null };
    await journal.append(row(value, done, written.sent ? written.receipt.outcome : written.why));
  }

  /** Whether the next unit is corrected: by the coin in pairs, in a trial always and once open now and then. */
  #coin(): Pick<Plan, 'on' | 'pair'> {
    const { coin = () => randomInt(2) as 0 | 1 } = this.#o;
    const { pair, on } = this.#plan;
    // The second of a pair is what the first was not.
    if (pair === 'first' && this.#first !== null) return { on: !on, pair: 'second' };
    this.#pairs += 1;
    if (this.#state.step === 'OPEN' && this.#pairs % this.config.coinEvery !== 0)
      return { on: true, pair: null };
    return { on: coin() === 1, pair: 'first' };
  }

  async #tell(events: readonly OpeningEvent[], subject: string): Promise<void> {
    const { station, journal, clock, config, log } = this.#o;
    for (const event of events) {
      const before = this.#state.step;
      const { alpha, delta } = this.#budget();
      const body = { station, target: config.target, alpha, delta, event };
      await journal.append(factOf('opening', { subject, atMs: clock.nowMs(), body }));
      this.#state = openingStep(this.#state, event, this.#budget());
      if (this.#state.step !== before)
        log('opening', { station, target: config.target, from: before, to: this.#state.step });
    }
  }

  #budget(): { alpha: number; delta: number } {
    return { alpha: this.config.alpha, delta: 1 - this.config.confidence };
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const { log, station } = this.#o;
    this.#turn = this.#turn.then(act).catch((error) => {
      log('adjust-failed', { station, target: this.config.target, error: String(error) });
      this.#plan = { on: false, value: Number.NaN, pair: null };
    });
    return this.#turn;
  }
}

/** A good, finite number of a tag; null otherwise. */
function numberOf(samples: ReadonlyMap<string, Sample>, tag: string): number | null {
  const sample = samples.get(tag);
  const good =
    sample?.quality === 'good' && typeof sample.value === 'number' && Number.isFinite(sample.value);
  return good ? (sample.value as number) : null;
}
