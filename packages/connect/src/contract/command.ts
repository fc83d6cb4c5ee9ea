import type { Sample } from './item.js';
import type { Scalar } from './value.js';

/** A write that somebody wants. Only the guard turns it into something that a connector takes. */
export interface Command {
  /** The idempotency key: the same id is written at most once. */
  readonly id: string;
  /** Name of the tag. */
  readonly target: string;
  readonly value: Scalar;
  /** Refused unless the equipment holds this value now (compare and set, by the guard's fresh reading). */
  readonly expect?: Scalar;
  /** What it follows from: the decision (or lease), the release of the model, the gate's station. */
  readonly decision: string;
  readonly release: string;
  readonly gate: string;
  /** Epoch ms after which it must not be sent any more: a write is never stored and forwarded. */
  readonly notAfterMs: number;
}

/**
 * `done`: the equipment confirmed it. `refused`: it certainly did not happen. `unknown`: it was sent and nobody can say;
 * a person's matter, never sent again by a machine.
 */
export type Outcome = 'done' | 'refused' | 'unknown';

export interface Receipt {
  readonly id: string;
  readonly outcome: Outcome;
  readonly why: string;
  /** What the equipment held afterwards, where it was read. */
  readonly readBack?: Sample;
  /** The protocol's own word. */
  readonly status?: string;
}
