import type { FeatureBlock } from '../heads/one-class.js';
import type { PartName } from '../heads/one-class-parts.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';

/** What the series graph was built for. */
export interface SeriesShape {
  readonly channels: number;
  /** Samples of every trace, or null where lengths vary (the graph then reads an input `length`). */
  readonly length: number | null;
  /** Points of the common grid on which features are computed. */
  readonly grid: number;
}

/** Longest grid: a longer trace is averaged down to it. */
export const LARGEST_GRID = 256;

/** Widest block for which a full covariance is learnt; above, a plane of leading directions. */
const COVARIANCE_LIMIT = 256;

/** The shape for traces of these lengths: their own length where all agree, else a grid of the median length. */
export function seriesShape(lengths: readonly number[], channels: number): SeriesShape {
  const sorted = [...lengths].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 1;
  const grid = Math.max(4, Math.min(LARGEST_GRID, middle));
  const same = sorted[0] === sorted[sorted.length - 1];
  return { channels, length: same ? middle : null, grid };
}

export interface SeriesFeatures {
  /** Name of the float32 value `[n, width]`. */
  readonly value: string;
  readonly width: number;
  readonly blocks: readonly FeatureBlock[];
  /** Columns that a head learns from; the others only feed the one-class parts. */
  readonly headColumns: readonly number[];
}

/**
 * Adds the inputs and the features of a trace to `g`. Inputs: `x` float32 `[n, length, channels]`, and `length`
 * float32 `[n, 1]` where lengths vary (`x` is then padded at the end with any finite number).
 *
 * Blocks, each over all channels: the trace itself on the grid; rolling means at four widths (a scan for a weak
 * or dead stretch of any length), and at a tenth once more with level and spread of the trace taken out (its shape
 * alone); the ordered values (a shift of level or spread wherever it sits); dynamics
 * (spread, mean and largest differences, autocorrelation, smallest, largest and spread of the rolling means, the
 * length); log power in up to 16 bands.
 */
export function emitSeriesFeatures(g: GraphBuilder, shape: SeriesShape): SeriesFeatures {
  const { channels, grid } = shape;
  const x = g.input('x', 'float32', ['n', shape.length ?? 'length', channels]);
  const length = shape.length === null ? g.input('length', 'float32', ['n', 1]) : null;
  const turned = g.node('Transpose', [x], { perm: { ints: [0, 2, 1] } });
  const trace = onGrid(g, turned, shape, length);
  const values: string[] = [];
  const blocks: FeatureBlock[] = [];
  const headColumns: number[] = [];
  let width = 0;
  const add = (
    value: string,
    size: number,
    block: Pick<FeatureBlock, 'name' | 'sameUnit' | 'parts'>,
    learnt: readonly number[],
  ): void => {
    values.push(g.node('Reshape', [value, g.ints([0, channels * size])]));
    blocks.push({ ...block, from: width, to: width + channels * size });
    for (let c = 0; c < channels; c++) headColumns.push(...learnt.map((k) => width + c * size + k));
    width += channels * size;
  };
  const all = (size: number): number[] => Array.from({ length: size }, (_, k) => k);
  add(trace, grid, { name: 'trace', sameUnit: true, parts: ['size'] }, []);
  const extremes: string[] = [];
  const widths = rollingWidths(grid);
  const tenth = widths[Math.min(2, widths.length - 1)]!;
  for (const w of widths) {
    const mean = rollingMean(g, trace, grid, w);
    const size = grid - w + 1;
    const whole = channels * size <= COVARIANCE_LIMIT ? ('whitened' as const) : ('residual' as const);
    const parts: readonly PartName[] = w === tenth ? ['peak', whole] : ['peak'];
    // Half-overlapping stretches of about a tenth of the trace tell a head where something happened.
    const learnt = w === tenth ? all(size).filter((k) => k % Math.ceil(w / 2) === 0) : [];
    add(mean, size, { name: `mean${w}`, sameUnit: true, parts }, learnt);
    extremes.push(reduce(g, 'ReduceMin', mean), reduce(g, 'ReduceMax', mean), deviationOf(g, mean));
  }
  const centred = g.node('Sub', [trace, reduce(g, 'ReduceMean', trace)]);
  const unit = g.node('Div', [centred, g.node('Add', [rootMean(g, centred), g.scalar(1e-6)])]);
  add(
    rollingMean(g, unit, grid, tenth),
    grid - tenth + 1,
    { name: 'shape', sameUnit: true, parts: ['peak'] },
    [],
  );
  const ordered = g.nodes('TopK', [trace, g.ints([grid])], 2, { axis: 2 })[0]!;
  const levels = [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1].map((p) =>
    Math.round(p * (grid - 1)),
  );
  add(ordered, grid, { name: 'ordered', sameUnit: true, parts: ['peak'] }, [...new Set(levels)]);
  const lags = Math.min(12, Math.floor(grid / 4));
  const dynamics = [
    ...dynamicsOf(g, trace, centred, grid),
    ...extremes,
    ...autocorrelations(g, centred, grid, lags),
  ];
  const joined = g.node('Concat', dynamics, { axis: 2 });
  add(joined, dynamics.length, { name: 'dynamics', sameUnit: false, parts: ['size'] }, all(dynamics.length));
  const bands = Math.min(16, Math.floor(grid / 2));
  add(
    spectrum(g, centred, grid, bands),
    bands,
    { name: 'spectrum', sameUnit: true, parts: ['size'] },
    all(bands),
  );
  if (length !== null) {
    values.push(g.node('Log', [g.node('Max', [length, g.scalar(1)])]));
    blocks.push({ name: 'length', from: width, to: width + 1, sameUnit: false, parts: ['size'] });
    headColumns.push(width);
    width += 1;
  }
  return { value: g.node('Concat', values, { axis: 1 }), width, blocks, headColumns };
}

