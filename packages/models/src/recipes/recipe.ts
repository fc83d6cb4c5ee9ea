import type { Observation, ObservationKind } from '../observe/observation.js';

/** One labelled unit of the fit set. `label` is `good` or the name of a bad class. */
export interface FitUnit {
  readonly id: string;
  readonly label: string;
  readonly observation: Observation;
  /** Lot, fabric, board, tile: units of one group stay in one fold of every cross-validation. */
  readonly group?: string;
}

export type RecipeName = 'novelty' | 'supervised' | 'score';

export interface FitOptions {
  readonly recipe: RecipeName | 'auto';
  /** Every random choice of the fit comes from this number: same units, same seed, same model bytes. */
  readonly seed: number;
  /** Any ONNX file that replaces the built-in picture backbone. */
  readonly backbone?: string;
  /** Called with 0..1 and a short text while a long fit runs. */
  readonly progress?: (done: number, what: string) => void;
  readonly signal?: AbortSignal;
}

/** What a model says of one unit. `score`: higher = worse. NaN = could not be scored (a person decides). */
export interface Scored {
  readonly score: number;
  /** One probability per entry of `FittedModel.classes`, where the recipe has a class head. */
  readonly classScores?: Float32Array;
}

/** A fitted recipe: one ONNX graph and everything needed to run and to check it. */
export interface FittedModel {
  readonly recipe: RecipeName;
  /** Full name with its parts, e.g. `supervised/series-v1/trees`. */
  readonly name: string;
  /** Why `auto` chose this recipe, or which parts the recipe chose and on what evidence (fit set only). */
  readonly why: string;
  readonly input: ObservationKind;
  /** The whole graph: pre-processing after decoding, features, model, score (and heat map for pictures and pairs). */
  readonly onnx: Uint8Array;
  /** Class names of the class head (`good` included), or null. */
  readonly classes: readonly string[] | null;
  /**
   * Out-of-fold scores of the fit units, in the order given (groups kept together). They choose a threshold
   * for the ramp before the first label of the plant; they are never evidence.
   */
  readonly outOfFold: Float64Array;
  /** The fitted recipe computed without the exported head: what the parity check compares the graph with. */
  reference(units: readonly Observation[]): Promise<Scored[]>;
  /** Units of the fit set, with expected scores, that travel with the release. */
  readonly golden: readonly { readonly observation: Observation; readonly expected: Scored }[];
  /**
   * What the graph expects: `[width]` for rows, `[length, channels]` for series (length 0: any), `[side, 3]` for
   * pictures (6 with a template), all four for pairs.
   */
  readonly inputShape: readonly number[];
}

/** Runs one exported graph. Bounded batches; never throws for one damaged unit: its score is NaN. */
export interface Scorer {
  /** `fault` (why the score is NaN) is set where the unit could not be read. */
  score(units: readonly Observation[]): Promise<(Scored & { fault?: string })[]>;
  /** A picture's heat map, `[side, side]` row-major, 0 = like the good ones; null where the graph has none. */
  heat(unit: Observation): Promise<{ width: number; height: number; values: Float32Array } | null>;
  [Symbol.asyncDispose](): Promise<void>;
}
