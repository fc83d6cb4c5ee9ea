import type { Binned } from './binning.js';
import { classWeights } from './head.js';
import { softmaxInPlace } from './linear.js';
import type { Random } from './random.js';

export interface TreeOptions {
  /** Most rounds (one tree per output each); cross-validation stops earlier. */
  readonly rounds: number;
  readonly learningRate: number;
  /** Most leaves of a tree (grown best gain first). */
  readonly leaves: number;
  readonly depth: number;
  /** Most bins of a feature, at most 254. */
  readonly bins: number;
  /** Share of rows drawn for each round, of columns for each tree. */
  readonly rowShare: number;
  readonly columnShare: number;
  /** L2 penalty on leaf values. */
  readonly l2: number;
  /** Fewest rows of a leaf. */
  readonly minRows: number;
  /** Exponent of the class weights (1 = all classes weigh the same, 0 = all rows). */
  readonly balance: number;
}

/** One tree, nodes in order of creation; a leaf has `feature` -1. `value <= threshold` goes left, NaN right. */
export interface Tree {
  readonly feature: Int32Array;
  /** Bin index of the split: `bin <= cut` goes left. */
  readonly cut: Uint8Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly value: Float32Array;
}

/** Gradient boosting under way: each `step` adds one round. `raw` holds the scores of all rows so far. */
export interface Booster {
  readonly trees: Tree[];
  readonly base: Float32Array;
  /** `[rows, outputs]`, rows outside the training set included. */
  readonly raw: Float64Array;
  step(): void;
}

interface Leaf {
  readonly node: number;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
  readonly sums: Float64Array;
  g: number;
  h: number;
  gain: number;
  column: number;
  cut: number;
}

/**
 * Second-order gradient boosting on histograms (Chen and Guestrin 2016, equations 5-7; Ke et al. 2017 for
 * histogram subtraction and best-first growth): logistic loss for two classes, softmax above.
 * @param train rows to learn from; the others are only scored.
 */
export function createBooster(
  binned: Binned,
  labels: Int32Array,
  classes: number,
  train: Int32Array,
  options: TreeOptions,
  random: Random,
): Booster {
  const outputs = classes === 2 ? 1 : classes;
  const { rows, width } = binned;
  const trainLabels = Int32Array.from(train, (i) => labels[i]!);
  const trainWeights = classWeights(trainLabels, classes, options.balance);
  const weights = new Float64Array(rows);
  const prior = new Float64Array(classes);
  for (let k = 0; k < train.length; k++) {
    weights[train[k]!] = trainWeights[k]!;
    prior[trainLabels[k]!]! += trainWeights[k]! / train.length;
  }
  const base =
    outputs === 1
      ? Float32Array.of(Math.log(Math.max(prior[1]!, 1e-6) / Math.max(prior[0]!, 1e-6)))
      : Float32Array.from(prior, (p) => Math.log(Math.max(p, 1e-6)));
  const raw = new Float64Array(rows * outputs);
  for (let i = 0; i < rows; i++) raw.set(base, i * outputs);
  const gradient = new Float64Array(rows * outputs);
  const hessian = new Float64Array(rows * outputs);
  const grow = createGrower(binned, options);
  const trees: Tree[] = [];
  const columns = Int32Array.from({ length: width }, (_, j) => j);
  const taken = Math.max(1, Math.min(width, Math.ceil(width * options.columnShare)));
  const p = new Float64Array(outputs);
  return {
    trees,
    base,
    raw,
    step: () => {
      for (const i of train) {
        const w = weights[i]!;
        if (outputs === 1) {
          const q = 1 / (1 + Math.exp(-raw[i]!));
          gradient[i] = w * (q - labels[i]!);
          hessian[i] = w * Math.max(1e-6, q * (1 - q));
          continue;
        }
        for (let c = 0; c < outputs; c++) p[c] = raw[i * outputs + c]!;
        softmaxInPlace(p, 0, outputs);
        for (let c = 0; c < outputs; c++) {
          gradient[i * outputs + c] = w * (p[c]! - (labels[i] === c ? 1 : 0));
          hessian[i * outputs + c] = (w * Math.max(1e-6, p[c]! * (1 - p[c]!)) * outputs) / (outputs - 1);
        }
      }
      const drawn = train.filter(() => random.next() < options.rowShare);
      const sample = drawn.length >= 2 * options.minRows ? drawn : train;
      for (let c = 0; c < outputs; c++) {
        if (taken < width) random.shuffle(columns);
        const tree = grow(sample, columns.slice(0, taken).sort(), gradient, hessian, c, outputs);
        trees.push(tree);
        addTree(tree, binned, raw, c, outputs);
      }
    },
  };
}

/** Adds a tree's values to column `c` of `raw` for every binned row. */
export function addTree(tree: Tree, binned: Binned, raw: Float64Array, c: number, outputs: number): void {
  const { feature, cut, left, right, value } = tree;
  const { bins, rows } = binned;
  for (let i = 0; i < rows; i++) {
    let node = 0;
    while (feature[node]! >= 0)
      node = bins[feature[node]! * rows + i]! <= cut[node]! ? left[node]! : right[node]!;
    raw[i * outputs + c]! += value[node]!;
  }
}