function reduce(g: GraphBuilder, op: 'ReduceMin' | 'ReduceMax' | 'ReduceMean', value: string): string {
  return g.node(op, [value], { axes: { ints: [2] }, keepdims: 1 });
}

/** About 1/28, 1/16, 1/10 and 1/5 of the grid, two samples at least. */
export function rollingWidths(grid: number): number[] {
  const widths = [28, 16, 10, 5].map((part) => Math.max(2, Math.round(grid / part)));
  return [...new Set(widths)].filter((w) => w < grid);
}

/** `[n, channels, samples]` to `[n, channels, grid]`: the mean over each of `grid` equal stretches. */
function onGrid(g: GraphBuilder, x: string, shape: SeriesShape, length: string | null): string {
  const { grid } = shape;
  if (length === null) {
    if (shape.length === grid) return x;
    return g.node('MatMul', [x, g.floats(averaging(shape.length!, grid), [shape.length!, grid])]);
  }
  // Exact for any length: the running sum at the edges of the stretches (linear between samples), differenced.
  const count = g.node('Max', [g.node('Unsqueeze', [length, g.ints([1])]), g.scalar(1)]);
  const size = g.node('Slice', [g.node('Shape', [x]), g.ints([2]), g.ints([3])]);
  const last = g.node('Squeeze', [size]);
  const index = g.node('Range', [g.ints([0], []), last, g.ints([1], [])]);
  const position = g.node('Cast', [index], { to: 1 });
  const inside = g.node('Less', [position, count]);
  const known = g.node('Where', [inside, x, g.scalar(0)]);
  const mean = g.node('Div', [g.node('ReduceSum', [known, g.ints([2])], { keepdims: 1 }), count]);
  const centred = g.node('Where', [inside, g.node('Sub', [x, mean]), g.scalar(0)]);
  const sum = g.node('CumSum', [g.node('Pad', [centred, g.ints([0, 0, 1, 0, 0, 1])]), g.ints([2], [])]);
  const edges = Float32Array.from({ length: grid + 1 }, (_, k) => k / grid);
  const at = g.node('Mul', [g.floats(edges, [1, 1, grid + 1]), count]);
  const low = g.node('Floor', [at]);
  const share = g.node('Sub', [at, low]);
  const spread = g.node(
    'Concat',
    [g.node('Slice', [g.node('Shape', [x]), g.ints([0]), g.ints([2])]), g.ints([grid + 1])],
    { axis: 0 },
  );
  const lowIndex = g.node('Expand', [g.node('Cast', [low], { to: 7 }), spread]);
  const highIndex = g.node('Add', [lowIndex, g.ints([1])]);
  const a = g.node('GatherElements', [sum, lowIndex], { axis: 2 });
  const b = g.node('GatherElements', [sum, highIndex], { axis: 2 });
  const running = g.node('Add', [a, g.node('Mul', [share, g.node('Sub', [b, a])])]);
  const stretch = g.node('Sub', [
    g.node('Slice', [running, g.ints([1]), g.ints([grid + 1]), g.ints([2])]),
    g.node('Slice', [running, g.ints([0]), g.ints([grid]), g.ints([2])]),
  ]);
  return g.node('Add', [g.node('Div', [stretch, g.node('Div', [count, g.scalar(grid)])]), mean]);
}

