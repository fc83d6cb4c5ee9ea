import { createHmac, randomBytes } from 'node:crypto';
import {
  auditDraw,
  type Decide,
  type GateEffect,
  type GateEvent,
  type GateState,
  observer,
  Ranker,
  step,
  type WatchRule,
} from '@selvedge/core';
import type { Database } from '@selvedge/store';
import { readGate } from '../folds/gates.js';

export interface GateInputs {
  readonly draw: number;
  readonly pLevel: number | null;
  readonly pSpread: number | null;
}

/** One unit brought before the gate: what was handed in, what came out. */
export interface Ruling {
  readonly inputs: GateInputs;
  readonly decide: Decide;
  readonly effects: readonly GateEffect[];
}

/**
 * The gate of one station between two commits. What it steps is provisional until the rows that say so are on disk:
 * `forget` reads the gate anew where they did not get there.
 */
export class GateKeeper {
  readonly #db: Database;
  readonly #station: string;
  #state: GateState | null = null;
  #secret: Uint8Array = randomBytes(32);
  #level = new Ranker();
  #spread = new Ranker();
  #middle = 0;
  #observes: ((group: string | null) => boolean) | null = null;

  private constructor(db: Database, station: string) {
    this.#db = db;
    this.#station = station;
  }

  /** The gate as the journal left it, with the ranks of every score that it has watched in this epoch. */
  static restore(
    db: Database,
    { station, secret, middle }: { station: string; secret: Uint8Array; middle: number },
  ): GateKeeper {
    const keeper = new GateKeeper(db, station);
    keeper.begin(secret, middle);
    return keeper;
  }

  get state(): GateState | null {
    return this.#state;
  }

  /** Reads the gate anew: after a signature, a new model, or a commit that failed. */
  begin(secret: Uint8Array, middle: number): void {
    this.#secret = secret;
    this.#middle = middle;
    this.forget();
  }

  /** Throws away what no row says. */
  forget(): void {
    this.#state = readGate(this.#db, this.#station);
    this.#level = new Ranker();
    this.#spread = new Ranker();
    const rule = this.#rule();
    this.#observes = rule === null ? null : observer(rule);
    if (this.#state === null || rule === null) return;
    const calibrated = observer(rule);
    const { certifiedSeq } = rule;
    const scores = this.#db
      .prepare(
        'SELECT seq, score, lot, observed FROM unit WHERE station = ? AND epoch = ? AND score IS NOT NULL ORDER BY seq',
      )
      .iterate(this.#station, this.#state.epoch);
    for (const { seq, score, lot, observed } of scores) {
      // Before the certificate nothing was watched: those scores are what later ones are ranked among.
      const before = Number(seq) < certifiedSeq && calibrated(lot === null ? null : String(lot));
      if (before || observed === 1) this.#rank(Number(score), 0.5, 0.5);
    }
  }

  /** Brings a unit before the gate. Null where there is none: nobody has signed a budget. */
  rule(unit: {
    readonly id: string;
    readonly atMs: number;
    readonly score: number;
    readonly scope: string;
    readonly lot: string | null;
  }): Ruling | null {
    if (this.#state === null) return null;
    const bytes = createHmac('sha256', this.#secret).update(unit.id).digest();
    const draw = (from: number): number => auditDraw(() => bytes.subarray(from), this.#secret, unit.id);
    const watched = !Number.isNaN(unit.score) && this.#observes?.(unit.lot) === true;
    const p = watched ? this.#rank(unit.score, draw(8), draw(16)) : { pLevel: null, pSpread: null };
    const inputs = { draw: draw(0), ...p };
    const event: GateEvent = {
      type: 'unit',
      unitId: unit.id,
      atMs: unit.atMs,
      score: unit.score,
      ...inputs,
      scope: unit.scope,
      lot: unit.lot,
    };
    const effects = this.tell(event);
    const decide = effects.find((effect) => effect.type === 'decide');
    if (decide === undefined) throw new Error(`the gate made no decision on ${unit.id}`);
    return { inputs, decide, effects };
  }

  /**
   * Four draws in [0, 1) from the epoch's secret, as little to be chosen as an audit's; null without a gate. The leading
   * NUL keeps them apart from the audit draw of any unit.
   */
  chances(what: string, about: string): readonly [number, number, number, number] | null {
    if (this.#state === null) return null;
    const bytes = createHmac('sha256', this.#secret).update(`\0${what}\0${about}`).digest();
    const draw = (from: number): number => auditDraw(() => bytes.subarray(from), this.#secret, about);
    return [draw(0), draw(8), draw(16), draw(24)];
  }

  /** Any other event. Nothing happens where there is no gate. */
  tell(event: GateEvent): readonly GateEffect[] {
    if (this.#state === null) return [];
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    return effects;
  }

  /** What an event would do, without doing it. */
  would(event: GateEvent): { readonly changed: boolean; readonly effects: readonly GateEffect[] } {
    if (this.#state === null) return { changed: false, effects: [] };
    const { state, effects } = step(this.#state, event);
    return {
      changed: state !== this.#state && JSON.stringify(state) !== JSON.stringify(this.#state),
      effects,
    };
  }

  /** The rule of the epoch's certificate; null before it, and where the scores are not watched. */
  #rule(): (WatchRule & { readonly certifiedSeq: number }) | null {
    const row = this.#db
      .prepare(
        `SELECT seq, body FROM journal WHERE kind = 'certified' AND subject = ? ORDER BY seq DESC LIMIT 1`,
      )
      .get(this.#station);
    if (row === undefined || this.#state?.certificate === null || this.#state === null) return null;
    const { watch } = JSON.parse(String(row.body)) as { watch: { perGroup: boolean; every: number } | null };
    return watch === null ? null : { ...watch, quiet: true, certifiedSeq: Number(row.seq) };
  }

  #rank(score: number, levelTie: number, spreadTie: number): { pLevel: number; pSpread: number } {
    return {
      pLevel: this.#level.next(score, levelTie),
      pSpread: this.#spread.next(Math.abs(score - this.#middle), spreadTie),
    };
  }
}
