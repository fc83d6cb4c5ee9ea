import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { binFeatures, binOf } from './binning.js';
import { createBooster } from './booster.js';
import { fitBinaryHead, fitClassHead } from './fit-head.js';
import { stratifiedFolds } from './folds.js';
import type { FeatureMatrix, Head } from './head.js';
import { areaUnderCurve, largestOf, macroF1 } from './measures.js';
import { createRandom } from './random.js';

/** Gaussian features, the first `classes` shifted by class; `holes` is the share of NaN. */
function made(rows: number, width: number, share: number[], seed: number, holes = 0) {
  const random = createRandom(seed);
  const values = new Float32Array(rows * width);
  const labels = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    let u = random.next();
    while (u > share[labels[i]!]! && labels[i]! < share.length - 1) {
      u -= share[labels[i]!]!;
      labels[i] = labels[i]! + 1;
    }
    for (let j = 0; j < width; j++) {
      // Quarter steps, so that many values meet a threshold exactly.
      const v = Math.round(4 * (random.normal() + (j === labels[i] ? 1.5 : 0))) / 4;
      values[i * width + j] = random.next() < holes ? Number.NaN : v;
    }
  }
  return { x: { values, rows, width } satisfies FeatureMatrix, labels };
}

async function runGraph(head: Head, x: FeatureMatrix): Promise<Float32Array> {
  const g = new GraphBuilder();
  const score = head.emit(g, g.input('x', 'float32', ['n', x.width]));
  g.output('score', score, 'float32', head.outputs === 1 ? ['n'] : ['n', head.outputs]);
  const session = await openSession(g.encode('head'));
  const out = await session.run({ x: new Tensor('float32', x.values, [x.rows, x.width]) });
  await session.release();
  return out.score!.data as Float32Array;
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let gap = 0;
  for (let i = 0; i < a.length; i++) gap = Math.max(gap, Math.abs(a[i]! - b[i]!));
  return gap;
}

describe('binning', () => {
  it('puts a value on the side where `value <= edge` puts it, in float32', () => {
    const random = createRandom(4);
    const values = Float32Array.from({ length: 4000 }, () => Math.fround(random.normal() * 1e-3 + 1));
    const { bins, edges } = binFeatures({ values, rows: 4000, width: 1 }, 63);
    expect(edges[0]!.length).toBeGreaterThan(50);
    expect(edges[0]!.length).toBeLessThanOrEqual(63);
    let wrong = 0;
    for (let i = 0; i < 4000; i++) {
      for (let e = 0; e < edges[0]!.length; e++) {
        if (bins[i]! <= e !== values[i]! <= edges[0]![e]!) wrong++;
      }
    }
    expect(wrong).toBe(0);
    expect(binOf(Number.NaN, edges[0]!)).toBe(edges[0]!.length + 1);
  });
});

describe('stratifiedFolds', () => {
  it('keeps groups whole and spreads the classes', () => {
    const labels = Int32Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? 1 : 0));
    const groups = Array.from({ length: 300 }, (_, i) => `g${Math.floor(i / 5)}`);
    const fold = stratifiedFolds(labels, groups, 5, createRandom(1));
    for (let i = 0; i < 300; i++) expect(fold[i]).toBe(fold[Math.floor(i / 5) * 5]);
    for (let f = 0; f < 5; f++) {
      const inFold = Array.from(labels).filter((label, i) => fold[i] === f && label === 1).length;
      expect(inFold).toBeGreaterThanOrEqual(5);
      expect(inFold).toBeLessThanOrEqual(7);
    }
  });

  it('spreads single rows evenly by class', () => {
    const labels = Int32Array.from({ length: 103 }, (_, i) => (i < 11 ? 1 : 0));
    const fold = stratifiedFolds(labels, undefined, 5, createRandom(2));
    for (let f = 0; f < 5; f++) {
      const inFold = Array.from(labels).filter((label, i) => fold[i] === f && label === 1).length;
      expect(inFold === 2 || inFold === 3).toBe(true);
    }
  });
});

