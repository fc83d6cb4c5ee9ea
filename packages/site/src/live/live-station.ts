import type { GateState } from '@selvedge/core';
import type { Disposition, SiteFactBody } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { type Blobs, type Fact, type Journal, StoreError } from '@selvedge/store';
import { AnswerDesk } from './answer-desk.js';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { GateDesk } from './gate-desk.js';
import type { Ruling } from './gate-keeper.js';
import { type InstalledModel, type Judged, judge } from './model.js';
import { keepObservation } from './observations.js';
import type { OpenQuestion } from './open-questions.js';
import type { StationConfig } from './station-config.js';

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

/** Units scored and written together at most. */
const BATCH = 64;
const LONG_MS = 60_000;

const REPLACED: Judged = {
  score: Number.NaN,
  fault: 'the model was replaced while the unit was scored',
  classCall: null,
};

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
  readonly #queue: Waiting[] = [];
  #model: InstalledModel | null;
  #working: Promise<void> | null = null;
  #closed = false;

  constructor(options: LiveOptions) {
    this.#o = options;
    this.#model = options.model;
    const { config, journal, clock, secret, log, model, newId } = options;
    this.config = config;
    this.desk = new GateDesk({ config, journal, clock, secret, log, middle: model?.middle ?? 0 });
    this.answers = new AnswerDesk({
      ...{ config, journal, clock, newId },
      gate: this.desk,
      release: (unit, disposition, by, before) => this.#release(unit, disposition, by, before),
    });
  }

  get gate(): GateState | null {
    return this.desk.state;
  }

  get model(): InstalledModel | null {
    return this.#model;
  }

  /** Units that have arrived and are not taken yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Takes a unit. Resolves when the journal has it; the decision follows. A unit that was taken before is not taken
   * twice. @throws StoreError `too-many-waiting` (later) where the station cannot keep up, `cannot-commit` (later).
   */
  arrive(unit: Arrival): Promise<{ seq: number; again: boolean }> {
    if (this.#closed)
      return Promise.reject(new StoreError('closed', 'the site is stopping', { retry: 'later' }));
    if (this.#queue.length >= this.config.mostWaiting) {
      const message = `${this.config.name} has ${this.#queue.length} units waiting already`;
      return Promise.reject(new StoreError('too-many-waiting', message, { retry: 'later' }));
    }
    return new Promise((taken, refused) => {
      this.#queue.push({ unit, steadyMs: this.#o.clock.steadyMs(), taken, refused });
      this.#work();
    });
  }

  /** Resolves when everything that has arrived is decided. */
  async idle(): Promise<void> {
    while (this.#working !== null) await this.#working;
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
          factOf('arrived', { ...about, body: this.#arrived(unit, ref, atMs) }),
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
    const fresh = this.#fresh(batch);
    if (fresh.length === 0) return;
    try {
      const kept = await Promise.all(fresh.map(({ unit }) => keepObservation(blobs, unit.observation)));
      const facts = fresh.map(({ unit }, i) => {
        const atMs = clock.nowMs();
        const { ref, blobs: refs } = kept[i]!;
        return factOf('arrived', {
          subject: unit.id,
          atMs,
          body: this.#arrived(unit, ref, atMs),
          blobs: refs,
        });
      });
      const receipts = await journal.appendAll(facts);
      for (const [i, { taken }] of fresh.entries()) taken({ seq: receipts[i]!.seq, again: false });
    } catch (error) {
      // Nothing was acknowledged: whoever brought the units brings them again.
      for (const { refused } of fresh) refused(error);
      return;
    }
    const spent = Math.max(...fresh.map(({ steadyMs }) => clock.steadyMs() - steadyMs));
    const model = this.#model;
    const judged = await judge(
      model,
      fresh.map(({ unit }) => unit.observation),
      this.config.decideMs - spent,
    );
    for (const [i, { unit }] of fresh.entries())
      if (unit.fault !== undefined) judged[i] = { score: Number.NaN, fault: unit.fault, classCall: null };
    const silent = judged.find(({ fault }) => fault !== null);
    if (silent && model !== null) log('no-score', { station: this.config.id, why: silent.fault });
    await this.#decide(fresh, judged, model);
  }

  /** Units that were not taken before; the others are acknowledged again. */
  #fresh(batch: readonly Waiting[]): Waiting[] {
    const known = this.#o.journal.db.prepare('SELECT seq FROM unit WHERE station = ? AND id = ?');
    const ids = new Set<string>();
    return batch.filter((one) => {
      const { id } = one.unit;
      const before = known.get(this.config.id, id);
      if (before !== undefined) one.taken({ seq: Number(before.seq), again: true });
      else if (ids.has(id)) one.refused(new RangeError(`the unit ${id} came twice at once`));
      else {
        ids.add(id);
        return true;
      }
      return false;
    });
  }

  #arrived(
    { context, lot, sourceAtMs }: Arrival,
    observation: SiteFactBody<'arrived'>['observation'],
    atMs: number,
  ): SiteFactBody<'arrived'> {
    const { id: station, part, answerMs } = this.config;
    return {
      ...{ station, observation, lot, part, sourceAtMs },
      context: { ...context },
      deadlineAtMs: atMs + answerMs,
    };
  }

  /** Rules on units whose rows are on disk, writes what was ruled, and lets go of what the gate decided alone. */
  async #decide(
    taken: readonly Taken[],
    judged: readonly Judged[],
    model: InstalledModel | null,
  ): Promise<void> {
    const { clock } = this.#o;
    const ruled = await this.desk.commit(() => {
      const result = taken.map((one, i) => {
        const atMs = Math.round(clock.nowMs());
        const before = this.gate?.name;
        // What another model said is no evidence about the one that is at work now.
        const said = model === this.#model ? judged[i]! : REPLACED;
        const { decided, ruling } = this.#rule(one, said, atMs);
        const alone = ruling?.decide.by === 'gate' && !ruling.decide.audit;
        if (alone) {
          const released: Disposition = ruling.decide.call === 'pass' ? 'pass' : 'reject';
          return { unit: one.unit.id, facts: decided, question: null, released };
        }
        const { question, fact } = this.#ask(one.unit, reasonOf(ruling, said, before), atMs);
        return { unit: one.unit.id, facts: [...decided, fact], question, released: null };
      });
      return { facts: result.flatMap(({ facts }) => facts), result };
    });
    for (const { question } of ruled) if (question !== null) this.answers.asked(question);
    await Promise.all(
      ruled.map(({ unit, released }) =>
        released === null ? null : this.#release(unit, released, 'gate', () => []),
      ),
    );
  }

  /** What the gate says of one unit, as rows. Only within `desk.commit`. */
  #rule(
    { unit, steadyMs }: Taken,
    { score, fault, classCall }: Judged,
    atMs: number,
  ): { decided: Fact[]; ruling: Ruling | null } {
    const { id: station, part } = this.config;
    const scope = part ?? station;
    const ruling = this.desk.rule({ id: unit.id, atMs, score, scope, lot: unit.lot });
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
    return { decided, ruling };
  }

  #ask(unit: Arrival, reason: OpenQuestion['reason'], atMs: number): { question: OpenQuestion; fact: Fact } {
    const { clock, newId } = this.#o;
    const { id: station, answerMs, otherwise } = this.config;
    const id = newId();
    const deadlineAtMs = Math.round(atMs + answerMs);
    const question: OpenQuestion = {
      ...{ id, unit: unit.id, again: null, reason, askedAtMs: atMs, deadlineAtMs },
      deadlineSteadyMs: clock.steadyMs() + answerMs,
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
    const outcome = await output({ id: unit, disposition }).catch((error) => {
      log('output-failed', { station, unit, error: String(error) });
      return 'unknown' as const;
    });
    await this.desk.commit(() => {
      const atMs = Math.round(clock.nowMs());
      const released = factOf('released', {
        subject: unit,
        atMs,
        body: { station, disposition, by, outcome },
      });
      return { facts: [...before(atMs), released], result: undefined };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.desk.close();
    for (const { refused } of this.#queue.splice(0))
      refused(new StoreError('closed', 'the site is stopping', { retry: 'later' }));
    await this.idle();
  }
}

/** Why a person is asked; nobody sees it before the answer. `before` = the gate's state when the unit came. */
function reasonOf(
  ruling: Ruling | null,
  { fault }: Judged,
  before: GateState['name'] | undefined,
): OpenQuestion['reason'] {
  if (fault !== null) return 'no-score';
  if (ruling?.decide.audit) return 'audit';
  return before === 'open' || before === 'ramp' || before === 'watch' ? 'ask' : 'shadow';
}
