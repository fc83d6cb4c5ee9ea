import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { emitSeriesFeatures, rollingWidths, type SeriesShape, seriesShape } from './series-graph.js';

function drawn(count: number, seed: number): Float32Array {
  let s = BigInt(seed);
  return Float32Array.from({ length: count }, () => {
    s = (s * 1103515245n + 12345n) % 2147483648n;
    return (Number(s) / 2147483648) * 10;
  });
}

async function features(shape: SeriesShape, x: Float32Array, dims: number[], lengths?: number[]) {
  const g = new GraphBuilder();
  const { value, width, blocks, headColumns } = emitSeriesFeatures(g, shape);
  g.output('features', value, 'float32', ['n', width]);
  const session = await openSession(g.encode('features'));
  const out = await session.run({
    x: new Tensor('float32', x, dims),
    ...(lengths ? { length: new Tensor('float32', Float32Array.from(lengths), [lengths.length, 1]) } : {}),
  });
  await session.release();
  const values = out.features!.data as Float32Array;
  const block = (name: string, row = 0): Float32Array => {
    const found = blocks.find((b) => b.name === name)!;
    return values.slice(row * width + found.from, row * width + found.to);
  };
  return { block, width, blocks, headColumns };
}

function near(actual: ArrayLike<number>, expected: readonly number[], digits = 4): void {
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
}

// Expected numbers: numpy 1.24.2 on the same draws.
describe('features of a trace', () => {
  const trace = drawn(20, 3);

  it('agree with numpy', async () => {
    const { block } = await features({ channels: 1, length: 20, grid: 20 }, trace, [1, 20, 1]);
    expect(rollingWidths(20)).toEqual([2, 4]);
    near(block('mean2'), [3.79257, 2.66621, 2.85003, 4.41514]);
    near(block('mean4'), [3.3213, 3.54067, 4.20353]);
    near(block('shape'), [-0.15], 0);
    expect(Array.from(block('ordered'))).toEqual(Array.from(trace).sort((a, b) => b - a));
    const dynamics = block('dynamics');
    near(dynamics, [2.016186, 1.98469, 3.292943, 3.756664, -6.363662]);
    const lags = dynamics.slice(-5);
    near(lags, [0.191743, -0.068161, -0.063232]);
    near(
      block('spectrum'),
      [5.39002, 4.02203, 0.71459, 5.19144, 4.87894, 3.86317, 3.6778, 3.43302, 4.44214, 4.08144],
      3,
    );
  });

  it('average a trace of another length by area onto the grid', async () => {
    const seven = drawn(7, 5);
    const shape = { channels: 1, length: null, grid: 4 };
    // Padded to 9 with numbers that must not matter.
    const padded = Float32Array.of(...seven, 1e6, -1e6);
    near((await features(shape, padded, [1, 9, 1], [7])).block('trace'), [4.3594, 4.99964, 5.689, 6.55302]);
    const fixed = { channels: 1, length: 7, grid: 4 };
    near((await features(fixed, seven, [1, 7, 1])).block('trace'), [4.3594, 4.99964, 5.689, 6.55302]);
  });

  it('stretch a shorter trace and keep the length as a feature', async () => {
    const { block } = await features(
      { channels: 1, length: null, grid: 4 },
      Float32Array.of(1, 3, 9, 9),
      [1, 4, 1],
      [2],
    );
    near(block('trace'), [1, 1, 3, 3]);
    near(block('length'), [Math.log(2)]);
  });

  it('keep channels apart', async () => {
    const two = new Float32Array(40);
    for (let i = 0; i < 20; i++) {
      two[2 * i] = trace[i]!;
      two[2 * i + 1] = 7;
    }
    const { block } = await features({ channels: 2, length: 20, grid: 20 }, two, [1, 20, 2]);
    near(block('trace'), [...trace]);
    near(block('trace').slice(20), new Array<number>(20).fill(7));
    near(block('mean4').slice(17), new Array<number>(17).fill(7));
  });

  it('cover every column once, and learn only from some', async () => {
    const { blocks, width, headColumns } = await features(
      { channels: 1, length: 20, grid: 20 },
      trace,
      [1, 20, 1],
    );
    expect(blocks[0]!.from).toBe(0);
    for (let b = 1; b < blocks.length; b++) expect(blocks[b]!.from).toBe(blocks[b - 1]!.to);
    expect(blocks[blocks.length - 1]!.to).toBe(width);
    expect(new Set(headColumns).size).toBe(headColumns.length);
    expect(Math.max(...headColumns)).toBeLessThan(width);
  });
});

describe('seriesShape', () => {
  it('takes a common length as it is, and a median grid otherwise', () => {
    expect(seriesShape([86, 86], 1)).toEqual({ channels: 1, length: 86, grid: 86 });
    expect(seriesShape([1000, 1000], 3)).toEqual({ channels: 3, length: 1000, grid: 256 });
    expect(seriesShape([50, 60, 70], 1)).toEqual({ channels: 1, length: null, grid: 60 });
  });
});
