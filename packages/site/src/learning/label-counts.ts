import type { Database, Statement } from '@selvedge/store';
import { isEvidence, type Roles } from './roles.js';

/** Evidence labels by which the pace is measured. */
const PACE = 500;
const HOUR_MS = 3_600_000;

/** How many units of each role people have judged so far: counted as the answers come, never anew. */
export class LabelCounts {
  readonly training = { units: 0, bad: 0 };
  readonly evidence = { units: 0, bad: 0 };
  readonly #roles: Roles;
  readonly #station: string;
  readonly #next: Statement;
  readonly #atOf: Statement;
  readonly #after: Statement;
  readonly #pace: number[] = [];
  #seen = 0;

  constructor(db: Database, station: string, roles: Roles) {
    this.#roles = roles;
    this.#station = station;
    this.#next = db.prepare(
      `SELECT unit, lot, bad, propensity, label_seq FROM unit_label
       WHERE station = ? AND label_seq > ? ORDER BY label_seq LIMIT 2000`,
    );
    this.#after = db.prepare(
      `SELECT unit, lot FROM unit_label WHERE station = ? AND seq > ? AND propensity IS NOT NULL AND label_seq IS NOT NULL`,
    );
    this.#atOf = db.prepare('SELECT at_ms FROM journal WHERE seq = ?');
  }

  /** Counts what was answered since the last look, at most 2,000 a look. */
  refresh(): void {
    for (const row of this.#next.all(this.#station, this.#seen)) {
      const { unit, lot, bad, propensity, label_seq: seq } = row;
      this.#seen = Number(seq);
      const evidence = isEvidence(this.#roles, {
        unit: String(unit),
        lot: lot === null ? null : String(lot),
      });
      // Nobody judged it in time: it teaches nothing, and counts as bad where something is to be proved.
      if (bad === null && !evidence) continue;
      if (evidence && propensity === null) continue;
      const counts = evidence ? this.evidence : this.training;
      counts.units += 1;
      if (bad !== 0) counts.bad += 1;
      if (!evidence) continue;
      this.#pace.push(this.#seen);
      if (this.#pace.length > PACE) this.#pace.shift();
    }
  }

  /** Units of role evidence that were decided and judged after a row. */
  evidenceAfter(seq: number): number {
    let count = 0;
    for (const { unit, lot } of this.#after.iterate(this.#station, seq))
      if (isEvidence(this.#roles, { unit: String(unit), lot: lot === null ? null : String(lot) })) count += 1;
    return count;
  }

  /** Over the newest labels of role evidence; null with fewer than two. */
  evidencePerHour(): number | null {
    const [first, last] = [this.#pace[0], this.#pace.at(-1)];
    if (first === undefined || last === undefined || this.#pace.length < 2) return null;
    const tookMs = Number(this.#atOf.get(last)?.at_ms) - Number(this.#atOf.get(first)?.at_ms);
    return tookMs > 0 ? ((this.#pace.length - 1) * HOUR_MS) / tookMs : null;
  }
}
