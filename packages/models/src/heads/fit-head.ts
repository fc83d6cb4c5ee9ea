import { binFeatures } from './binning.js';
import { type Booster, createBooster, type TreeOptions } from './booster.js';
import { DISCRIMINANT_LIMIT, fitDiscriminantPath } from './discriminant.js';
import { stratifiedFolds } from './folds.js';
import { classWeights, type FeatureMatrix, type Head, takeRows } from './head.js';
import { fitLinearPath, softmaxInPlace } from './linear.js';
import { areaUnderCurve, largestOf, macroF1 } from './measures.js';
import { createRandom } from './random.js';
import { treesHead } from './trees.js';

/** `discriminant` is for two classes only. */
export type HeadKind = 'discriminant' | 'linear' | 'trees';

export interface HeadOptions {
  readonly seed: number;
  /** Rows of one group stay in one fold. */
  readonly groups?: readonly (string | undefined)[];
  /** Which heads to try (default all that fit the task, and the blend of those). */
  readonly kinds?: readonly HeadKind[];
  /** Folds of the cross-validation (default 5, 3 above 5,000 rows and for classes, fewer where a class is smaller). */
  readonly folds?: number;
  readonly trees?: Partial<TreeOptions>;
  readonly progress?: (done: number, what: string) => void;
  readonly signal?: AbortSignal;
}

/** A head with the evidence of its choice; the evidence comes from the rows it was fitted on, never more. */
export interface FittedHead {
  readonly head: Head;
  /** What `predict` says of each training row by models that did not see its group. */
  readonly outOfFold: Float64Array;
  /** Out-of-fold AUC (binary) or macro-F1 (classes). */
  readonly quality: number;
  /** The choice in words, with the quality of each candidate. */
  readonly why: string;
}

interface Candidate {
  readonly name: string;
  readonly outOfFold: Float64Array;
  readonly quality: number;
  readonly detail: string;
  fit(): Head;
}

const LAMBDAS = [3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/** Above this many rows, and for class calls (one more set of weights a class), each fit is dear. */
const LARGE = 5000;
const FEW_LAMBDAS = [0.1, 0.01, 0.001];
const CLASS_LAMBDAS = [0.1, 0.01];
const SHRINKS = [0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

/** Fits good (0) against bad (1): linear, trees or their blend, by grouped stratified cross-validation. */
export function fitBinaryHead(x: FeatureMatrix, bad: Uint8Array, options: HeadOptions): FittedHead {
  return fitHead(
    x,
    Int32Array.from(bad, (b) => (b ? 1 : 0)),
    2,
    options,
  );
}

/**
 * Fits class probabilities for labels 0..count-1 in the same way; `count` is 3 at least (two classes are binary).
 */
export function fitClassHead(
  x: FeatureMatrix,
  classes: Int32Array,
  count: number,
  options: HeadOptions,
): FittedHead {
  return fitHead(x, classes, count, options);
}

function fitHead(x: FeatureMatrix, labels: Int32Array, classes: number, options: HeadOptions): FittedHead {
  if (x.rows !== labels.length || x.rows * x.width !== x.values.length) {
    throw new RangeError(`features ${x.rows} x ${x.width} do not match ${labels.length} labels`);
  }
  const kinds = options.kinds ?? ['discriminant', 'linear', 'trees'];
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]!++;
  const smallest = counts.filter((n) => n > 0).reduce((min, n) => Math.min(min, n), x.rows);
  if (counts.filter((n) => n > 0).length < 2) throw new RangeError('a head needs at least two classes');
  const folds = Math.max(2, Math.min(options.folds ?? (x.rows > LARGE || classes > 2 ? 3 : 5), smallest));
  // With few labels one split is a lottery: repeat it.
  const repeats = smallest < 60 && x.rows <= 1000 ? 3 : 1;
  const random = createRandom(options.seed);
  const splits = Array.from({ length: repeats }, () =>
    stratifiedFolds(labels, options.groups, folds, random),
  );
  const task: Task = { x, labels, classes, outputs: classes === 2 ? 1 : classes, splits, folds, options };
  const candidates: Candidate[] = [];
  if (kinds.includes('discriminant') && classes === 2 && x.width <= DISCRIMINANT_LIMIT) {
    candidates.push(pathCandidate(task, discriminantPath(task)));
  }
  if (kinds.includes('linear')) candidates.push(pathCandidate(task, linearPath(task)));
  options.progress?.(0.3, 'linear heads');
  if (kinds.includes('trees')) candidates.push(treesCandidate(task));
  options.progress?.(0.9, 'boosted trees');
  if (candidates.length === 0) throw new RangeError(`no head of ${kinds.join(', ')} fits this task`);
  if (candidates.length > 1) candidates.push(blendCandidate(task, [...candidates]));
  let best = candidates[0]!;
  for (const candidate of candidates) if (candidate.quality > best.quality) best = candidate;
  const measure = classes === 2 ? 'out-of-fold AUC' : 'out-of-fold macro-F1';
  const list = candidates.map((c) => `${c.name} ${c.quality.toFixed(4)} (${c.detail})`).join(', ');
  const head = best.fit();
  options.progress?.(1, 'head fitted');
  return {
    head,
    outOfFold: best.outOfFold,
    quality: best.quality,
    why: `${best.name} has the best ${measure} of ${folds} folds x ${repeats}: ${list}`,
  };
}

interface Task {
  readonly x: FeatureMatrix;
  readonly labels: Int32Array;
  readonly classes: number;
  readonly outputs: number;
  readonly splits: readonly Int32Array[];
  readonly folds: number;
  readonly options: HeadOptions;
}

/** Training and held-out rows of every fold of every repeat, where both sides hold two classes at least. */
function* foldsOf({ splits, folds, labels }: Task): Generator<{ train: Int32Array; test: Int32Array }> {
  for (const split of splits) {
    for (let f = 0; f < folds; f++) {
      const rows = Array.from(labels, (_, i) => i);
      const train = Int32Array.from(rows.filter((i) => split[i] !== f));
      const test = Int32Array.from(rows.filter((i) => split[i] === f));
      const first = labels[train[0] ?? 0];
      if (test.length > 0 && train.some((i) => labels[i] !== first)) yield { train, test };
    }
  }
}

function qualityOf({ labels, classes }: Task, outOfFold: Float64Array): number {
  if (classes === 2) return areaUnderCurve(outOfFold, labels);
  return macroF1(largestOf(outOfFold, classes), labels, classes);
}

/** Mean class-weighted log loss of `[rows, outputs]` log odds or probabilities. */
function lossOf({ labels, classes, outputs }: Task, predicted: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    if (outputs === 1) {
      const s = labels[i] === 1 ? predicted[i]! : -predicted[i]!;
      sum += weights[i]! * (s > 0 ? Math.log1p(Math.exp(-s)) : Math.log1p(Math.exp(s)) - s);
    } else sum -= weights[i]! * Math.log(Math.max(1e-12, predicted[i * classes + labels[i]!]!));
  }
  return sum / labels.length;
}

