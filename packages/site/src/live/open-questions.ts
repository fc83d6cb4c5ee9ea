import type { SiteFactBody } from '@selvedge/core/records';
import type { Database, Row } from '@selvedge/store';
import { aliasOf } from './alias.js';
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
  /** Subject of its rows: the unit, or the question's alias where a unit is shown once more. */
  readonly unit: string;
  /** The unit that is shown once more; null on an ordinary question. */
  readonly again: NonNullable<SiteFactBody<'asked'>['again']> | null;
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

/** The unit that a question shows. */
export const shownUnit = ({ again, unit }: OpenQuestion): string => again?.unit ?? unit;

/** Whether somebody may be asked: a unit shown once more is not for whoever may know it. */
export const isFor = ({ again }: OpenQuestion, user: string): boolean => !again?.notFor.includes(user);

/** The questions of one station that are open or may still be undone; what the journal says of them, in memory. */
export class OpenQuestions {
  readonly #questions = new Map<string, OpenQuestion>();
  readonly #leaves = new Map<string, number>();
  readonly #aliases = new Map<string, string>();

  /** Questions that a stop of the process left open. Those answered and not released leave at once. */
  restore(db: Database, { id: station }: StationConfig, clock: SiteClock): void {
    // An answered question stays answered for good: those that have not left are found by their units.
    const rows = db
      .prepare(
        `WITH live AS (
           SELECT id FROM question WHERE station = ? AND (state = 'open' OR (state = 'answered' AND again_unit IS NOT NULL))
           UNION
           SELECT a.id FROM unit w INDEXED BY unit_unfinished
             CROSS JOIN question a INDEXED BY question_unit ON a.unit = w.id AND a.station = w.station
           WHERE w.station = ? AND w.disposition IS NULL AND a.state = 'answered'
         )
         SELECT q.*, coalesce(c.context, u.context, '{}') AS context FROM live CROSS JOIN question q ON q.id = live.id
         LEFT JOIN unit u ON u.station = q.station AND u.id = q.unit
         LEFT JOIN unit c ON c.station = q.station AND c.id = q.context_of
         WHERE q.again_unit IS NOT NULL OR (u.id IS NOT NULL AND u.disposition IS NULL) ORDER BY q.asked_at_ms, q.id`,
      )
      .all(station, station);
    for (const row of rows) {
      const question = questionOf(row, clock);
      this.open(question);
      if (question.last !== null) this.#leaves.set(question.id, clock.steadyMs());
    }
  }

  open(question: OpenQuestion): void {
    this.#questions.set(question.id, question);
    this.#aliases.set(aliasOf(question.id), question.id);
  }

  /** The question that goes by an alias, while it is open or may still be undone. */
  byAlias(alias: string): OpenQuestion | null {
    return this.get(this.#aliases.get(alias) ?? '');
  }

  /** True while a unit is shown once more. */
  showsAgain(unit: string): boolean {
    return [...this.#questions.values()].some(({ again }) => again?.unit === unit);
  }

  /** True while a unit's context is shown with another unit. */
  borrows(context: string): boolean {
    return [...this.#questions.values()].some(({ again }) => again?.contextOf === context);
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

  /** Audits of a period without an answer yet: a count that moved with one would tell what it is. */
  auditsWaiting({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
    return [...this.#questions.values()].filter(
      ({ reason, first, askedAtMs }) =>
        reason === 'audit' && first === null && askedAtMs >= fromMs && askedAtMs < toMs,
    ).length;
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

  /** Takes out the questions whose answer leaves now, of those that are `free` to go. */
  leaving(steadyMs: number, free: (question: OpenQuestion) => boolean): OpenQuestion[] {
    return this.#takeOut(
      (q) => q.last !== null && (this.#leaves.get(q.id) ?? Number.POSITIVE_INFINITY) <= steadyMs && free(q),
    );
  }

  /** Takes out the questions that nobody answered in time, of those that are `free` to go. */
  overdue(steadyMs: number, free: (question: OpenQuestion) => boolean): OpenQuestion[] {
    return this.#takeOut((q) => q.last === null && q.deadlineSteadyMs <= steadyMs && free(q));
  }

  #takeOut(which: (question: OpenQuestion) => boolean): OpenQuestion[] {
    const found = [...this.#questions.values()].filter(which);
    for (const { id } of found) {
      this.#questions.delete(id);
      this.#leaves.delete(id);
      this.#aliases.delete(aliasOf(id));
    }
    return found;
  }
}

function questionOf(row: Row, clock: SiteClock): OpenQuestion {
  const deadlineAtMs = Number(row.deadline_at_ms);
  const said = (label: unknown, bad: unknown, user: unknown): Said | null =>
    label === null
      ? null
      : { user: String(user), label: String(label), bad: bad === 1, blind: row.first_blind === 1 };
  return {
    id: String(row.id),
    unit: String(row.unit),
    reason: row.reason as OpenQuestion['reason'],
    again:
      row.again_unit === null
        ? null
        : {
            unit: String(row.again_unit),
            contextOf: String(row.context_of),
            besides: String(row.besides),
            notFor: JSON.parse(String(row.not_for)),
          },
    askedAtMs: Number(row.asked_at_ms),
    deadlineAtMs,
    deadlineSteadyMs: clock.steadyMs() + (deadlineAtMs - clock.nowMs()),
    context: JSON.parse(String(row.context)),
    help: row.help === 1,
    first: said(row.first_label, row.first_bad, row.first_user),
    last: said(row.label, row.bad, row.user),
  };
}
