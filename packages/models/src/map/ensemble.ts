import { fitBinaryHead, fitClassHead } from '../heads/fit-head.js';
import { stratifiedFolds } from '../heads/folds.js';
import { type FeatureMatrix, type Head, takeRows } from '../heads/head.js';
import { areaUnderCurve, largestOf, macroF1 } from '../heads/measures.js';
import { createRandom } from '../heads/random.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { MAP_FEATURES } from './features.js';
import { fitNetwork } from './network.js';

export interface EnsembleOptions {
  readonly seed: number;
  readonly groups?: readonly (string | undefined)[] | undefined;
  readonly progress?: ((done: number, what: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Trees and networks with the share of the networks, and what they said of rows they had not seen. */
export interface Ensemble {
  /** `classes` outputs, class 0 = good; probabilities. */
  readonly head: Head;
  /** `[rows, classes]`. */
  readonly outOfFold: Float64Array;
  readonly why: string;
}

const FOLDS = 3;
const MEMBERS = 3;
/** The networks of the folds are only asked which share is best: two are enough. */
const FOLD_MEMBERS = 2;
/** Shares of the networks that are tried; the largest out-of-fold quality wins, nearer to a half at a tie. */
const SHARES = [0.5, 0.65, 0.35, 0.8, 0.2, 1, 0] as const;

/**
 * For large sets: boosted trees on the described features, small networks on these and on the answers of the
 * vocabulary, their probabilities mixed. The two err differently, so the mixture is better than either.
 * @param labels 0 = good, 1..classes-1 = bad classes.
 */
export async function fitEnsemble(
  x: FeatureMatrix,
  labels: Int32Array,
  classes: number,
  { seed, groups, progress, signal }: EnsembleOptions,
): Promise<Ensemble> {
  const described = leadingColumns(x, MAP_FEATURES);
  const options = {
    seed,
    kinds: ['trees'] as const,
    folds: FOLDS,
    trees: { rounds: 110, learningRate: 0.1, leaves: 16, columnShare: 0.15, balance: 0.25 },
    ...(groups === undefined ? {} : { groups }),
    ...(signal === undefined ? {} : { signal }),
    progress: (done: number) => progress?.(0.6 * done, 'boosted trees'),
  };
  const trees =
    classes === 2
      ? fitBinaryHead(described, Uint8Array.from(labels), options)
      : fitClassHead(described, labels, classes, options);
  const fromTrees = classes === 2 ? pairs(trees.outOfFold) : trees.outOfFold;
  const fromNetworks = new Float64Array(labels.length * classes);
  const fold = stratifiedFolds(labels, groups, FOLDS, createRandom(seed ^ 0x2e7));
  const train = (rows: FeatureMatrix, own: Int32Array, k: number): Promise<Head> =>
    fitNetwork(rows, own, classes, {
      seed: seed + k,
      members: k === FOLDS ? MEMBERS : FOLD_MEMBERS,
      ...(signal === undefined ? {} : { signal }),
    });
  const all = Array.from(labels, (_, i) => i);
  for (let f = 0; f < FOLDS; f++) {
    const inside = all.filter((i) => fold[i] !== f);
    const outside = all.filter((i) => fold[i] === f);
    const head = await train(
      takeRows(x, inside),
      Int32Array.from(inside, (i) => labels[i]!),
      f,
    );
    const predicted = head.predict(takeRows(x, outside));
    outside.forEach((row, k) => {
      fromNetworks.set(predicted.subarray(k * classes, (k + 1) * classes), row * classes);
    });
    progress?.(0.6 + (0.3 * (f + 1)) / FOLDS, 'networks');
  }
  const network = await train(x, labels, FOLDS);
  progress?.(1, 'networks');
  const mixed = SHARES.map((share) => mix(fromTrees, fromNetworks, share));
  const quality = mixed.map((p) => qualityOf(p, labels, classes));
  let best = 0;
  for (let k = 1; k < SHARES.length; k++) if (quality[k]! > quality[best]! + 1e-4) best = k;
  const share = Math.fround(SHARES[best]!);
  const measure = classes === 2 ? 'AUC' : 'macro-F1';
  const told = (k: number): string => `${SHARES[k]! * 100} % ${quality[k]!.toFixed(4)}`;
  return {
    head: mixtureHead(trees.head, network, share, classes),
    outOfFold: mixed[best]!,
    why: `trees and networks mixed, share of the networks by out-of-fold ${measure} of ${FOLDS} folds: ${SHARES.map((_, k) => told(k)).join(', ')}`,
  };
}

function mixtureHead(trees: Head, network: Head, share: number, classes: number): Head {
  return {
    name: `trees+network-${share.toFixed(2)}`,
    outputs: classes,
    predict: (x) => {
      const raw = trees.predict(leadingColumns(x, MAP_FEATURES));
      return mix(classes === 2 ? pairs(raw) : raw, network.predict(x), share);
    },
    emit: (g, features) => {
      const described = g.node('Slice', [features, g.ints([0]), g.ints([MAP_FEATURES]), g.ints([1])]);
      const raw = trees.emit(g, described);
      const chances = classes === 2 ? emitPairs(g, raw) : raw;
      return g.node('Add', [
        g.node('Mul', [chances, g.scalar(1 - share)]),
        g.node('Mul', [network.emit(g, features), g.scalar(share)]),
      ]);
    },
  };
}

function leadingColumns(x: FeatureMatrix, width: number): FeatureMatrix {
  const values = new Float32Array(x.rows * width);
  for (let i = 0; i < x.rows; i++) {
    values.set(x.values.subarray(i * x.width, i * x.width + width), i * width);
  }
  return { values, rows: x.rows, width };
}

/** Log odds of bad as probabilities `[good, bad]`, each computed on its own so that neither loses its digits. */
function pairs(odds: Float64Array): Float64Array {
  const out = new Float64Array(odds.length * 2);
  odds.forEach((s, i) => {
    out[2 * i] = 1 / (1 + Math.exp(s));
    out[2 * i + 1] = 1 / (1 + Math.exp(-s));
  });
  return out;
}

function emitPairs(g: GraphBuilder, odds: string): string {
  const column = g.node('Reshape', [odds, g.ints([-1, 1])]);
  return g.node('Concat', [g.node('Sigmoid', [g.node('Neg', [column])]), g.node('Sigmoid', [column])], {
    axis: 1,
  });
}

function mix(a: Float64Array, b: Float64Array, share: number): Float64Array {
  return a.map((value, i) => (1 - share) * value + share * b[i]!);
}

function qualityOf(p: Float64Array, labels: Int32Array, classes: number): number {
  if (classes > 2) return macroF1(largestOf(p, classes), labels, classes);
  return areaUnderCurve(
    Float64Array.from(labels, (_, i) => p[2 * i + 1]!),
    labels,
  );
}
