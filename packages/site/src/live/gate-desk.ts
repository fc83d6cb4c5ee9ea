import { createHash } from 'node:crypto';
import type { GateEffect, GateEvent, GateState } from '@selvedge/core';
import type { SiteFactBody } from '@selvedge/core/records';
import { type Fact, type Journal, StoreError } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { GateKeeper, type Ruling } from './gate-keeper.js';
import { certifyShadow, type ShadowCertificate } from './shadow-evidence.js';
import type { StationConfig } from './station-config.js';

/** Pause before a commit that failed is tried again. */
const RETRY_MS = 200;

export interface GateDeskOptions {
  readonly config: StationConfig;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly secret: Uint8Array;
  readonly middle: number;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** A certificate with its hash. */
export interface MadeCertificate extends ShadowCertificate {
  readonly hash: string;
  readonly assessed?: boolean;
}

/** Rows to be written together, and what whoever asked for them gets once they are on disk. */
export interface Act<T> {
  readonly facts: readonly Fact[];
  readonly result: T;
}

/**
 * The gate of one station with its journal: it is stepped and the rows that say so are written, one such act at a time,
 * so that the journal has them in the order in which they were stepped.
 */
export class GateDesk {
  readonly #o: GateDeskOptions;
  readonly #keeper: GateKeeper;
  #middle: number;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: GateDeskOptions) {
    this.#o = options;
    this.#middle = options.middle;
    const { config, journal, secret, middle } = options;
    this.#keeper = GateKeeper.restore(journal.db, { station: config.id, secret, middle });
  }

  get state(): GateState | null {
    return this.#keeper.state;
  }

  /** Brings a unit before the gate; null without one. Only within `commit`. */
  rule(unit: Parameters<GateKeeper['rule']>[0]): Ruling | null {
    return this.#keeper.rule(unit);
  }

  /** Draws from the epoch's secret that nobody can choose; null without a gate. */
  chances(what: string, about: string): ReturnType<GateKeeper['chances']> {
    return this.#keeper.chances(what, about);
  }

