import type { SiteFactBody } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import { aliasOf } from './alias.js';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { GateDesk } from './gate-desk.js';
import type { OpenQuestion, OpenQuestions } from './open-questions.js';
import { addedToSeeds, drawSeed, unseenContext } from './seed-library.js';
import type { StationConfig } from './station-config.js';

/** A unit is shown once more within so long, so that it does not come together with the one that it was drawn beside. */
const LATEST_MS = 60_000;
/** Drawn and not asked yet; more are dropped, since people are far behind then. */
const MOST_DUE = 50;

export interface RereadOptions {
  readonly config: StationConfig;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly gate: GateDesk;
  readonly questions: OpenQuestions;
  /** Ids of questions. */
  readonly newId: () => string;
}

interface Due {
  readonly atSteadyMs: number;
  /** Null where there is nothing to be shown by now. */
  readonly what: () =>
    | (Pick<OpenQuestion, 'reason' | 'context'> & {
        readonly again: NonNullable<OpenQuestion['again']>;
      })
    | null;
}

/**
 * Units that are shown once more to measure the readers: audits that a second user reads, and known-bad units. What is
 * drawn comes from the epoch's secret. Nothing becomes of the unit, nothing leaves for the equipment. A stop of the
 * process drops what was drawn and not asked; what was asked goes on.
 */
export class Rereads {
  readonly #o: RereadOptions;
  #due: Due[] = [];

  constructor(options: RereadOptions) {
    this.#o = options;
  }

  /** A live question was asked: one of them in so many brings a seed along, a while later. */
  besides({ unit, context }: OpenQuestion): void {
    const { config, gate, journal, clock, questions } = this.#o;
    const { seedShare } = config;
    if (seedShare === 0) return;
    const draws = gate.chances('seed', unit);
    // `seedShare` of all questions are s / (1 - s) beside each live one.
    if (draws === null || draws[0] >= seedShare / (1 - seedShare)) return;
    this.#later(draws[1], () => {
      const drawn = drawSeed(journal.db, {
        station: config.id,
        nowMs: clock.nowMs(),
        draw: draws[2],
        open: (seed) => questions.showsAgain(seed),
      });
      if (drawn === null) return null;
      const like = unseenContext(journal.db, config.id, (id) => questions.borrows(id)) ?? { unit, context };
      return {
        reason: 'seed',
        context: like.context,
        again: { ...drawn, contextOf: like.unit, besides: unit },
      };
    });
  }

  /** An audit's answer has left: a share of them is read by somebody else as well. */
  after({ reason, unit, context, first, last, again }: OpenQuestion): void {
    const { config, gate } = this.#o;
    if (again !== null || reason !== 'audit' || first === null || !first.blind) return;
    const draws = gate.chances('second-read', unit);
    if (draws === null || draws[0] >= config.doubleReadShare) return;
    const notFor = [...new Set([first.user, last?.user ?? first.user])];
    this.#later(draws[1], () => ({
      reason: 'second-read',
      context,
      again: { unit, contextOf: unit, besides: unit, notFor },
    }));
  }

  /** Asks what is due by now. */
  async ask(): Promise<void> {
    const { clock, config, gate, newId, questions } = this.#o;
    const now = clock.steadyMs();
    const due = this.#due.filter(({ atSteadyMs }) => atSteadyMs <= now);
    if (due.length === 0) return;
    this.#due = this.#due.filter((one) => !due.includes(one));
    for (const { what } of due) {
      const shown = what();
      if (shown === null) continue;
      const id = newId();
      const unit = aliasOf(id);
      const askedAtMs = Math.round(clock.nowMs());
      const deadlineAtMs = askedAtMs + config.answerMs;
      const { reason, again, context } = shown;
      const { id: station, otherwise } = config;
      const body = { station, question: id, reason, deadlineAtMs, otherwise, again };
      const asked = factOf('asked', { subject: unit, atMs: askedAtMs, body });
      await gate.commit(() => ({ facts: [asked], result: undefined }));
      questions.open({
        ...{ id, unit, reason, again, askedAtMs, deadlineAtMs, context },
        deadlineSteadyMs: clock.steadyMs() + config.answerMs,
        ...{ help: false, first: null, last: null },
      });
    }
  }

  /** An answer can no longer be undone: what it says of the readers is written. */
  async leave(question: OpenQuestion): Promise<void> {
    const { again, first, id } = question;
    if (again === null || first === null) return;
    const { config, gate, clock } = this.#o;
    const { id: station } = config;
    const subject = again.unit;
    await gate.commit(() => {
      const atMs = Math.round(clock.nowMs());
      if (question.reason === 'second-read')
        return {
          facts: this.#secondRead(again.unit, { question: id, said: first, atMs }),
          result: undefined,
        };
      const { user, label, bad, blind } = first;
      const body = { station, question: id, user, label, missed: !bad, blind };
      const read = factOf('seed-read', { subject, atMs, body });
      const told = gate.factsOf({ type: 'seed', atMs, missed: !bad, blind });
      return { facts: [read, ...told], result: undefined };
    });
  }

  /** Nobody answered in time: no evidence of anything. */
  async lapse({ id: question, unit }: OpenQuestion): Promise<void> {
    const { config, gate, clock } = this.#o;
    const atMs = Math.round(clock.nowMs());
    const lapsed = factOf('lapsed', { subject: unit, atMs, body: { station: config.id, question } });
    await gate.commit(() => ({ facts: [lapsed], result: undefined }));
  }

  #secondRead(
    unit: string,
    { question, said, atMs }: { question: string; said: NonNullable<OpenQuestion['first']>; atMs: number },
  ) {
    const { config, journal } = this.#o;
    const { id: station } = config;
    const row = journal.db
      .prepare(`SELECT label, bad, final_bad, answered_by FROM unit WHERE station = ? AND id = ?`)
      .get(station, unit);
    if (row === undefined) return [];
    const first = { user: String(row.answered_by), label: String(row.label), bad: row.bad === 1 };
    const second: SiteFactBody<'second-read'>['second'] = { ...said };
    const read = factOf('second-read', {
      subject: unit,
      atMs,
      body: { station, question, first, second },
    });
    const known = first.bad && row.final_bad === 1 && second.bad && second.blind;
    if (!known) return [read];
    const seenBy = [...new Set([first.user, second.user])];
    const body = { station, label: first.label, by: null, seenBy };
    return [read, ...addedToSeeds(journal.db, { unit, atMs, body })];
  }

  #later(share: number, what: Due['what']): void {
    const { clock, config } = this.#o;
    if (this.#due.length >= MOST_DUE) return;
    const waitMs = share * Math.min(LATEST_MS, config.answerMs);
    this.#due.push({ atSteadyMs: clock.steadyMs() + waitMs, what });
  }
}
