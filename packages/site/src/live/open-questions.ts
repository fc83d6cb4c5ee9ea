import type { SiteFactBody } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import type { StationConfig } from './station-config.js';

export interface Said {
  readonly user: string;
  readonly label: string;
  readonly bad: boolean;
  readonly blind: boolean;
}

/** A question that has not left for the equipment yet. */
export interface OpenQuestion {
  readonly id: string;
  readonly unit: string;
  readonly reason: SiteFactBody<'asked'>['reason'];
  readonly askedAtMs: number;
  readonly deadlineAtMs: number;
  readonly deadlineSteadyMs: number;
  readonly context: Readonly<Record<string, string | number | null>>;
  readonly help: boolean;
  /** The first answer: the evidence. */
  readonly first: Said | null;
  /** What becomes of the unit. */
  readonly last: Said | null;
}

/** The questions of one station that are open or may still be undone; what the journal says of them, in memory. */
export class OpenQuestions {
  readonly #questions = new Map<string, OpenQuestion>();
  readonly #leaves = new Map<string, number>();

  /** Questions that a stop of the process left open. Those answered and not released leave at once. */
  restore(db: Database, { id: station }: StationConfig, clock: SiteClock): void {
    const rows = db
      .prepare(
        `SELECT q.*, u.label AS first_label, u.bad AS first_bad, u.blind AS first_blind, u.answered_by,
                u.final_label, u.final_bad, u.context
         FROM question q JOIN unit u ON u.station = q.station AND u.id = q.unit
         WHERE q.station = ? AND q.state IN ('open', 'answered') AND u.disposition IS NULL ORDER BY q.asked_at_ms`,
      )
      .all(station);
    for (const row of rows) {
      const said = (label: unknown, bad: unknown): Said | null =>
        label === null
          ? null
          : {
              user: String(row.answered_by),
              label: String(label),
              bad: bad === 1,
              blind: row.first_blind === 1,
            };
      const deadlineAtMs = Number(row.deadline_at_ms);
      const question: OpenQuestion = {
        id: String(row.id),
        unit: String(row.unit),
        reason: row.reason as OpenQuestion['reason'],
        askedAtMs: Number(row.asked_at_ms),
        deadlineAtMs,
        deadlineSteadyMs: clock.steadyMs() + (deadlineAtMs - clock.nowMs()),
        context: JSON.parse(String(row.context)),
        help: row.help === 1,
        first: said(row.first_label, row.first_bad),
        last: said(row.final_label, row.final_bad),
      };
      this.open(question);
      if (question.last !== null) this.#leaves.set(question.id, clock.steadyMs());
    }
  }

  open(question: OpenQuestion): void {
    this.#questions.set(question.id, question);
  }

  get(id: string): OpenQuestion | null {
    return this.#questions.get(id) ?? null;
  }

  /** Open ones without an answer, soonest deadline first. */
  list(): OpenQuestion[] {
    return [...this.#questions.values()]
      .filter((q) => q.last === null)
      .sort((a, b) => a.deadlineSteadyMs - b.deadlineSteadyMs || a.askedAtMs - b.askedAtMs);
  }

  answered(id: string, said: Said, leavesSteadyMs: number): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.set(id, { ...question, first: question.first ?? said, last: said });
    this.#leaves.set(id, leavesSteadyMs);
  }

  reopened(id: string): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.set(id, { ...question, last: null });
    this.#leaves.delete(id);
  }

  helped(id: string): void {
    const question = this.#questions.get(id);
    if (question !== undefined) this.#questions.set(id, { ...question, help: true });
  }

  /** Takes out the questions whose answer leaves now. */
  leaving(steadyMs: number): OpenQuestion[] {
    return this.#takeOut(
      (q) => q.last !== null && (this.#leaves.get(q.id) ?? Number.POSITIVE_INFINITY) <= steadyMs,
    );
  }

  /** Takes out the questions that nobody answered in time. */
  overdue(steadyMs: number): OpenQuestion[] {
    return this.#takeOut((q) => q.last === null && q.deadlineSteadyMs <= steadyMs);
  }

  #takeOut(which: (question: OpenQuestion) => boolean): OpenQuestion[] {
    const found = [...this.#questions.values()].filter(which);
    for (const { id } of found) {
      this.#questions.delete(id);
      this.#leaves.delete(id);
    }
    return found;
  }
}