  /** An event of the gate with what it sets off, as rows. Only within `commit`. */
  factsOf(event: GateEvent): Fact[] {
    if (this.#keeper.state === null) return [];
    const { atMs } = event;
    const effects = this.#keeper.tell(event);
    const body = { station: this.#o.config.id, event: { ...event } as Record<string, unknown> };
    return [factOf('gate', { subject: this.#o.config.id, atMs, body }), ...this.spoken(effects, atMs)];
  }

  /** Transitions and alarms, for people. */
  spoken(effects: readonly GateEffect[], atMs: number): Fact[] {
    const station = this.#o.config.id;
    return effects.flatMap((effect) => {
      if (effect.type === 'transition') {
        const { from, to, why } = effect;
        return [factOf('transition', { subject: station, atMs, body: { station, from, to, why } })];
      }
      if (effect.type !== 'alarm') return [];
      const body = { station, what: effect.what, why: effect.why };
      return [factOf('alarm', { subject: station, atMs, body })];
    });
  }

  /** Writes what `make` says. Where the disk refuses, its steps are forgotten and made again, as long as it takes. */
  commit<T>(make: () => Act<T>): Promise<T> {
    return this.exclusively(async () => {
      for (let attempt = 0; ; attempt++) {
        const { facts, result } = make();
        try {
          await this.#o.journal.appendAll(facts);
          return result;
        } catch (error) {
          this.#keeper.forget();
          await this.#again(error, attempt);
        }
      }
    });
  }

  /** Writes rows that do not move the gate, as long as it takes; they share commits with whatever else is written. */
  async write(facts: readonly Fact[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#o.journal.appendAll(facts);
        return;
      } catch (error) {
        await this.#again(error, attempt);
      }
    }
  }

  /** Waits before rows are tried again. @throws what no second attempt can mend, and anything when the desk is closed. */
  async #again(error: unknown, attempt: number): Promise<void> {
    if (!(error instanceof StoreError) || error.retry !== 'later' || this.#closed) throw error;
    if (attempt === 0) this.#o.log('rows-wait', { station: this.#o.config.id, why: error.message });
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
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

  /** An event from outside the flow of units: a closing, a new epoch. */
  async tell(event: GateEvent): Promise<void> {
    await this.commit(() => ({ facts: this.factsOf(event), result: undefined }));
  }

  /** Lets the gate look at the time; written only where that changed something. */
  async tick(): Promise<void> {
    const event: GateEvent = { type: 'tick', atMs: Math.round(this.#o.clock.nowMs()) };
    if (this.#keeper.would(event).changed) await this.tell(event);
  }

  /**
   * A unit was found bad at the end of the line or by the customer. Counts once, and only where the gate let it pass;
   * false where it did not count. @throws RangeError for a unit that never came to this station.
   */
  find(
    found: Omit<SiteFactBody<'found'>, 'station' | 'counted'> & { readonly unit: string },
  ): Promise<boolean> {
    const { journal, clock, config } = this.#o;
    const { unit, ...rest } = found;
    return this.commit(() => {
      const row = journal.db
        .prepare('SELECT epoch, call, position, bad FROM unit WHERE station = ? AND id = ?')
        .get(config.id, unit);
      if (row === undefined) throw new RangeError(`the unit ${unit} never came to ${config.name}`);
      const atMs = Math.round(clock.nowMs());
      const event: GateEvent = {
        type: 'finding',
        unitId: unit,
        atMs,
        epoch: Number(row.epoch),
        call: row.call as 'pass' | 'reject' | 'ask',
        position: row.position === null ? null : Number(row.position),
        answer: row.bad === null ? null : row.bad === 1 ? 'bad' : 'good',
      };
      const { effects } = this.#keeper.would(event);
      const refused = effects.some((effect) => effect.type === 'alarm' && effect.what === 'refused');
      const counted = this.#keeper.state !== null && !refused;
      const body = { station: config.id, ...rest, counted };
      return {
        facts: [...this.factsOf(event), factOf('found', { subject: unit, atMs, body })],
        result: counted,
      };
    });
  }

  /** Makes the certificate once the planned number of units is labelled. */
  async certify(): Promise<void> {
    const { journal, clock, config } = this.#o;
    const made = certifyShadow(journal.db, config, this.#keeper.state, this.#middle);
    if (made === null) return;
    const { watch, n, bads, accept, reject } = made;
    const record = { n, bads, accept: plain(accept), reject: plain(reject) };
    const hash = createHash('sha256').update(JSON.stringify(record)).digest('hex');
    await this.commit(() => {
      // Another answer may have made it in the meantime.
      if (this.#keeper.state?.certificate !== null) return { facts: [], result: undefined };
      const atMs = Math.round(clock.nowMs());
      return {
        facts: this.certifiedFacts({ n, bads, accept, reject, watch, hash }, atMs),
        result: undefined,
      };
    });
    // The watch for drift begins with the certificate.
    await this.exclusively(async () => this.#keeper.forget());
  }

  /**
   * A certificate with what the gate makes of it, as rows; `assessed`: on evidence of before this epoch. Only within
   * `commit` or `exclusively`.
   */
  certifiedFacts(made: MadeCertificate, atMs: number): Fact[] {
    const { n, bads, accept, reject, watch, hash } = made;
    const late = made.assessed === true ? { assessed: true } : {};
    const effects = this.#keeper.tell({ type: 'certificate', atMs, n, bads, accept, reject, ...late });
    const station = this.#o.config.id;
    const body = { station, n, bads, accept: plain(accept), reject: plain(reject), hash, watch, ...late };
    return [factOf('certified', { subject: station, atMs, body }), ...this.spoken(effects, atMs)];
  }

  /** Hash of the certificate under which the gate decides; null without one. */
  certificateHash(): string | null {
    if (this.#keeper.state?.certificate == null) return null;
    const row = this.#o.journal.db
      .prepare('SELECT hash FROM gate_certificate WHERE station = ? ORDER BY seq DESC LIMIT 1')
      .get(this.#o.config.id);
    return row === undefined ? null : String(row.hash);
  }

  /** A signature or a new model: the gate is read from the journal again. Only within `exclusively`. */
  renew(secret: Uint8Array, middle: number): void {
    this.#middle = middle;
    this.#keeper.begin(secret, middle);
  }

  close(): void {
    this.#closed = true;
  }
}

const plain = (side: object | null): Record<string, unknown> | null => (side === null ? null : { ...side });
