import type { Database } from '@selvedge/store';
import { isEvidence, type Roles } from './roles.js';

/** Newest automatic passes of role training by which "close to the threshold" is told. */
const RECENT = 200;
const HOUR_MS = 3_600_000;
/** Share of the extra questions that are drawn by chance: what the model is sure of and wrong about is seen too. */
const EXPLORE = 0.1;

/**
 * A small budget of questions on automatic passes: those that teach most, which are the ones closest to the certified
 * threshold, and a tenth by chance. Units of role evidence are never asked: a model must not choose what proves it.
 */
export class Extra {
  readonly #db: Database;
  readonly #station: string;
  readonly #roles: Roles;
  readonly #perHour: number;
  readonly #steadyMs: () => number;
  readonly #random: () => number;
  #tokens = 1;
  #at: number;
  #recent: number[] = [];
  #passes = 0;
  #since: number;

  constructor({
    db,
    station,
    roles,
    perHour,
    steadyMs,
    random = Math.random,
  }: {
    readonly db: Database;
    readonly station: string;
    readonly roles: Roles;
    readonly perHour: number;
    readonly steadyMs: () => number;
    /** Independent uniforms on [0, 1): nothing is proved with them. */
    readonly random?: () => number;
  }) {
    this.#db = db;
    this.#station = station;
    this.#roles = roles;
    this.#perHour = perHour;
    this.#steadyMs = steadyMs;
    this.#random = random;
    this.#at = steadyMs();
    this.#since = this.#at;
  }

  /** Whether a unit that the gate would pass is asked about instead. */
  wants({
    unit,
    lot,
    score,
    threshold,
  }: {
    readonly unit: string;
    readonly lot: string | null;
    readonly score: number;
    readonly threshold: number | null;
  }): boolean {
    if (this.#perHour === 0 || threshold === null) return false;
    if (isEvidence(this.#roles, { unit, lot })) return false;
    const now = this.#steadyMs();
    const most = Math.max(1, this.#perHour / 6);
    this.#tokens = Math.min(most, this.#tokens + ((now - this.#at) * this.#perHour) / HOUR_MS);
    this.#at = now;
    this.#passes += 1;
    const distance = threshold - score;
    const rate = this.#rate(now);
    const chosen = this.#random() < EXPLORE ? this.#random() < rate : this.#isAmongClosest(distance, rate);
    this.#recent.push(distance);
    if (this.#recent.length > RECENT) this.#recent.shift();
    if (!chosen || this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Share of the passes that the budget is good for. */
  #rate(nowMs: number): number {
    const hours = Math.max((nowMs - this.#since) / HOUR_MS, 1e-6);
    return Math.min(1, (this.#perHour * hours) / this.#passes);
  }

  #isAmongClosest(distance: number, share: number): boolean {
    const closer = this.#recent.filter((other) => other < distance).length;
    return closer <= share * this.#recent.length;
  }

  /** Questions of the day, and those that wait. */
  counts(fromMs: number): { askedToday: number; open: number } {
    const count = (sql: string, ...values: (string | number)[]): number =>
      Number(this.#db.prepare(sql).get(this.#station, ...values)?.n ?? 0);
    return {
      askedToday: count(
        `SELECT count(*) AS n FROM question WHERE station = ? AND reason = 'teach' AND asked_at_ms >= ?`,
        fromMs,
      ),
      open: count(
        `SELECT count(*) AS n FROM question q JOIN unit_label l ON l.station = q.station AND l.unit = q.unit
         WHERE q.station = ? AND q.reason = 'teach' AND l.bad IS NULL AND l.late = 0`,
      ),
    };
  }
}
