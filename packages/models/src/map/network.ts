import { openSession, Tensor } from '../engine/engine.js';
import type { FeatureMatrix, Head } from '../heads/head.js';
import { standardOf } from '../heads/linear.js';
import { createRandom, type Random } from '../heads/random.js';
import { GraphBuilder } from '../onnx/graph-builder.js';

export interface NetworkOptions {
  readonly seed: number;
  /** Networks that are trained from different starts and averaged. */
  readonly members: number;
  readonly signal?: AbortSignal;
}

const HIDDEN = 128;
const BATCH = 128;
/** Below this many rows batches are half as large. */
const SMALL = 4000;
const EPOCHS = 12;
/** Small sets are passed more often, so that training has this many steps at least. */
const FEWEST_STEPS = 300;
const RATE = 2e-3;
/** Standardised inputs are cut here. */
const CLIP = 5;

/** Weights of one member: `first` `[width + 1, HIDDEN]`, `second` `[HIDDEN + 1, outputs]`, the offsets last. */
interface Member {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Class probabilities by small networks (one hidden layer of 128), trained with Adam (Kingma and Ba 2015) on
 * gradients that onnxruntime computes: forward and backward pass are one graph, so the matrix products run at
 * the engine's speed. Same rows and seed, same weights.
 * @returns a head with `classes` outputs, for two classes too.
 */
export async function fitNetwork(
  x: FeatureMatrix,
  labels: Int32Array,
  classes: number,
  { seed, members, signal }: NetworkOptions,
): Promise<Head> {
  const { mean, scale } = standardOf(x);
  const inputs = standardised(x, mean, scale);
  const session = await openSession(gradientGraph(x.width, classes));
  const trained: Member[] = [];
  try {
    for (let m = 0; m < members; m++) {
      const random = createRandom((seed ^ 0x6e37) + 7919 * m);
      const member = {
        first: startWeights(x.width, HIDDEN, random),
        second: startWeights(HIDDEN, classes, random),
      };
      const firstStep = adam(member.first);
      const secondStep = adam(member.second);
      const order = oftenEnough(labels, classes);
      const size = x.rows < SMALL ? BATCH / 2 : BATCH;
      const batches = Math.max(1, Math.floor(order.length / size));
      const steps = Math.max(EPOCHS * batches, FEWEST_STEPS);
      for (let step = 0; step < steps; step++) {
        if (step % batches === 0) {
          signal?.throwIfAborted();
          random.shuffle(order);
        }
        const from = (step % batches) * size;
        const index = order.subarray(from, Math.min(order.length, from + size));
        const { data, target } = gatherBatch(inputs, x.width, labels, classes, index);
        const { first, second } = member;
        const feeds = {
          x: new Tensor('float32', data, [index.length, x.width]),
          target: new Tensor('float32', target, [index.length, classes]),
          w1: new Tensor('float32', first.subarray(0, x.width * HIDDEN), [x.width, HIDDEN]),
          b1: new Tensor('float32', first.subarray(x.width * HIDDEN), [HIDDEN]),
          w2: new Tensor('float32', second.subarray(0, HIDDEN * classes), [HIDDEN, classes]),
          b2: new Tensor('float32', second.subarray(HIDDEN * classes), [classes]),
        };
        const out = await session.run(feeds);
        const rate = 0.5 * RATE * (1 + Math.cos((Math.PI * step) / steps));
        const read = (name: string): Float32Array => out[name]!.data as Float32Array;
        firstStep(read('dw1'), read('db1'), rate);
        secondStep(read('dw2'), read('db2'), rate);
      }
      trained.push(member);
    }
  } finally {
    await session.release();
  }
  return networkHead({ mean: Float32Array.from(mean), scale: Float32Array.from(scale) }, trained, classes);
}

/** Rows to train on in one pass: those of a rare class up to four times, by the root of how rare it is. */
function oftenEnough(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]!++;
  const times = Array.from(counts, (count) =>
    Math.max(1, Math.min(4, Math.round(Math.sqrt(labels.length / (classes * Math.max(1, count)))))),
  );
  return Int32Array.from(Array.from(labels).flatMap((label, i) => Array<number>(times[label]!).fill(i)));
}

/** He start (2015): normal with variance 2 / inputs; offsets zero. */
function startWeights(inputs: number, outputs: number, random: Random): Float32Array {
  const out = new Float32Array((inputs + 1) * outputs);
  const deviation = Math.sqrt(2 / inputs);
  for (let i = 0; i < inputs * outputs; i++) out[i] = deviation * random.normal();
  return out;
}