/** Heads that differ in one number only, fitted together. */
interface Path {
  readonly name: string;
  readonly values: readonly number[];
  readonly setting: string;
  fit(x: FeatureMatrix, labels: Int32Array, values: readonly number[]): Head[];
  /** Smaller is better. */
  loss(outOfFold: Float64Array): number;
}

function linearPath(task: Task): Path {
  const weights = classWeights(task.labels, task.classes, 1);
  return {
    name: 'linear',
    values: task.classes > 2 ? CLASS_LAMBDAS : task.x.rows > LARGE ? FEW_LAMBDAS : LAMBDAS,
    setting: 'lambda',
    fit: (x, labels, lambdas) => fitLinearPath(x, labels, task.classes, { lambdas, balance: 1 }),
    loss: (outOfFold) => lossOf(task, outOfFold, weights),
  };
}

function discriminantPath(task: Task): Path {
  return {
    name: 'discriminant',
    values: SHRINKS,
    setting: 'shrinkage',
    fit: fitDiscriminantPath,
    loss: (outOfFold) => -areaUnderCurve(outOfFold, task.labels),
  };
}

function pathCandidate(task: Task, path: Path): Candidate {
  const { x, labels, outputs, options } = task;
  const sums = path.values.map(() => new Float64Array(x.rows * outputs));
  const seen = new Float64Array(x.rows);
  for (const { train, test } of foldsOf(task)) {
    options.signal?.throwIfAborted();
    const heads = path.fit(
      takeRows(x, train),
      Int32Array.from(train, (i) => labels[i]!),
      path.values,
    );
    const held = takeRows(x, test);
    heads.forEach((head, k) => {
      const predicted = head.predict(held);
      for (let t = 0; t < test.length; t++) {
        for (let c = 0; c < outputs; c++) sums[k]![test[t]! * outputs + c]! += predicted[t * outputs + c]!;
      }
    });
    for (const i of test) seen[i]!++;
  }
  for (const sum of sums) {
    for (let i = 0; i < sum.length; i++) sum[i]! /= Math.max(1, seen[Math.floor(i / outputs)]!);
  }
  let best = 0;
  const losses = sums.map((sum) => path.loss(sum));
  for (let k = 1; k < losses.length; k++) if (losses[k]! < losses[best]!) best = k;
  const value = path.values[best]!;
  return {
    name: path.name,
    outOfFold: sums[best]!,
    quality: qualityOf(task, sums[best]!),
    detail: `${path.setting} ${value}`,
    fit: () => path.fit(x, labels, [value])[0]!,
  };
}

