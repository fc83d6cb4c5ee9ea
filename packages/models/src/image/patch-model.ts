import type { Backbone } from '../backbone/backbone.js';
import { type EngineSession, openSession, Tensor } from '../engine/engine.js';
import { shrunkWhitening } from '../heads/linear-algebra.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { emitPatches, emitTaps, GRID, SIDE, type Whitening } from './patch-graph.js';

/** Share of the mean variance added to the covariance of a tap before it is inverted. */
const RIDGE = 1e-3;
/** Pictures from which the whitening is learnt. */
const WHITENING_PICTURES = 60;
const BATCH = 8;

/** Runs one graph over decoded pictures in batches. `pictures[i]`: RGB bytes [side, side, 3]. */
async function overPictures(
  session: EngineSession,
  pictures: readonly Uint8Array[],
  take: (outputs: Record<string, Tensor>, first: number) => void,
): Promise<void> {
  for (let first = 0; first < pictures.length; first += BATCH) {
    const batch = pictures.slice(first, first + BATCH);
    const data = new Uint8Array(batch.length * SIDE * SIDE * 3);
    batch.forEach((p, i) => {
      data.set(p, i * SIDE * SIDE * 3);
    });
    take(await session.run({ x: new Tensor('uint8', data, [batch.length, SIDE, SIDE, 3]) }), first);
  }
}

/** Learns the whitening of each tap from good pictures: uncorrelated, of unit variance. */
export async function fitWhitening(backbone: Backbone, goods: readonly Uint8Array[]): Promise<Whitening[]> {
  const g = new GraphBuilder();
  const x = g.input('x', 'uint8', ['n', SIDE, SIDE, 3]);
  emitTaps(g, backbone, x).forEach((tap, t) => {
    const side = SIDE / backbone.taps[t]!.stride;
    g.output(`tap${t}`, tap, 'float32', ['n', backbone.taps[t]!.channels, side, side]);
  });
  const session = await openSession(g.encode('taps'), { threads: 2 });
  const stride = Math.max(1, Math.floor(goods.length / WHITENING_PICTURES));
  const chosen = goods.filter((_, i) => i % stride === 0).slice(0, WHITENING_PICTURES);
  const columns: number[][] = backbone.taps.map(() => []);
  try {
    await overPictures(session, chosen, (outputs) => {
      backbone.taps.forEach(({ channels }, t) => {
        const { data, dims } = outputs[`tap${t}`]!;
        const cells = dims[2]! * dims[3]!;
        // One cell in a few is enough for a covariance, the same number from each tap.
        const step = Math.max(1, Math.floor(cells / (GRID * GRID))) | 1;
        for (let n = 0; n < dims[0]!; n++)
          for (let cell = 0; cell < cells; cell += step)
            for (let c = 0; c < channels; c++)
              columns[t]!.push((data as Float32Array)[(n * channels + c) * cells + cell]!);
      });
    });
  } finally {
    await session.release();
  }
  return backbone.taps.map(({ channels }, t) => whiten(Float32Array.from(columns[t]!), channels));
}

/** Every direction is kept: the quiet ones of the good pictures are where a fault is loud. */
function whiten(values: Float32Array, width: number): Whitening {
  const { mean, matrix } = shrunkWhitening({ values, rows: values.length / width, width }, RIDGE);
  const weights = new Float64Array(width * width);
  for (let k = 0; k < width; k++) {
    for (let c = 0; c < width; c++) weights[c * width + k] = matrix[k * width + c]!;
  }
  return { mean: Float64Array.from(mean), weights, components: width };
}

/** Whitened patches of each picture: Float32Array [grid * grid, width]. */
export async function patchesOf(
  backbone: Backbone,
  whitenings: readonly Whitening[],
  pictures: readonly Uint8Array[],
  progress: (done: number) => void,
): Promise<Float32Array[]> {
  const g = new GraphBuilder();
  const width = whitenings.reduce((sum, w) => sum + w.components, 0);
  g.output(
    'patches',
    emitPatches(g, backbone, g.input('x', 'uint8', ['n', SIDE, SIDE, 3]), whitenings),
    'float32',
    ['n', GRID * GRID, width],
  );
  const session = await openSession(g.encode('patches'), { threads: 2 });
  const all: Float32Array[] = [];
  try {
    await overPictures(session, pictures, ({ patches }, first) => {
      const data = patches!.data as Float32Array;
      const size = GRID * GRID * width;
      for (let i = 0; i * size < data.length; i++) all.push(data.slice(i * size, (i + 1) * size));
      progress(first / pictures.length);
    });
  } finally {
    await session.release();
  }
  return all;
}
