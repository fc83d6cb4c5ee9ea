import type { Contract, Origin } from '@selvedge/core/records';

/** What `selvedge replay` is asked to do; the defaults are the command's. */
export interface ReplayOptions {
  readonly recipe: 'auto' | 'novelty' | 'supervised' | 'score';
  /** Budgets and confidence, 0..1; overkill 0 = no automatic reject. */
  readonly escape: number;
  readonly overkill: number;
  readonly contract: Contract;
  readonly confidence: number;
  /** The owner says that units of one group are independent. */
  readonly independentUnits: boolean;
  readonly groupRule: string | null;
  readonly origin: Origin;
  readonly seed: number;
  readonly backbone?: string | undefined;
  /** The command line that repeats the run, and the program that made it. */
  readonly command: string;
  readonly version: string;
  readonly commit: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Told how far a long step is, 0..1. */
  readonly progress?: ((done: number, what: string) => void) | undefined;
}