/** One Adam step per call, in place; the gradient comes as weights and offsets. */
function adam(weights: Float32Array): (dw: Float32Array, db: Float32Array, rate: number) => void {
  const mean = new Float32Array(weights.length);
  const square = new Float32Array(weights.length);
  let step = 0;
  return (dw, db, rate) => {
    step++;
    const size = (rate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
    for (let i = 0; i < weights.length; i++) {
      const g = i < dw.length ? dw[i]! : db[i - dw.length]!;
      mean[i] = 0.9 * mean[i]! + 0.1 * g;
      square[i] = 0.999 * square[i]! + 0.001 * g * g;
      weights[i]! -= (size * mean[i]!) / (Math.sqrt(square[i]!) + 1e-7);
    }
  };
}

function gatherBatch(
  inputs: Float32Array,
  width: number,
  labels: Int32Array,
  classes: number,
  index: Int32Array,
): { data: Float32Array; target: Float32Array } {
  const data = new Float32Array(index.length * width);
  const target = new Float32Array(index.length * classes);
  for (let k = 0; k < index.length; k++) {
    const row = index[k]!;
    data.set(inputs.subarray(row * width, (row + 1) * width), k * width);
    target[k * classes + labels[row]!] = 1;
  }
  return { data, target };
}

function standardised(x: FeatureMatrix, mean: Float64Array, scale: Float64Array): Float32Array {
  const out = new Float32Array(x.values.length);
  for (let i = 0, j = 0; i < out.length; i++) {
    const z = Math.fround(x.values[i]! - mean[j]!) * scale[j]!;
    out[i] = Number.isNaN(z) ? 0 : Math.max(-CLIP, Math.min(CLIP, z));
    if (++j === x.width) j = 0;
  }
  return out;
}

/** Mean cross-entropy of softmax(relu(x w1 + b1) w2 + b2) and its gradient by hand. */
function gradientGraph(width: number, classes: number): Uint8Array {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', width]);
  const target = g.input('target', 'float32', ['n', classes]);
  const w1 = g.input('w1', 'float32', [width, HIDDEN]);
  const b1 = g.input('b1', 'float32', [HIDDEN]);
  const w2 = g.input('w2', 'float32', [HIDDEN, classes]);
  const b2 = g.input('b2', 'float32', [classes]);
  const hidden = g.node('Relu', [g.node('Gemm', [x, w1, b1])]);
  const chance = g.node('Softmax', [g.node('Gemm', [hidden, w2, b2])], { axis: 1 });
  const rows = g.node('Cast', [g.node('Gather', [g.node('Shape', [x]), g.ints([0])], { axis: 0 })], {
    to: 1,
  });
  const error = g.node('Div', [g.node('Sub', [chance, target]), rows]);
  const open = g.node('Cast', [g.node('Greater', [hidden, g.scalar(0)])], { to: 1 });
  const inner = g.node('Mul', [g.node('Gemm', [error, w2], { transB: 1 }), open]);
  const offset = (value: string): string => g.node('ReduceSum', [value, g.ints([0])], { keepdims: 0 });
  g.output('dw1', g.node('Gemm', [x, inner], { transA: 1 }), 'float32', [width, HIDDEN]);
  g.output('db1', offset(inner), 'float32', [HIDDEN]);
  g.output('dw2', g.node('Gemm', [hidden, error], { transA: 1 }), 'float32', [HIDDEN, classes]);
  g.output('db2', offset(error), 'float32', [classes]);
  return g.encode('network-gradient');
}

function networkHead(
  { mean, scale }: { mean: Float32Array; scale: Float32Array },
  members: readonly Member[],
  classes: number,
): Head {
  const width = mean.length;
  return {
    name: 'network',
    outputs: classes,
    predict: (x) => {
      const z = standardised(x, Float64Array.from(mean), Float64Array.from(scale));
      const out = new Float64Array(x.rows * classes);
      const hidden = new Float64Array(HIDDEN);
      for (let i = 0; i < x.rows; i++) {
        for (const { first, second } of members) {
          for (let h = 0; h < HIDDEN; h++) hidden[h] = first[width * HIDDEN + h]!;
          for (let j = 0; j < width; j++) {
            const v = z[i * width + j]!;
            if (v !== 0) for (let h = 0, w = j * HIDDEN; h < HIDDEN; h++, w++) hidden[h]! += v * first[w]!;
          }
          const logits = new Float64Array(classes);
          for (let c = 0; c < classes; c++) logits[c] = second[HIDDEN * classes + c]!;
          for (let h = 0; h < HIDDEN; h++) {
            const v = hidden[h]!;
            if (v > 0) for (let c = 0; c < classes; c++) logits[c]! += v * second[h * classes + c]!;
          }
          const most = logits.reduce((a, b) => Math.max(a, b));
          const powers = logits.map((s) => Math.exp(s - most));
          const total = powers.reduce((a, b) => a + b);
          for (let c = 0; c < classes; c++) out[i * classes + c]! += powers[c]! / total / members.length;
        }
      }
      return out;
    },
    emit: (g, features) => {
      const centred = g.node('Sub', [features, g.floats(mean, [1, width])]);
      const raw = g.node('Mul', [centred, g.floats(scale, [1, width])]);
      const known = g.node('Where', [g.node('IsNaN', [raw]), g.scalar(0), raw]);
      const z = g.node('Clip', [known, g.scalar(-CLIP), g.scalar(CLIP)]);
      const chances = members.map(({ first, second }) => {
        const w1 = g.floats(first.subarray(0, width * HIDDEN), [width, HIDDEN]);
        const w2 = g.floats(second.subarray(0, HIDDEN * classes), [HIDDEN, classes]);
        const hidden = g.node('Relu', [
          g.node('Gemm', [z, w1, g.floats(first.subarray(width * HIDDEN), [HIDDEN])]),
        ]);
        const logits = g.node('Gemm', [hidden, w2, g.floats(second.subarray(HIDDEN * classes), [classes])]);
        return g.node('Softmax', [logits], { axis: 1 });
      });
      const total = chances.reduce((a, b) => g.node('Add', [a, b]));
      return g.node('Div', [total, g.scalar(members.length)]);
    },
  };
}