describe('binary head', () => {
  it.each([['linear'], ['trees']] as const)(
    '%s: the graph says what the head says, NaN and ties too',
    async (kind) => {
      const { x, labels } = made(600, 12, [0.8, 0.2], 7, 0.05);
      const { head } = fitBinaryHead(x, Uint8Array.from(labels), { seed: 3, kinds: [kind] });
      const fresh = made(500, 12, [0.8, 0.2], 8, 0.1).x;
      expect(largestGap(await runGraph(head, fresh), head.predict(fresh))).toBeLessThan(2e-5);
    },
  );

  it('gives the same bytes for the same seed and others for another', () => {
    const { x, labels } = made(300, 8, [0.7, 0.3], 5);
    const bytes = (seed: number): Buffer => {
      const { head } = fitBinaryHead(x, Uint8Array.from(labels), { seed, kinds: ['trees'] });
      const g = new GraphBuilder();
      g.output('s', head.emit(g, g.input('x', 'float32', ['n', 8])), 'float32', ['n']);
      return Buffer.from(g.encode('t'));
    };
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  it('is usable from 20 labels and with 2 % bad', () => {
    const few = made(20, 10, [0.5, 0.5], 21);
    const test = made(2000, 10, [0.5, 0.5], 22);
    const fromFew = fitBinaryHead(few.x, Uint8Array.from(few.labels), { seed: 1 }).head.predict(test.x);
    expect(areaUnderCurve(fromFew, test.labels)).toBeGreaterThan(0.8);
    const rare = made(1500, 10, [0.98, 0.02], 23);
    const fromRare = fitBinaryHead(rare.x, Uint8Array.from(rare.labels), { seed: 1 }).head.predict(test.x);
    // The best possible score, x1 - x0 with shifts of 1.5, has AUC Phi(1.5) = 0.933.
    expect(areaUnderCurve(fromRare, test.labels)).toBeGreaterThan(0.89);
  });

  it('keeps out-of-fold scores honest: labels without meaning give an AUC near one half', () => {
    const { x } = made(400, 30, [1], 31);
    const random = createRandom(32);
    const bad = Uint8Array.from({ length: 400 }, () => (random.next() < 0.3 ? 1 : 0));
    const fitted = fitBinaryHead(x, bad, { seed: 1 });
    expect(Math.abs(fitted.quality - 0.5)).toBeLessThan(0.12);
    expect(fitted.outOfFold.length).toBe(400);
  });

  it('learns what no line can say', () => {
    const random = createRandom(41);
    const values = Float32Array.from({ length: 800 * 4 }, () => random.normal());
    const bad = Uint8Array.from({ length: 800 }, (_, i) => (values[i * 4]! * values[i * 4 + 1]! > 0 ? 1 : 0));
    const fitted = fitBinaryHead({ values, rows: 800, width: 4 }, bad, { seed: 1 });
    expect(fitted.quality).toBeGreaterThan(0.95);
    expect(fitted.head.name).not.toBe('linear');
  });
});

describe('one boosted stump', () => {
  it('is the Newton step of the logistic loss on either side of the best cut', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const labels = Int32Array.of(0, 0, 0, 1, 0, 1, 1, 1);
    const options = {
      rounds: 1,
      learningRate: 0.5,
      leaves: 2,
      depth: 1,
      bins: 32,
      rowShare: 1,
      columnShare: 1,
      l2: 1,
      minRows: 1,
      balance: 0,
    };
    const all = Int32Array.from(labels, (_, i) => i);
    const binned = binFeatures({ values, rows: 8, width: 1 }, 32);
    const booster = createBooster(binned, labels, 2, all, options, createRandom(1));
    booster.step();
    const tree = booster.trees[0]!;
    // Base log odds 0, so each gradient is 1/2 - label and each hessian 1/4. Cut after 3: gradients 3/2 and -3/2 over
    // hessians 3/4 and 5/4: gain 9/4 / (7/4) + 9/4 / (9/4) = 2.286. After 5: the same mirrored; the first one wins.
    expect(tree.threshold[0]).toBe(3.5);
    expect(tree.value[tree.left[0]!]).toBeCloseTo((-0.5 * 1.5) / 1.75, 6);
    expect(tree.value[tree.right[0]!]).toBeCloseTo((0.5 * 1.5) / 2.25, 6);
    expect(booster.raw[0]).toBeCloseTo((-0.5 * 1.5) / 1.75, 6);
  });

  it('sends NaN to the right and can split known from unknown', () => {
    const values = Float32Array.of(1, 1, 1, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN);
    const labels = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const fitted = fitBinaryHead({ values, rows: 8, width: 1 }, Uint8Array.from(labels), {
      seed: 1,
      kinds: ['trees'],
      folds: 2,
      trees: { minRows: 1, rowShare: 1 },
    });
    const said = fitted.head.predict({ values: Float32Array.of(5, Number.NaN), rows: 2, width: 1 });
    expect(said[1]!).toBeGreaterThan(said[0]!);
  });
});

describe('class head', () => {
  it.each([['linear'], ['trees']] as const)(
    '%s: probabilities agree with the graph and find the class',
    async (kind) => {
      const { x, labels } = made(1200, 8, [0.5, 0.3, 0.15, 0.05], 51, 0.02);
      const fitted = fitClassHead(x, labels, 4, { seed: 2, kinds: [kind] });
      const fresh = made(800, 8, [0.5, 0.3, 0.15, 0.05], 52, 0.02);
      const p = fitted.head.predict(fresh.x);
      expect(largestGap(await runGraph(fitted.head, fresh.x), p)).toBeLessThan(1e-5);
      expect(p.slice(0, 4).reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 6);
      expect(macroF1(largestOf(p, 4), fresh.labels, 4)).toBeGreaterThan(0.5);
    },
  );
});

describe('measures', () => {
  it('counts ties half', () => {
    expect(areaUnderCurve([1, 2, 2, 3], [0, 0, 1, 1])).toBe(0.875);
    expect(areaUnderCurve([1, 2], [0, 0])).toBeNaN();
  });
});