/** Defaults by size: small sets get small trees with fewer bins, large sets more leaves. */
export function treeOptionsFor(rows: number, chosen: Partial<TreeOptions> = {}): TreeOptions {
  return {
    rounds: 300,
    learningRate: 0.1,
    leaves: rows < 1000 ? 6 : rows < 5000 ? 12 : 24,
    depth: rows < 1000 ? 3 : rows < 5000 ? 5 : 7,
    bins: rows < 1000 ? 32 : 63,
    rowShare: 0.7,
    columnShare: 0.3,
    l2: 2,
    minRows: rows < 200 ? 3 : rows < 1000 ? 4 : 8,
    balance: 0.5,
    ...chosen,
  };
}

function treesCandidate(task: Task): Candidate {
  const { x, labels, classes, outputs, options } = task;
  const settings = treeOptionsFor(x.rows, options.trees);
  const binned = binFeatures(x, settings.bins);
  const weights = classWeights(labels, classes, settings.balance);
  const random = createRandom(options.seed ^ 0x7ee5);
  const boosters: { booster: Booster; test: Int32Array }[] = [];
  for (const { train, test } of foldsOf(task)) {
    boosters.push({ booster: createBooster(binned, labels, classes, train, settings, random), test });
  }
  // All folds grow together, so that the mean loss of a round is known before the next begins.
  const seen = new Float64Array(x.rows);
  for (const { test } of boosters) for (const i of test) seen[i]!++;
  const gather = (): Float64Array => {
    const mean = new Float64Array(x.rows * outputs);
    for (const { booster, test } of boosters) {
      for (const i of test) {
        for (let c = 0; c < outputs; c++) mean[i * outputs + c]! += booster.raw[i * outputs + c]! / seen[i]!;
      }
    }
    if (outputs > 1) for (let i = 0; i < x.rows; i++) softmaxInPlace(mean, i * outputs, outputs);
    return mean;
  };
  let bestLoss = Number.POSITIVE_INFINITY;
  let rounds = 1;
  let outOfFold = gather();
  const patience = Math.max(10, Math.ceil(2 / settings.learningRate));
  const first = lossOf(task, outOfFold, weights);
  for (let round = 1; round <= settings.rounds && round - rounds <= patience; round++) {
    // Classes that are parted already: more rounds only raise the confidence.
    if (bestLoss < 0.02 * first) break;
    options.signal?.throwIfAborted();
    for (const { booster } of boosters) booster.step();
    const scores = gather();
    const loss = lossOf(task, scores, weights);
    if (loss < bestLoss - 1e-6) {
      bestLoss = loss;
      rounds = round;
      outOfFold = scores;
    }
    if (round % 10 === 0) options.progress?.(0.3 + (0.5 * round) / settings.rounds, 'boosted trees');
  }
  return {
    name: 'trees',
    outOfFold,
    quality: qualityOf(task, outOfFold),
    detail: `${rounds} rounds`,
    fit: () => {
      const all = Int32Array.from(labels, (_, i) => i);
      const booster = createBooster(
        binned,
        labels,
        classes,
        all,
        settings,
        createRandom(options.seed ^ 0x3f17),
      );
      for (let round = 0; round < rounds; round++) booster.step();
      return treesHead(booster.trees, booster.base);
    },
  };
}

/** Mean of the heads' log odds, each divided by its spread out of fold; for classes the mean probability. */
function blendCandidate(task: Task, parts: readonly Candidate[]): Candidate {
  const { outputs } = task;
  const shares = parts.map((part) =>
    Math.fround((outputs === 1 ? 1 / Math.max(1e-6, deviation(part.outOfFold)) : 1) / parts.length),
  );
  const mix = (scores: readonly Float64Array[]): Float64Array =>
    scores[0]!.map((_, i) => scores.reduce((sum, score, k) => sum + shares[k]! * score[i]!, 0));
  const outOfFold = mix(parts.map((part) => part.outOfFold));
  return {
    name: 'blend',
    outOfFold,
    quality: qualityOf(task, outOfFold),
    detail: 'equal shares',
    fit: () => {
      const heads = parts.map((part) => part.fit());
      return {
        name: 'blend',
        outputs,
        predict: (x) => mix(heads.map((head) => head.predict(x))),
        emit: (g, features) =>
          heads
            .map((head, k) => g.node('Mul', [head.emit(g, features), g.scalar(shares[k]!)]))
            .reduce((sum, value) => g.node('Add', [sum, value])),
      };
    },
  };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
