import type { GateState } from '@selvedge/core';
import type { Disposition, SiteFactBody } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { type Blobs, type Fact, type Journal, StoreError } from '@selvedge/store';
import { AnswerDesk } from './answer-desk.js';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { GateDesk } from './gate-desk.js';
import type { Ruling } from './gate-keeper.js';
import { arrivedBody, Intake, type Taken } from './intake.js';
import { type InstalledModel, type Judged, judge } from './model.js';
import type { OpenQuestion } from './open-questions.js';
import type { StationConfig } from './station-config.js';
import { STOPPED, unfinishedOf } from './unfinished.js';
import { reasonOf, type Teaches } from './why-asked.js';

/** A unit as a connector brings it. */
export interface Arrival {
  readonly id: string;
  readonly observation: Observation;
  readonly context: Readonly<Record<string, string | number | null>>;
  readonly lot: string | null;
  readonly sourceAtMs: number | null;
  /** Why its observation cannot be trusted: it is not scored, and a person decides. */
  readonly fault?: string;
}

/** A unit of the past with what a person said of it then. */
export interface PastUnit extends Arrival {
  readonly label: string;
  readonly bad: boolean;
}

/** Tells the equipment what becomes of a unit; `unknown` where it may or may not have heard. */
export type Output = (unit: {
  readonly id: string;
  readonly disposition: Disposition;
  readonly by: SiteFactBody<'released'>['by'];
}) => Promise<SiteFactBody<'released'>['outcome']>;

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

/** Units scored and decided together at most. */
const BATCH = 64;
const LONG_MS = 60_000;
const TAUGHT = 'it would pass, and its answer teaches: a person is asked besides';

const REPLACED: Judged = {
  score: Number.NaN,
  fault: 'the model was replaced while the unit was scored',
  classCall: null,
};

/** What was ruled on a unit: a question, or what the gate lets go of alone. */
interface Ruled {
  readonly unit: string;
  readonly question: OpenQuestion | null;
  readonly released: Disposition | null;
}

/**
 * One station at work: units are taken (acknowledged when the journal has them), scored, ruled on by the gate or asked
 * of a person, and released to the equipment; whatever fails ends with a person or with the safe default.
 */
export class LiveStation {
  readonly config: StationConfig;
  readonly desk: GateDesk;
  readonly answers: AnswerDesk;
  readonly #o: LiveOptions;
  readonly #intake: Intake;
  /** On disk, and nobody has looked at them yet. */
  readonly #taken: Taken[] = [];
  #model: InstalledModel | null;
  #deciding: Promise<void> | null = null;
  #witness: ((units: readonly Arrival[]) => void) | null = null;
  #teaches: Teaches | null = null;
  #closed = false;

