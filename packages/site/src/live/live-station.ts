import { createHash } from 'node:crypto';
import type { GateEffect, GateEvent } from '@selvedge/core';
import type { Disposition, SiteFactBody } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { type Blobs, type Fact, type Journal, StoreError } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { GateKeeper } from './gate-keeper.js';
import { type InstalledModel, type Judged, judge } from './model.js';
import { keepObservation } from './observations.js';
import { type OpenQuestion, OpenQuestions } from './open-questions.js';
import { certifyShadow } from './shadow-evidence.js';
import type { StationConfig } from './station-config.js';

/** A unit as a connector brings it. */
export interface Arrival {
  readonly id: string;
  readonly observation: Observation;
  readonly context: Readonly<Record<string, string | number | null>>;
  readonly lot: string | null;
  readonly sourceAtMs: number | null;
}

/** Tells the equipment what becomes of a unit; `unknown` where it may or may not have heard. */
export type Output = (unit: {
  readonly id: string;
  readonly disposition: Disposition;
}) => Promise<'done' | 'unknown' | 'not-sent'>;

export interface LiveOptions {
  readonly config: StationConfig;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: SiteClock;
  readonly model: InstalledModel | null;
  readonly secret: Uint8Array;
  readonly output: Output;
  /** Ids of questions. */
  readonly newId: () => string;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** Units scored and written together at most. */
const BATCH = 64;
/** Pause before a commit that failed is tried again. */
const RETRY_MS = 200;

interface Waiting {
  readonly unit: Arrival;
  readonly steadyMs: number;
  readonly taken: (receipt: { seq: number; again: boolean }) => void;
  readonly refused: (error: unknown) => void;
}

/** A unit whose row is on disk and whose decision is not. */
interface Taken {
  readonly unit: Arrival;
  readonly steadyMs: number;
  readonly atMs: number;
}

/**
 * One station at work: units are taken (acknowledged when the journal has them), scored, ruled on by the gate or asked
 * of a person, and released to the equipment; whatever fails ends with a person or with the safe default.
 */
export class LiveStation {
  readonly config: StationConfig;
  readonly questions = new OpenQuestions();
  readonly #o: LiveOptions;
  readonly #keeper: GateKeeper;
  readonly #queue: Waiting[] = [];
  #model: InstalledModel | null;
  #working: Promise<void> | null = null;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: LiveOptions) {
    this.#o = options;
    this.config = options.config;
    this.#model = options.model;
    this.#keeper = GateKeeper.restore(options.journal.db, {
      station: options.config.id,
      secret: options.secret,
      middle: options.model?.middle ?? 0,
    });
    this.questions.restore(options.journal.db, options.config, options.clock);
  }

  get gate() {
    return this.#keeper.state;
  }

  get model(): InstalledModel | null {
    return this.#model;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Takes a unit. Resolves when the journal has it; the decision follows. A unit that was taken before is not taken
   * twice. @throws StoreError `too-many-waiting` (later) where the station cannot keep up, `cannot-commit` (later).
   */
  arrive(unit: Arrival): Promise<{ seq: number; again: boolean }> {
    if (this.#queue.length >= this.config.mostWaiting) {
      const message = `${this.config.name} has ${this.#queue.length} units waiting already`;
      return Promise.reject(new StoreError('too-many-waiting', message, { retry: 'later' }));
    }
    return new Promise((taken, refused) => {
      this.#queue.push({ unit, steadyMs: this.#o.clock.steadyMs(), taken, refused });
      this.#work();
    });
  }

  /** Everything that has arrived is decided. */
  async idle(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  #work(): void {
    if (this.#working !== null || this.#closed) return;
    this.#working = (async () => {
      while (this.#queue.length > 0 && !this.#closed) await this.#take(this.#queue.splice(0, BATCH));
    })()
      .catch((error) => this.#o.log('station-failed', { station: this.config.id, error: String(error) }))
      .finally(() => {
        this.#working = null;
        if (this.#queue.length > 0) this.#work();
      });
  }

  async #take(batch: readonly Waiting[]): Promise<void> {
    const { journal, blobs, clock, log } = this.#o;
    const known = journal.db.prepare('SELECT seq FROM unit WHERE station = ? AND id = ?');
    const fresh: Waiting[] = [];
    const ids = new Set<string>();
    for (const one of batch) {
      const before = known.get(this.config.id, one.unit.id);
      if (before !== undefined) one.taken({ seq: Number(before.seq), again: true });
      else if (ids.has(one.unit.id))
        one.refused(new RangeError(`the unit ${one.unit.id} came twice at once`));
      else {
        ids.add(one.unit.id);
        fresh.push(one);
      }
    }
    if (fresh.length === 0) return;
    const taken: Taken[] = [];
    try {
      const facts: Fact[] = [];
      for (const { unit, steadyMs } of fresh) {
        const kept = await keepObservation(blobs, unit.observation);
        const atMs = clock.nowMs();
        const { context, lot, sourceAtMs } = unit;
        const body = {
          station: this.config.id,
          observation: kept.ref,
          context: { ...context },
          ...{ lot, part: this.config.part, sourceAtMs },
          deadlineAtMs: atMs + this.config.answerMs,
        };
        facts.push(factOf('arrived', { subject: unit.id, atMs, body, blobs: kept.blobs }));
        taken.push({ unit, steadyMs, atMs });
      }
      const receipts = await journal.appendAll(facts);
      fresh.forEach(({ taken: acknowledge }, i) => {
        acknowledge({ seq: receipts[i]!.seq, again: false });
      });
    } catch (error) {
      // Nothing was acknowledged: whoever brought the units brings them again.
      for (const { refused } of fresh) refused(error);
      return;
    }
    const spent = Math.max(...taken.map(({ steadyMs }) => clock.steadyMs() - steadyMs));
    const judged = await judge(
      this.#model,
      taken.map(({ unit }) => unit.observation),
      this.config.decideMs - spent,
    );
    const late = judged.find(({ fault }) => fault !== null);
    if (late && this.#model !== null) log('no-score', { station: this.config.id, why: late.fault });
    await this.#decide(taken, judged);
  }

  /** Rules on units whose rows are on disk, writes what was ruled, and lets go of what the gate decided alone. */
  async #decide(taken: readonly Taken[], judged: readonly Judged[]): Promise<void> {
    const ruled = await this.#commit(() => {
      const result = taken.map((one, i) => this.#rule(one, judged[i]!));
      return { facts: result.flatMap(({ facts }) => facts), result };
    });
    for (const { question } of ruled) if (question !== null) this.questions.open(question);
    await Promise.all(
      ruled.map(({ unit, released }) =>
        released === null ? null : this.#release(unit, released, 'gate', () => []),
      ),
    );
  }

  /**
   * Steps the gate and writes the rows that say so, one such act at a time, so that the journal has them in the order in
   * which they were stepped. Where the disk refuses, the steps are forgotten and made again, as long as it takes.
   */
  #commit<T>(make: () => { readonly facts: readonly Fact[]; readonly result: T }): Promise<T> {
    return this.exclusively(async () => {
      for (let attempt = 0; ; attempt++) {
        const { facts, result } = make();
        try {
          await this.#o.journal.appendAll(facts);
          return result;
        } catch (error) {
          this.#keeper.forget();
          if (!(error instanceof StoreError) || error.retry !== 'later' || this.#closed) throw error;
          if (attempt === 0) this.#o.log('rows-wait', { station: this.config.id, why: error.message });
          await pause(RETRY_MS);
        }
      }
    });
  }

  /** Waits for its turn with the gate; others wait meanwhile. */
  exclusively<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  #rule(
    { unit, steadyMs }: Taken,
    { score, fault, classCall }: Judged,
  ): { unit: string; facts: Fact[]; question: OpenQuestion | null; released: Disposition | null } {
    const { clock, newId } = this.#o;
    const { id: station, answerMs, otherwise } = this.config;
    const atMs = clock.nowMs();
    const before = this.#keeper.state;
    const scope = this.config.part ?? station;
    const ruling = this.#keeper.rule({ id: unit.id, atMs: Math.round(atMs), score, scope, lot: unit.lot });
    const decide = ruling?.decide ?? null;
    const body: SiteFactBody<'decided'> = {
      station,
      score: Number.isNaN(score) ? null : score,
      noScore: fault,
      draw: ruling?.inputs.draw ?? 0,
      pLevel: ruling?.inputs.pLevel ?? null,
      pSpread: ruling?.inputs.pSpread ?? null,
      scope,
      lot: unit.lot,
      epoch: decide?.epoch ?? 0,
      call: decide?.call ?? 'ask',
      by: decide?.by ?? 'person',
      region: decide?.region ?? 'between',
      position: decide?.position ?? null,
      audit: decide?.audit ?? false,
      propensity: decide?.propensity ?? 1,
      why: decide?.why ?? 'nobody has signed a budget for this station',
      state: this.#keeper.state?.name ?? 'shadow',
      certificate: this.#certificateHash(),
      model: this.#model?.hash ?? null,
      tookMs: Math.max(0, clock.steadyMs() - steadyMs),
      classCall,
    };
    const facts = [
      factOf('decided', { subject: unit.id, atMs, body }),
      ...this.#spoken(ruling?.effects ?? [], atMs),
    ];
    if (decide?.by === 'gate' && !decide.audit) {
      return { unit: unit.id, facts, question: null, released: decide.call === 'pass' ? 'pass' : 'reject' };
    }
    const reason =
      fault !== null
        ? 'no-score'
        : decide?.audit
          ? 'audit'
          : before?.name === 'open' || before?.name === 'ramp' || before?.name === 'watch'
            ? 'ask'
            : 'shadow';
    const question: OpenQuestion = {
      id: newId(),
      unit: unit.id,
      reason,
      askedAtMs: Math.round(atMs),
      deadlineAtMs: Math.round(atMs + answerMs),
      deadlineSteadyMs: clock.steadyMs() + answerMs,
      context: { ...unit.context },
      help: false,
      first: null,
      last: null,
    };
    facts.push(
      factOf('asked', {
        subject: unit.id,
        atMs,
        body: { station, question: question.id, reason, deadlineAtMs: question.deadlineAtMs, otherwise },
      }),
    );
    return { unit: unit.id, facts, question, released: null };
  }

  /**
   * A person's answer. The first on a question is the evidence; it leaves for the equipment after the undo window, or at
   * the deadline where that is sooner.
   * @throws RangeError `no such question`, or a label that is none of the station's answers.
   */
  async answer(
    questionId: string,
    {
      user,
      label,
      by,
      tookMs,
    }: { user: string; label: string; by: SiteFactBody<'answered'>['by']; tookMs: number },
  ): Promise<{ undoUntilMs: number; question: OpenQuestion }> {
    const question = this.questions.get(questionId);
    if (question === null)
      throw new RangeError('no such question: it was answered, or its deadline has passed');
    const choice = this.config.choices.find((one) => one.label === label);
    if (choice === undefined)
      throw new RangeError(
        `"${label}" is no answer here: ${this.config.choices.map((c) => c.label).join(', ')}`,
      );
    const { clock, journal } = this.#o;
    const counts = question.first === null;
    const body = {
      station: this.config.id,
      question: question.id,
      ...{ user, bad: choice.bad, label, blind: counts && !question.help, counts, by, tookMs },
    };
    await journal.append(factOf('answered', { subject: question.unit, atMs: clock.nowMs(), body }));
    const said = { user, label, bad: choice.bad, blind: body.blind };
    const leavesSteadyMs = Math.min(clock.steadyMs() + this.config.undoMs, question.deadlineSteadyMs);
    this.questions.answered(question.id, said, leavesSteadyMs);
    return { undoUntilMs: clock.nowMs() + Math.max(0, leavesSteadyMs - clock.steadyMs()), question };
  }

  /** Takes the last answer back while it has not left. False where it has. */
  async undo(questionId: string, user: string): Promise<boolean> {
    const question = this.questions.get(questionId);
    if (question === null || question.last === null) return false;
    const body = { station: this.config.id, question: questionId, user };
    await this.#o.journal.append(
      factOf('undone', { subject: question.unit, atMs: this.#o.clock.nowMs(), body }),
    );
    this.questions.reopened(questionId);
    return true;
  }

  /** Somebody wants the model's view before answering: the answer is no evidence then. */
  async help(questionId: string, user: string): Promise<boolean> {
    const question = this.questions.get(questionId);
    if (question === null || question.first !== null) return false;
    const body = { station: this.config.id, question: questionId, user };
    await this.#o.journal.append(
      factOf('help-shown', { subject: question.unit, atMs: this.#o.clock.nowMs(), body }),
    );
    this.questions.helped(questionId);
    return true;
  }

  /** Lets answers leave whose undo window is over, and applies the safe default where nobody answered in time. */
  async sweep(): Promise<void> {
    const { clock } = this.#o;
    const now = clock.steadyMs();
    for (const question of this.questions.leaving(now)) await this.#leave(question);
    for (const question of this.questions.overdue(now)) await this.#overdue(question);
  }

  async #leave(question: OpenQuestion): Promise<void> {
    const { last, first, unit } = question;
    if (last === null || first === null) return;
    const { bad, blind } = first;
    await this.#release(unit, last.bad ? 'reject' : 'pass', 'person', (atMs) =>
      this.#gateFacts({ type: 'answer', unitId: unit, atMs, bad, blind }),
    );
    await this.#certify();
  }

  async #overdue({ id: question, unit }: OpenQuestion): Promise<void> {
    const { otherwise, id: station } = this.config;
    await this.#release(unit, otherwise, 'deadline', (atMs) => [
      factOf('overdue', { subject: unit, atMs, body: { station, question, otherwise } }),
    ]);
    await this.#certify();
  }

  /** Tells the equipment, then writes that it was told. What the equipment does is never repeated on a doubt. */
  async #release(
    unit: string,
    disposition: Disposition,
    by: SiteFactBody<'released'>['by'],
    before: (atMs: number) => Fact[],
  ): Promise<void> {
    const { output, clock, log } = this.#o;
    const outcome = await output({ id: unit, disposition }).catch((error) => {
      log('output-failed', { station: this.config.id, unit, error: String(error) });
      return 'unknown' as const;
    });
    const body = { station: this.config.id, disposition, by, outcome };
    await this.#commit(() => {
      const atMs = Math.round(clock.nowMs());
      return {
        facts: [...before(atMs), factOf('released', { subject: unit, atMs, body })],
        result: undefined,
      };
    });
  }

  /** An event of the gate with what it sets off, as rows. */
  #gateFacts(event: GateEvent): Fact[] {
    if (this.#keeper.state === null) return [];
    const { atMs } = event;
    const effects = this.#keeper.tell(event);
    const body = { station: this.config.id, event: { ...event } as Record<string, unknown> };
    return [factOf('gate', { subject: this.config.id, atMs, body }), ...this.#spoken(effects, atMs)];
  }

  /** Transitions and alarms, for people. */
  #spoken(effects: readonly GateEffect[], atMs: number): Fact[] {
    const station = this.config.id;
    return effects.flatMap((effect) => {
      if (effect.type === 'transition') {
        const { from, to, why } = effect;
        return [factOf('transition', { subject: station, atMs, body: { station, from, to, why } })];
      }
      if (effect.type === 'alarm')
        return [
          factOf('alarm', { subject: station, atMs, body: { station, what: effect.what, why: effect.why } }),
        ];
      return [];
    });
  }

  /** An event from outside the flow of units: a closing, a new epoch, a finding, the time. */
  async tell(event: GateEvent, also: readonly Fact[] = []): Promise<void> {
    await this.#commit(() => ({ facts: [...this.#gateFacts(event), ...also], result: undefined }));
  }

  /** Lets the gate look at the time; written only where that changed something. */
  async tick(): Promise<void> {
    const event: GateEvent = { type: 'tick', atMs: Math.round(this.#o.clock.nowMs()) };
    if (this.#keeper.would(event).changed) await this.tell(event);
  }

  /** Makes the certificate once the planned number of units is labelled. */
  async #certify(): Promise<void> {
    const { journal, clock } = this.#o;
    const made = certifyShadow(journal.db, this.config, this.#keeper.state, this.#model?.middle ?? 0);
    if (made === null) return;
    const { watch, n, bads, accept, reject } = made;
    const record = { n, bads, accept: plain(accept), reject: plain(reject) };
    const hash = createHash('sha256').update(JSON.stringify(record)).digest('hex');
    await this.#commit(() => {
      // Another answer may have made it in the meantime.
      if (this.#keeper.state?.certificate !== null) return { facts: [], result: undefined };
      const atMs = Math.round(clock.nowMs());
      const effects = this.#keeper.tell({ type: 'certificate', atMs, n, bads, accept, reject });
      const body = { station: this.config.id, ...record, hash, watch };
      const fact = factOf('certified', { subject: this.config.id, atMs, body });
      return { facts: [fact, ...this.#spoken(effects, atMs)], result: undefined };
    });
    // The watch for drift begins with the certificate.
    await this.exclusively(async () => this.#keeper.forget());
  }

  /** A signature, a model or a restored commit: the gate is read from the journal again. */
  renew(secret: Uint8Array, model: InstalledModel | null): void {
    this.#model = model;
    this.#keeper.begin(secret, model?.middle ?? 0);
  }

  #certificateHash(): string | null {
    if (this.#keeper.state?.certificate == null) return null;
    const row = this.#o.journal.db
      .prepare('SELECT hash FROM gate_certificate WHERE station = ? ORDER BY seq DESC LIMIT 1')
      .get(this.config.id);
    return row === undefined ? null : String(row.hash);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { refused } of this.#queue.splice(0))
      refused(new StoreError('closed', 'the site is stopping', { retry: 'later' }));
    await this.idle();
  }
}

const plain = (side: object | null): Record<string, unknown> | null => (side === null ? null : { ...side });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