/** `[from, to]`: column k averages the samples of stretch k, cut samples by their share. */
function averaging(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  const step = from / to;
  for (let k = 0; k < to; k++) {
    for (let i = Math.floor(k * step); i < Math.min(from, Math.ceil((k + 1) * step)); i++) {
      const share = Math.min(i + 1, (k + 1) * step) - Math.max(i, k * step);
      matrix[i * to + k] = share / step;
    }
  }
  return matrix;
}

function rollingMean(g: GraphBuilder, trace: string, grid: number, w: number): string {
  const out = grid - w + 1;
  const band = new Float32Array(grid * out);
  for (let k = 0; k < out; k++) for (let i = k; i < k + w; i++) band[i * out + k] = 1 / w;
  return g.node('MatMul', [trace, g.floats(band, [grid, out])]);
}

/** Standard deviation along the last axis, kept as `[n, channels, 1]`. */
function deviationOf(g: GraphBuilder, value: string): string {
  const mean = g.node('ReduceMean', [value], { axes: { ints: [2] }, keepdims: 1 });
  return rootMean(g, g.node('Sub', [value, mean]));
}

function rootMean(g: GraphBuilder, value: string): string {
  return g.node('Sqrt', [
    g.node('ReduceMean', [g.node('Mul', [value, value])], { axes: { ints: [2] }, keepdims: 1 }),
  ]);
}

function along(g: GraphBuilder, value: string, from: number, to: number): string {
  return g.node('Slice', [value, g.ints([from]), g.ints([to]), g.ints([2])]);
}

/** Spread, mean size of first and second differences, largest rise, largest fall: `[n, channels, 1]` each. */
function dynamicsOf(g: GraphBuilder, trace: string, centred: string, grid: number): string[] {
  const first = g.node('Sub', [along(g, trace, 1, grid), along(g, trace, 0, grid - 1)]);
  const second = g.node('Sub', [along(g, first, 1, grid - 1), along(g, first, 0, grid - 2)]);
  const size = (v: string): string =>
    g.node('ReduceMean', [g.node('Abs', [v])], { axes: { ints: [2] }, keepdims: 1 });
  return [
    rootMean(g, centred),
    size(first),
    size(second),
    g.node('ReduceMax', [first], { axes: { ints: [2] }, keepdims: 1 }),
    g.node('ReduceMin', [first], { axes: { ints: [2] }, keepdims: 1 }),
  ];
}

/** Autocorrelation at lags 1..lags (biased estimate: sum of products over the sum of squares). */
function autocorrelations(g: GraphBuilder, centred: string, grid: number, lags: number): string[] {
  const squares = g.node('ReduceSum', [g.node('Mul', [centred, centred]), g.ints([2])], { keepdims: 1 });
  const power = g.node('Add', [squares, g.scalar(1e-6)]);
  return Array.from({ length: lags }, (_, k) => {
    const lag = k + 1;
    const product = g.node('Mul', [along(g, centred, 0, grid - lag), along(g, centred, lag, grid)]);
    return g.node('Div', [g.node('ReduceSum', [product, g.ints([2])], { keepdims: 1 }), power]);
  });
}

/**
 * Log of the mean power in `bands` equal bands of the frequencies 1..grid/2 (periods a trace), by matrix product
 * with cosines and sines.
 */
function spectrum(g: GraphBuilder, centred: string, grid: number, bands: number): string {
  const lines = Math.floor(grid / 2);
  const cos = new Float32Array(grid * lines);
  const sin = new Float32Array(grid * lines);
  for (let i = 0; i < grid; i++) {
    for (let k = 0; k < lines; k++) {
      const angle = (2 * Math.PI * ((i * (k + 1)) % grid)) / grid;
      cos[i * lines + k] = Math.cos(angle);
      sin[i * lines + k] = Math.sin(angle);
    }
  }
  const re = g.node('MatMul', [centred, g.floats(cos, [grid, lines])]);
  const im = g.node('MatMul', [centred, g.floats(sin, [grid, lines])]);
  const power = g.node('Add', [g.node('Mul', [re, re]), g.node('Mul', [im, im])]);
  const band = g.node('MatMul', [power, g.floats(averaging(lines, bands), [lines, bands])]);
  // One hundredth of the mean power keeps an empty band from looking infinitely quiet.
  const floor = g.node('Mul', [reduce(g, 'ReduceMean', power), g.scalar(0.01)]);
  return g.node('Log', [g.node('Add', [g.node('Add', [band, floor]), g.scalar(1e-6)])]);
}
