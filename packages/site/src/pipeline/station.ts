import { createHash, createHmac } from 'node:crypto';
import {
  auditDraw,
  type Decide,
  type GateEffect,
  type GateEvent,
  type GateState,
  Ranker,
  step,
} from '@selvedge/core';

/** One unit as it reaches the gate. */
export interface ArrivedUnit {
  readonly id: string;
  readonly atMs: number;
  /** Higher = worse; NaN = could not be scored. */
  readonly score: number;
  /** True where the unit is one of the martingale's observations (the first of its batch, or every unit). */
  readonly observed: boolean;
  readonly scope: string;
  readonly lot: string | null;
}

/**
 * A place where something is decided: one gate, its audit secret and the ranks of the scores it has seen. The
 * same class serves the line and the replay. Everything random comes from HMACs of the secret, so that the run
 * can be repeated and checked.
 */
export class Station {
  #state: GateState;
  readonly #secret: Uint8Array;
  readonly #level = new Ranker();
  readonly #spread = new Ranker();
  readonly #middle: number;
  readonly #watch: (effect: GateEffect, state: GateState) => void;

  /**
   * @param middle a typical good score (median of the fit set): the second martingale ranks the distance from it.
   * @param watch told of every transition and alarm, in order.
   */
  constructor(options: {
    readonly state: GateState;
    readonly secret: Uint8Array;
    readonly middle: number;
    readonly watch?: (effect: GateEffect, state: GateState) => void;
  }) {
    this.#state = options.state;
    this.#secret = options.secret;
    this.#middle = options.middle;
    this.#watch = options.watch ?? (() => {});
  }

  get state(): GateState {
    return this.#state;
  }

  /** SHA-256 of the secret: what is committed before the epoch. */
  get secretHash(): string {
    return createHash('sha256').update(this.#secret).digest('hex');
  }

  /** Brings a unit before the gate and returns its decision. */
  decide(unit: ArrivedUnit): Decide {
    const ranked = unit.observed && !Number.isNaN(unit.score);
    const { id } = unit;
    // One HMAC, three draws: bytes 0-7 are the audit's (rule A-1), the next ones break ties among ranks.
    const bytes = hmac(this.#secret, id);
    const draw = (from: number) => auditDraw(() => bytes.subarray(from), this.#secret, id);
    const decision = this.#apply({
      type: 'unit',
      unitId: id,
      atMs: unit.atMs,
      score: unit.score,
      draw: draw(0),
      pLevel: ranked ? this.#level.next(unit.score, draw(8)) : null,
      pSpread: ranked ? this.#spread.next(Math.abs(unit.score - this.#middle), draw(16)) : null,
      scope: unit.scope,
      lot: unit.lot,
    });
    if (decision === undefined) throw new Error(`the gate made no decision on ${id}`);
    return decision;
  }

  /** A person's blind answer on a unit that was asked or audited. */
  answer(decision: Decide, { bad, atMs }: { bad: boolean; atMs: number }): void {
    this.#apply({ type: 'answer', unitId: decision.unitId, atMs, bad, blind: true });
  }

  /** Any other event: certificate, tick, reading of a seed, finding downstream, close, new epoch. */
  tell(event: Exclude<GateEvent, { type: 'unit' } | { type: 'answer' }>): void {
    this.#apply(event);
  }

  #apply(event: GateEvent): Decide | undefined {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    let decision: Decide | undefined;
    for (const effect of effects) {
      if (effect.type === 'decide') decision = effect;
      else this.#watch(effect, state);
    }
    return decision;
  }
}

const hmac = (secret: Uint8Array, message: string): Uint8Array =>
  createHmac('sha256', secret).update(message).digest();
