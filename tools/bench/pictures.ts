import {
  createRandom,
  type FitUnit,
  fitImage,
  type ImageObservation,
  openScorer,
  preparePictures,
} from '@selvedge/models';
import sharp from 'sharp';
import { mobileNetBackbone } from '../../packages/models/src/backbone/backbone.js';
import { openSession, Tensor } from '../../packages/models/src/engine/engine.js';
import { GraphBuilder } from '../../packages/models/src/onnx/graph-builder.js';
import { openBareLoops } from '../bench-kit/bare-loops.js';
import type { Bench } from '../bench-kit/row.js';
import { interleaved, peakMegabytes } from '../bench-kit/timing.js';

/** Pixels each way of the pictures; the model resizes them to its own input while it decodes them. */
const SIDE = 224;
const BATCH = 8;
const WORKERS = 2;
const PICTURES = 100;
const ROUNDS = 10;
const GRAPH_ROUNDS = 24;

type Picture = FitUnit & { readonly observation: ImageObservation & { readonly source: Uint8Array } };

/** Seeded textured pictures as JPEG: the bench needs no data. */
async function pictures(count: number, seed: number): Promise<Picture[]> {
  const random = createRandom(seed);
  const units: Picture[] = [];
  for (let i = 0; i < count; i++) {
    const phase = 6 * random.next();
    const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
      return Math.max(
        0,
        Math.min(255, 120 + 30 * Math.sin(x / 3 + phase) * Math.cos(y / 4) + 8 * random.normal()),
      );
    });
    const source = await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .jpeg()
      .toBuffer();
    units.push({ id: `p${i}`, label: 'good', observation: { kind: 'image', source } });
  }
  return units;
}

/** The backbone alone, from the normalised picture to its feature maps. */
async function bareBackbone(side: number): Promise<Uint8Array> {
  const g = new GraphBuilder();
  const backbone = await mobileNetBackbone();
  const maps = backbone.emit(g, g.input('x', 'float32', ['n', 3, side, side]));
  maps.forEach((map, t) => {
    const { channels = 0, stride = 1 } = backbone.taps[t] ?? {};
    const cells = side / stride;
    // A name of its own for each output; Identity costs one copy of a small map.
    g.output(`tap${t}`, g.node('Identity', [map]), 'float32', ['n', channels, cells, cells]);
  });
  return g.encode('backbone');
}

/** One batch through the whole graph against the same batch through the backbone, in turn, on one thread. */
async function graphAgainstBackbone(onnx: Uint8Array, side: number, units: readonly Picture[]) {
  const batch = units.slice(0, BATCH).map((unit) => unit.observation);
  const { x } = (await preparePictures(batch, [side, 3])).feeds;
  if (x?.type !== 'uint8') throw new Error('pictures are fed as bytes');
  const whole = await openSession(onnx);
  const bare = await openSession(await bareBackbone(side));
  const bytes = { x: new Tensor('uint8', x.data, x.dims) };
  const centred = Float32Array.from(x.data, (value) => value / 127.5 - 1);
  const floats = { x: new Tensor('float32', centred, [BATCH, 3, side, side]) };
  const runWhole = () => whole.run(bytes, ['score']);
  const runBare = () => bare.run(floats);
  for (let warm = 0; warm < 3; warm++) await Promise.all([runWhole(), runBare()]);
  const timed = await interleaved({ rounds: GRAPH_ROUNDS, first: runBare, second: runWhole });
  await whole.release();
  await bare.release();
  return timed;
}

export const run: Bench = async ({ progress }) => {
  const units = await pictures(PICTURES, 5);
  progress(0.1, 'pictures');
  const fitStart = performance.now();
  const cpuStart = process.cpuUsage();
  const model = await fitImage(units, { recipe: 'novelty', seed: 1 });
  const fitSeconds = (performance.now() - fitStart) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  const side = model.inputShape?.[0] ?? SIDE;
  progress(0.3, 'fitted');

  const observations = [...units, ...units].map((unit) => unit.observation);
  const sources = observations.map((observation) => observation.source);
  const scorer = await openScorer(model, { workers: WORKERS });
  const ours = await scorer.score(observations);
  const megabytes = peakMegabytes();
  const loops = await openBareLoops({ graph: model.onnx, side, batch: BATCH, workers: WORKERS });
  const theirs = await loops.score(sources);
  // Both must do the same work for their ratio to mean anything.
  ours.forEach(({ score }, i) => {
    const other = theirs[i] ?? Number.NaN;
    if (!(Math.abs(score - other) <= 1e-3 * Math.abs(other)))
      throw new Error(`picture ${i}: the scorer says ${score}, the bare loop ${other}`);
  });
  progress(0.5, 'warm');
  const pipeline = await interleaved({
    rounds: ROUNDS,
    first: () => loops.score(sources),
    second: () => scorer.score(observations),
  });
  await loops.close();
  await scorer[Symbol.asyncDispose]();
  progress(0.8, 'pipeline');
  const graph = await graphAgainstBackbone(model.onnx, side, units);
  progress(1, 'graph');

  const inTurn = `in turn, median of ${ROUNDS} rounds of ${sources.length} JPEG of ${SIDE} px`;
  return [
    {
      name: 'pictures: end to end, 2 workers',
      value: (1000 * sources.length) / pipeline.secondMs,
      unit: '1/s',
      limit: { atLeast: 100 },
      note: `JPEG to score, ${inTurn}; a bare loop ${((1000 * sources.length) / pipeline.firstMs).toFixed(0)}/s`,
    },
    {
      name: 'pictures: scorer to bare loop of decode + run',
      value: pipeline.ratio,
      unit: 'x',
      limit: { atLeast: 0.9 },
      note: `same graph, ${WORKERS} threads and batches of ${BATCH} each, ${inTurn}`,
    },
    {
      name: 'pictures: one graph to its bare backbone',
      value: graph.ratio,
      unit: 'x',
      limit: { atLeast: 0.8 },
      note: `input ${side} px, one thread, batch of ${BATCH}, in turn, median of ${GRAPH_ROUNDS} rounds; ${graph.secondMs.toFixed(0)} ms against ${graph.firstMs.toFixed(0)} ms`,
    },
    {
      name: 'pictures: novelty fit on 100 pictures',
      value: fitSeconds,
      unit: 's',
      limit: { atMost: 6 },
      note: `first fit of the process, ${((user + system) / 1e6).toFixed(1)} s of processor time; ${model.name}`,
    },
    {
      name: 'pictures: peak memory, fit and scorer',
      value: megabytes,
      unit: 'MB',
      note: 'before the bare loops are opened',
    },
    { name: 'pictures: size of the graph', value: model.onnx.length / 1e6, unit: 'MB' },
  ];
};
