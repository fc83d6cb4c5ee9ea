import type { Disposition, SiteFactBody } from '@selvedge/core/records';
import type { Fact, Journal } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { GateDesk } from './gate-desk.js';
import { isFor, type OpenQuestion, OpenQuestions } from './open-questions.js';
import { Rereads } from './rereads.js';
import type { StationConfig } from './station-config.js';

/** Tells the equipment and writes that it was told, with the rows that belong before. */
export type Release = (
  unit: string,
  disposition: Disposition,
  by: SiteFactBody<'released'>['by'],
  before: (atMs: number) => Fact[],
) => Promise<void>;

export interface AnswerDeskOptions {
  readonly config: StationConfig;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly gate: GateDesk;
  readonly release: Release;
  /** Ids of questions. */
  readonly newId: () => string;
}

/**
 * Where people answer. The first answer on a question is the evidence, the last one decides what becomes of the unit; it
 * leaves for the equipment when its undo window is over, or at the deadline where that is sooner.
 */
export class AnswerDesk {
  readonly questions = new OpenQuestions();
  readonly #o: AnswerDeskOptions;
  readonly #again: Rereads;
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: AnswerDeskOptions) {
    this.#o = options;
    this.#again = new Rereads({ ...options, questions: this.questions });
    this.questions.restore(options.journal.db, options.config, options.clock);
  }

  /** Opens a question on a live unit whose row is on disk. */
  asked(question: OpenQuestion): void {
    this.questions.open(question);
    this.#again.besides(question);
  }

  /**
   * @throws RangeError where the question is over, answered by somebody else, or not for this user, and for a label that is
   * none of the station's answers.
   */
  answer(
    questionId: string,
    said: Pick<SiteFactBody<'answered'>, 'user' | 'label' | 'by' | 'tookMs'>,
  ): Promise<{ undoUntilMs: number; question: OpenQuestion }> {
    return this.#inTurn(questionId, () => this.#answer(questionId, said));
  }

  async #answer(
    questionId: string,
    said: Pick<SiteFactBody<'answered'>, 'user' | 'label' | 'by' | 'tookMs'>,
  ): Promise<{ undoUntilMs: number; question: OpenQuestion }> {
    const { config, clock, journal } = this.#o;
    const question = this.questions.get(questionId);
    if (question === null)
      throw new RangeError('no such question: it was answered, or its deadline has passed');
    const { user, label, by, tookMs } = said;
    if (!isFor(question, user)) throw new RangeError('the question is for somebody else');
    if (question.last !== null && question.last.user !== user)
      throw new RangeError('the question was answered by somebody else');
    const choice = config.choices.find((one) => one.label === label);
    if (choice === undefined)
      throw new RangeError(`"${label}" is no answer here: ${config.choices.map((c) => c.label).join(', ')}`);
    const counts = question.first === null;
    const blind = counts && !question.help;
    const { bad } = choice;
    const body = { station: config.id, question: question.id, user, bad, label, blind, counts, by, tookMs };
    await journal.append(factOf('answered', { subject: question.unit, atMs: clock.nowMs(), body }));
    const leavesSteadyMs = Math.min(clock.steadyMs() + config.undoMs, question.deadlineSteadyMs);
    this.questions.answered(question.id, { user, label, bad, blind }, leavesSteadyMs);
    return { undoUntilMs: clock.nowMs() + Math.max(0, leavesSteadyMs - clock.steadyMs()), question };
  }

  /** Takes the last answer back while it has not left. False where it has. */
  undo(questionId: string, user: string): Promise<boolean> {
    return this.#inTurn(questionId, () => this.#undo(questionId, user));
  }

  async #undo(questionId: string, user: string): Promise<boolean> {
    const { config, clock, journal } = this.#o;
    const question = this.questions.get(questionId);
    if (question === null || question.last === null || !isFor(question, user)) return false;
    const body = { station: config.id, question: questionId, user };
    await journal.append(factOf('undone', { subject: question.unit, atMs: clock.nowMs(), body }));
    this.questions.reopened(questionId);
    return true;
  }

  /** Somebody wants the model's view before answering: the answer is no evidence then. */
  help(questionId: string, user: string): Promise<boolean> {
    return this.#inTurn(questionId, () => this.#help(questionId, user));
  }

  async #help(questionId: string, user: string): Promise<boolean> {
    const { config, clock, journal } = this.#o;
    const question = this.questions.get(questionId);
    if (question === null || question.first !== null || !isFor(question, user)) return false;
    const body = { station: config.id, question: questionId, user };
    await journal.append(factOf('help-shown', { subject: question.unit, atMs: clock.nowMs(), body }));
    this.questions.helped(questionId);
    return true;
  }

  /** Lets answers leave whose undo window is over, and applies the safe default where nobody answered in time. */
  async sweep(): Promise<void> {
    const now = this.#o.clock.steadyMs();
    // Somebody's word that is on its way to the disk is heard first.
    const quiet = ({ id }: OpenQuestion): boolean => !this.#turns.has(id);
    const leaving = this.questions.leaving(now, quiet);
    const overdue = this.questions.overdue(now, quiet);
    for (const question of leaving) await this.#leave(question);
    for (const question of overdue) await this.#overdue(question);
    await this.#again.ask();
    if (leaving.length + overdue.length > 0) await this.#o.gate.certify();
  }

  /** One word at a time on a question: two at once could both be its first answer. */
  async #inTurn<T>(question: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(question) ?? Promise.resolve()).then(act);
    const over = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(question, over);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(question) === over) this.#turns.delete(question);
    }
  }

  async #leave(question: OpenQuestion): Promise<void> {
    const { last, first, unit } = question;
    if (last === null || first === null) return;
    if (question.again !== null) return this.#again.leave(question);
    const { bad, blind } = first;
    await this.#o.release(unit, last.bad ? 'reject' : 'pass', 'person', (atMs) =>
      this.#o.gate.factsOf({ type: 'answer', unitId: unit, atMs, bad, blind }),
    );
    this.#again.after(question);
  }

  async #overdue(open: OpenQuestion): Promise<void> {
    if (open.again !== null) return this.#again.lapse(open);
    const { id: question, unit } = open;
    const { otherwise, id: station } = this.#o.config;
    await this.#o.release(unit, otherwise, 'deadline', (atMs) => [
      factOf('overdue', { subject: unit, atMs, body: { station, question, otherwise } }),
    ]);
  }
}