function createGrower(binned: Binned, options: TreeOptions) {
  const { bins, rows } = binned;
  const span = binned.edges.reduce((max, e) => Math.max(max, e.length), 0) + 2;
  const pool: Float64Array[] = [];
  const order = new Int32Array(rows);
  const spare = new Int32Array(rows);
  const g = new Float64Array(rows);
  const h = new Float64Array(rows);
  const { l2, minRows } = options;

  return (
    sample: Int32Array,
    columns: Int32Array,
    gradient: Float64Array,
    hessian: Float64Array,
    output: number,
    outputs: number,
  ): Tree => {
    // Three sums a bin: gradient, hessian, rows.
    const size = columns.length * span * 3;
    const borrow = (): Float64Array => {
      const held = pool.pop();
      return held !== undefined && held.length === size ? held : new Float64Array(size);
    };
    order.set(sample);
    const fill = (sums: Float64Array, from: number, to: number): void => {
      sums.fill(0);
      for (let k = from; k < to; k++) {
        const at = order[k]! * outputs + output;
        g[k] = gradient[at]!;
        h[k] = hessian[at]!;
      }
      for (let j = 0; j < columns.length; j++) {
        const column = columns[j]! * rows;
        const start = j * span * 3;
        for (let k = from; k < to; k++) {
          const at = start + bins[column + order[k]!]! * 3;
          sums[at]! += g[k]!;
          sums[at + 1]! += h[k]!;
          sums[at + 2]! += 1;
        }
      }
    };
    const search = (leaf: Leaf): void => {
      const n = leaf.to - leaf.from;
      leaf.gain = 0;
      if (leaf.depth >= options.depth || n < 2 * minRows) return;
      const whole = (leaf.g * leaf.g) / (leaf.h + l2);
      for (let j = 0; j < columns.length; j++) {
        const cuts = binned.edges[columns[j]!]!.length;
        let gl = 0;
        let hl = 0;
        let nl = 0;
        for (let b = 0, at = j * span * 3; b <= cuts; b++, at += 3) {
          if (leaf.sums[at + 2] === 0) continue;
          gl += leaf.sums[at]!;
          hl += leaf.sums[at + 1]!;
          nl += leaf.sums[at + 2]!;
          if (nl < minRows) continue;
          if (n - nl < minRows) break;
          const gr = leaf.g - gl;
          const gain = (gl * gl) / (hl + l2) + (gr * gr) / (leaf.h - hl + l2) - whole;
          // `b === cuts` parts the known values from NaN; its edge is +infinity.
          if (gain > leaf.gain + 1e-9) {
            leaf.gain = gain;
            leaf.column = j;
            leaf.cut = b;
          }
        }
      }
    };
    const feature: number[] = [];
    const cut: number[] = [];
    const threshold: number[] = [];
    const left: number[] = [];
    const right: number[] = [];
    const value: number[] = [];
    const addNode = (leaf: { g: number; h: number }): number => {
      feature.push(-1);
      cut.push(0);
      threshold.push(0);
      left.push(0);
      right.push(0);
      value.push((-options.learningRate * leaf.g) / (leaf.h + l2));
      return feature.length - 1;
    };
    const sums = borrow();
    fill(sums, 0, sample.length);
    const total = { g: 0, h: 0 };
    for (let k = 0; k < sample.length; k++) {
      total.g += g[k]!;
      total.h += h[k]!;
    }
    const root: Leaf = {
      node: addNode(total),
      depth: 0,
      from: 0,
      to: sample.length,
      sums,
      ...total,
      gain: 0,
      column: 0,
      cut: 0,
    };
    search(root);
    const leaves: Leaf[] = [root];
    while (leaves.length < options.leaves) {
      let best = 0;
      for (let i = 1; i < leaves.length; i++) if (leaves[i]!.gain > leaves[best]!.gain) best = i;
      const leaf = leaves[best]!;
      if (leaf.gain <= 1e-9) break;
      const split = columns[leaf.column]!;
      let middle = leaf.from;
      let moved = 0;
      for (let k = leaf.from; k < leaf.to; k++) {
        const row = order[k]!;
        if (bins[split * rows + row]! <= leaf.cut) order[middle++] = row;
        else spare[moved++] = row;
      }
      order.set(spare.subarray(0, moved), middle);
      const leftIsSmall = middle - leaf.from <= leaf.to - middle;
      const small = borrow();
      const from = leftIsSmall ? leaf.from : middle;
      const to = leftIsSmall ? middle : leaf.to;
      fill(small, from, to);
      let gs = 0;
      let hs = 0;
      for (let k = from; k < to; k++) {
        gs += g[k]!;
        hs += h[k]!;
      }
      const large = leaf.sums;
      for (let i = 0; i < size; i++) large[i]! -= small[i]!;
      const a = leftIsSmall ? { g: gs, h: hs } : { g: leaf.g - gs, h: leaf.h - hs };
      const b = leftIsSmall ? { g: leaf.g - gs, h: leaf.h - hs } : { g: gs, h: hs };
      const edge = binned.edges[split]!;
      feature[leaf.node] = split;
      cut[leaf.node] = leaf.cut;
      threshold[leaf.node] = leaf.cut < edge.length ? edge[leaf.cut]! : Number.POSITIVE_INFINITY;
      left[leaf.node] = addNode(a);
      right[leaf.node] = addNode(b);
      const depth = leaf.depth + 1;
      const one: Leaf = {
        node: left[leaf.node]!,
        depth,
        from: leaf.from,
        to: middle,
        sums: leftIsSmall ? small : large,
        ...a,
        gain: 0,
        column: 0,
        cut: 0,
      };
      const two: Leaf = {
        node: right[leaf.node]!,
        depth,
        from: middle,
        to: leaf.to,
        sums: leftIsSmall ? large : small,
        ...b,
        gain: 0,
        column: 0,
        cut: 0,
      };
      leaves[best] = one;
      leaves.push(two);
      if (leaves.length < options.leaves) {
        search(one);
        search(two);
      }
    }
    for (const leaf of leaves) pool.push(leaf.sums);
    return {
      feature: Int32Array.from(feature),
      cut: Uint8Array.from(cut),
      threshold: Float32Array.from(threshold),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      value: Float32Array.from(value),
    };
  };
}
