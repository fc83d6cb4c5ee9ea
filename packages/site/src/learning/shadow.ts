import type { SiteFactBody } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import type { Arrival } from '../live/live-station.js';
import type { HostedAnswer } from './hosted-scorer.js';
import { classOf } from './learn-step.js';

/** Units that wait for one applicant; more are let go without it, so that a slow one costs nobody memory. */
const MOST_WAITING = 256;
/** Units scored at once, and gathered into one row. */
const BATCH = 32;
/** Units are gathered so long before they are scored: one row for many of them. */
const GATHER_MS = 1_000;
/** Every so manieth batch one of its units is scored twice: who says otherwise the second time is not deterministic. */
const TWICE_EVERY = 8;
const LONGEST_FAULT = 300;

export interface ShadowOptions {
  readonly station: string;
  /** Hash of what makes it the same model. */
  readonly applicant: string;
  readonly classes: readonly string[] | null;
  readonly scorer: {
    score(units: readonly Arrival['observation'][]): Promise<HostedAnswer>;
    [Symbol.asyncDispose](): Promise<void>;
  };
  /** Whether its work is done on this machine, so that its processor time can be told. */
  readonly here: boolean;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly gatherMs?: number;
}

/**
 * One applicant in shadow: it is shown what was decided without it, and what it says is written. Whatever it does wrong
 * (slow, broken, other answers to the same question) costs its own scores; the line never waits for it.
 */
export class Shadow {
  readonly #o: ShadowOptions;
  #waiting: Arrival[] = [];
  #missed = 0;
  #batches = 0;
  #running: Promise<void> | null = null;
  #closed = false;
  /** Units that got another score when they were asked about again. */
  #unsteady = 0;

  constructor(options: ShadowOptions) {
    this.#o = options;
  }

  get applicant(): string {
    return this.#o.applicant;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get unsteady(): number {
    return this.#unsteady;
  }

  /** Shows units that were decided; returns at once. */
  see(units: readonly Arrival[]): void {
    if (this.#closed) return;
    const room = MOST_WAITING - this.#waiting.length;
    this.#waiting.push(...units.slice(0, Math.max(0, room)));
    this.#missed += Math.max(0, units.length - Math.max(0, room));
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when everything that it was shown is said and written. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    await this.#running;
    await this.#o.scorer[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    const { gatherMs = GATHER_MS, log, station, applicant } = this.#o;
    while (this.#waiting.length > 0 && !this.#closed) {
      if (this.#waiting.length < BATCH) await new Promise((resolve) => setTimeout(resolve, gatherMs));
      const batch = this.#waiting.splice(0, BATCH);
      if (this.#closed || batch.length === 0) return;
      try {
        await this.#score(batch);
      } catch (error) {
        // The row could not be written: the scores are gone, and with them what they would have shown.
        this.#missed += batch.length;
        log('shadow-not-written', { station, applicant, error: String(error) });
      }
    }
  }

  async #score(batch: readonly Arrival[]): Promise<void> {
    const { station, applicant, classes, journal, clock, here } = this.#o;
    const from = performance.now();
    const answer = await this.#ask(batch.map(({ observation }) => observation));
    const tookMs = performance.now() - from;
    const units = batch.map(({ id }, i): SiteFactBody<'shadow-scored'>['units'][number] => {
      const one = typeof answer === 'string' ? { score: Number.NaN, fault: answer } : answer.said[i];
      if (one === undefined || !Number.isFinite(one.score)) {
        const fault = (one?.fault ?? 'the model gave no score').slice(0, LONGEST_FAULT);
        return { unit: id, score: null, fault, classCall: null };
      }
      return { unit: id, score: one.score, fault: null, classCall: classOf(classes, one.classScores) };
    });
    const missed = this.#missed;
    const cpuMs = here && typeof answer !== 'string' ? answer.cpuMs : null;
    const body = { station, applicant, units, missed, tookMs, cpuMs };
    await journal.append(factOf('shadow-scored', { subject: station, atMs: clock.nowMs(), body }));
    this.#missed -= missed;
    if (++this.#batches % TWICE_EVERY === 0) await this.#twice(batch[0], units[0]?.score ?? null);
  }

  async #ask(observations: readonly Arrival['observation'][]): Promise<HostedAnswer | string> {
    try {
      return await this.#o.scorer.score(observations);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #twice(unit: Arrival | undefined, before: number | null): Promise<void> {
    if (unit === undefined || before === null) return;
    const again = await this.#ask([unit.observation]);
    if (typeof again === 'string') return;
    const score = again.said[0]?.score ?? Number.NaN;
    if (Math.abs(score - before) <= 1e-6 * Math.max(1, Math.abs(before))) return;
    this.#unsteady += 1;
    this.#o.log('not-deterministic', {
      station: this.#o.station,
      applicant: this.#o.applicant,
      before,
      again: score,
    });
  }
}