  constructor(options: LiveOptions) {
    this.#o = options;
    this.#model = options.model;
    const { config, journal, blobs, clock, secret, log, model, newId } = options;
    this.config = config;
    this.desk = new GateDesk({ config, journal, clock, secret, log, middle: model?.middle ?? 0 });
    this.answers = new AnswerDesk({
      ...{ config, journal, clock, newId },
      gate: this.desk,
      release: (unit, disposition, by, before) => this.#release(unit, disposition, by, before),
    });
    this.#intake = new Intake({
      ...{ config, journal, blobs, clock },
      onTaken: (units) => {
        this.#taken.push(...units);
        this.#decideNext();
      },
    });
  }

  get gate(): GateState | null {
    return this.desk.state;
  }

  get model(): InstalledModel | null {
    return this.#model;
  }

  /** Units that wait for the disk or for their decision and are not in hand yet. */
  get waiting(): number {
    return this.#intake.waiting + this.#taken.length;
  }

  /**
   * Takes a unit. Resolves when the journal has it; the decision follows. A unit that was taken before is not taken
   * twice. @throws StoreError `too-many-waiting` (later) where the station cannot keep up, `cannot-commit` (later).
   */
  arrive(unit: Arrival): Promise<{ seq: number; again: boolean }> {
    const { waiting } = this;
    if (waiting >= this.config.mostWaiting) {
      const message = `${this.config.name} has ${waiting} units waiting already`;
      return Promise.reject(new StoreError('too-many-waiting', message, { retry: 'later' }));
    }
    return this.#intake.arrive(unit);
  }

  /** `witness` is shown every unit with a sound observation after it was decided, and must return at once. */
  attend(witness: ((units: readonly Arrival[]) => void) | null): void {
    this.#witness = witness;
  }

  /** `teaches` says which units that the gate would pass are asked about instead, because their answers teach. */
  askBesides(teaches: Teaches): void {
    this.#teaches = teaches;
  }

  /** Resolves when everything that has arrived is decided. */
  async idle(): Promise<void> {
    do {
      await this.#intake.idle();
      await this.#deciding;
    } while (this.#deciding !== null || this.#intake.waiting > 0);
  }

  /**
   * Takes up what a stop of the process left half done, before any new unit: what was acknowledged and not decided goes
   * to a person; where nobody can say whether the equipment heard of a decision, that is written and nothing repeated.
   */
  takeUp(): void {
    const { journal, clock, log } = this.#o;
    const { undecided, untold } = unfinishedOf(journal.db, this.config.id, clock);
    if (undecided.length + untold.length === 0) return;
    log('taken-up', { station: this.config.id, undecided: undecided.length, untold: untold.length });
    const stopped = { score: Number.NaN, fault: STOPPED, classCall: null };
    this.#decideNext(async () => {
      for (let from = 0; from < undecided.length && !this.#closed; from += BATCH) {
        const some = undecided.slice(from, from + BATCH);
        await this.#decideEach(
          some,
          some.map(() => stopped),
          this.#model,
        );
      }
      const facts = untold.map(({ id, disposition }) => {
        const body = { station: this.config.id, disposition, by: 'gate', outcome: 'unknown' } as const;
        return factOf('released', { subject: id, atMs: clock.nowMs(), body });
      });
      for (let from = 0; from < facts.length; from += BATCH)
        await this.desk.write(facts.slice(from, from + BATCH));
    });
  }

  /** Puts a model to work and reads the gate anew. Only within `desk.exclusively`. */
  renew(secret: Uint8Array, model: InstalledModel | null): void {
    this.#model = model;
    this.desk.renew(secret, model?.middle ?? 0);
  }

  /**
   * Units that people judged before the site was here, in the order in which they were made: they count as shadow. Their
   * observations are not kept.
   */
  async takePast(units: readonly PastUnit[], user: string): Promise<void> {
    const judged = await judge(
      this.#model,
      units.map((unit) => unit.observation),
      LONG_MS,
    );
    const { clock } = this.#o;
    const station = this.config.id;
    await this.desk.commit(() => {
      const facts = units.flatMap((unit, i) => {
        const atMs = Math.round(unit.sourceAtMs ?? clock.nowMs());
        const steadyMs = clock.steadyMs();
        const { kind } = unit.observation;
        const ref = { kind, blob: null, bytes: 0, channels: null, values: null };
        const about = { subject: unit.id, atMs };
        const { decided } = this.#rule({ unit, steadyMs }, judged[i]!, atMs);
        const { label, bad } = unit;
        const disposition = bad ? ('reject' as const) : ('pass' as const);
        return [
          factOf('arrived', {
            ...about,
            body: arrivedBody(this.config, unit, { observation: ref, atMs }),
          }),
          ...decided,
          factOf('answered', {
            ...about,
            body: {
              station,
              question: `past:${unit.id}`,
              user,
              label,
              bad,
              blind: true,
              counts: true,
              by: 'api',
              tookMs: 0,
            },
          }),
          ...this.desk.factsOf({ type: 'answer', unitId: unit.id, atMs, bad, blind: true }),
          factOf('released', { ...about, body: { station, disposition, by: 'person', outcome: 'not-sent' } }),
        ];
      });
      return { facts, result: undefined };
    });
    await this.desk.certify();
  }

  #decideNext(first: () => Promise<void> = async () => {}): void {
    if (this.#deciding !== null) return;
    this.#deciding = (async () => {
      await first();
      while (this.#taken.length > 0 && !this.#closed) {
        await this.#judge(this.#taken.splice(0, BATCH));
      }
    })()
      .catch((error) => this.#o.log('station-failed', { station: this.config.id, error: String(error) }))
      .finally(() => {
        this.#deciding = null;
        if (this.#taken.length > 0 && !this.#closed) this.#decideNext();
      });
  }

  /** Scores units in the time that they have left, and decides on them. */
  async #judge(batch: readonly Taken[]): Promise<void> {
    const { clock, log } = this.#o;
    const spent = Math.max(...batch.map(({ steadyMs }) => clock.steadyMs() - steadyMs));
    const model = this.#model;
    const judged = await judge(
      model,
      batch.map(({ unit }) => unit.observation),
      this.config.decideMs - spent,
    );
    for (const [i, { unit }] of batch.entries())
      if (unit.fault !== undefined) judged[i] = { score: Number.NaN, fault: unit.fault, classCall: null };
    const silent = judged.find(({ fault }) => fault !== null);
    if (silent && model !== null) log('no-score', { station: this.config.id, why: silent.fault });
    await this.#decideEach(batch, judged, model);
    this.#witness?.(batch.flatMap(({ unit }) => (unit.fault === undefined ? [unit] : [])));
  }

  /** Decides on units together; where that fails, one by one, so that one takes no other along. */
  async #decideEach(
    taken: readonly Taken[],
    judged: readonly Judged[],
    model: InstalledModel | null,
  ): Promise<void> {
    const { log } = this.#o;
    const station = this.config.id;
    try {
      await this.#letGo(await this.#decide(taken, judged, model));
    } catch (error) {
      // Whatever is not decided when the site stops is taken up when it starts.
      if (this.#closed) return;
      const [one] = taken;
      if (taken.length === 1) log('unit-not-decided', { station, unit: one?.unit.id, error: String(error) });
      else for (const [i, single] of taken.entries()) await this.#decideEach([single], [judged[i]!], model);
    }
  }

  /** Rules on units whose rows are on disk and writes what was ruled: all or none. */
  #decide(
    taken: readonly Taken[],
    judged: readonly Judged[],
    model: InstalledModel | null,
  ): Promise<Ruled[]> {
    const { clock } = this.#o;
    return this.desk.commit(() => {
      const result = taken.map((one, i): Ruled & { facts: readonly Fact[] } => {
        const atMs = Math.round(clock.nowMs());
        const before = this.gate?.name;
        // What another model said is no evidence about the one that is at work now.
        const said = model === this.#model ? judged[i]! : REPLACED;
        const { decided, ruling, teach } = this.#rule(one, said, atMs);
        const alone = ruling?.decide.by === 'gate' && !ruling.decide.audit && !teach;
        if (alone) {
          const released: Disposition = ruling.decide.call === 'pass' ? 'pass' : 'reject';
          return { unit: one.unit.id, facts: decided, question: null, released };
        }
        const { question, fact } = this.#ask(one, reasonOf(ruling, said, { before, teach }), atMs);
        return { unit: one.unit.id, facts: [...decided, fact], question, released: null };
      });
      return { facts: result.flatMap(({ facts }) => facts), result };
    });
  }

  /** Opens the questions and lets go of what the gate decided alone. Never rejects: what is decided stays decided. */
  async #letGo(ruled: readonly Ruled[]): Promise<void> {
    for (const { question } of ruled) if (question !== null) this.answers.asked(question);
    await Promise.all(
      ruled.map(({ unit, released }) =>
        released === null
          ? null
          : this.#release(unit, released, 'gate', () => []).catch((error) =>
              this.#o.log('release-not-written', { station: this.config.id, unit, error: String(error) }),
            ),
      ),
    );
  }

  /** What the gate says of one unit, as rows. Only within `desk.commit`. */
  #rule(
    { unit, steadyMs }: Taken,
    { score, fault, classCall }: Judged,
    atMs: number,
  ): { decided: Fact[]; ruling: Ruling | null; teach: boolean } {
    const { id: station, part } = this.config;
    const scope = part ?? station;
    const ruling = this.desk.rule({ id: unit.id, atMs, score, scope, lot: unit.lot });
    const decide = ruling?.decide ?? null;
    const passes = decide?.by === 'gate' && decide.call === 'pass' && !decide.audit;
    const threshold = this.gate?.accept.threshold ?? null;
    const teach = passes && this.#teaches?.({ unit: unit.id, lot: unit.lot, score, threshold }) === true;
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
      call: teach ? 'ask' : (decide?.call ?? 'ask'),
      by: teach ? 'person' : (decide?.by ?? 'person'),
      region: decide?.region ?? 'between',
      position: decide?.position ?? null,
      audit: decide?.audit ?? false,
      propensity: decide?.propensity ?? 1,
      why: teach ? TAUGHT : (decide?.why ?? 'nobody has signed a budget for this station'),
      state: this.gate?.name ?? 'shadow',
      certificate: this.desk.certificateHash(),
      model: this.#model?.hash ?? null,
      tookMs: Math.max(0, this.#o.clock.steadyMs() - steadyMs),
      classCall,
    };
    const decided = [
      factOf('decided', { subject: unit.id, atMs, body }),
      ...this.desk.spoken(ruling?.effects ?? [], atMs),
    ];
    return { decided, ruling, teach };
  }

  #ask(
    { unit, steadyMs }: Taken,
    reason: OpenQuestion['reason'],
    atMs: number,
  ): { question: OpenQuestion; fact: Fact } {
    const { clock, newId } = this.#o;
    const { id: station, answerMs, otherwise } = this.config;
    const id = newId();
    const deadlineSteadyMs = steadyMs + answerMs;
    const deadlineAtMs = Math.round(atMs + deadlineSteadyMs - clock.steadyMs());
    const question: OpenQuestion = {
      ...{ id, unit: unit.id, again: null, reason, askedAtMs: atMs, deadlineAtMs, deadlineSteadyMs },
      context: { ...unit.context },
      ...{ help: false, first: null, last: null },
    };
    const body = { station, question: id, reason, deadlineAtMs, otherwise };
    return { question, fact: factOf('asked', { subject: unit.id, atMs, body }) };
  }

  /** What the equipment does is never repeated on a doubt: a failed output is `unknown`, and a person's matter. */
  async #release(
    unit: string,
    disposition: Disposition,
    by: SiteFactBody<'released'>['by'],
    before: (atMs: number) => Fact[],
  ): Promise<void> {
    const { output, clock, log } = this.#o;
    const station = this.config.id;
    const outcome = await output({ id: unit, disposition, by }).catch((error) => {
      log('output-failed', { station, unit, error: String(error) });
      return 'unknown' as const;
    });
    const released = (atMs: number): Fact =>
      factOf('released', { subject: unit, atMs, body: { station, disposition, by, outcome } });
    // The gate has spoken already: its own releases move nothing and share a commit.
    if (by === 'gate') return this.desk.write([released(clock.nowMs())]);
    await this.desk.commit(() => {
      const atMs = Math.round(clock.nowMs());
      return { facts: [...before(atMs), released(atMs)], result: undefined };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.desk.close();
    await this.#intake.close();
    await this.idle();
  }
}
