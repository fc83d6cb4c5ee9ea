import type { Backbone } from '../backbone/backbone.js';
import type { Head } from '../heads/head.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Scored } from '../recipes/recipe.js';
import { emitOverall, type Overall, overallDistance } from './overall.js';
import { type Bank, emitDistances, emitPatches, GRID, SIDE, type Whitening } from './patch-graph.js';
import { emitPools, emitSummary, LEVEL, poolsOf, summaryOf } from './pooled.js';
import { emitTemplateDistances, templateDistances } from './template-graph.js';

/** A fitted picture recipe. `bank` null = each picture is compared with its own template. */
export interface PictureModel {
  readonly backbone: Backbone;
  readonly whitenings: readonly Whitening[];
  /** Components of a patch. */
  readonly width: number;
  readonly bank: Bank | null;
  /**
   * Distance of the summary, added to how far the pool stands above the picture's own level after each is divided
   * by its scale; null = the pool alone.
   */
  readonly overall: (Overall & { readonly scale: number; readonly poolScale: number }) | null;
  /** Index into POOLS: how many of the worst patches make the novelty score. */
  readonly pool: number;
  readonly head: Head | null;
  readonly classHead: Head | null;
  readonly classes: readonly string[] | null;
}

/** Inputs, patches and one distance map per bank; without banks the map of the template comparison. */
export function emitInputs(
  g: GraphBuilder,
  { backbone, whitenings, width }: Pick<PictureModel, 'backbone' | 'whitenings' | 'width'>,
  banks: readonly Bank[],
): { patches: string; distances: string[] } {
  const x = g.input('x', 'uint8', ['n', SIDE, SIDE, 3]);
  if (banks.length > 0) {
    const patches = emitPatches(g, backbone, x, whitenings);
    return { patches, distances: banks.map((bank) => emitDistances(g, patches, bank)) };
  }
  const template = g.input('template', 'uint8', ['n', SIDE, SIDE, 3]);
  const both = emitPatches(g, backbone, g.node('Concat', [x, template], { axis: 0 }), whitenings);
  const [patches, other] = g.nodes('Split', [both], 2, { axis: 0 }) as [string, string];
  return { patches, distances: [emitTemplateDistances(g, patches, other, width)] };
}

/** The whole graph: `score` [n], `heat` [n, grid, grid] and, with a class head, `class_scores`. */
export function emitPictureModel(g: GraphBuilder, model: PictureModel): void {
  const { patches, distances } = emitInputs(g, model, model.bank === null ? [] : [model.bank]);
  const heat = distances[0]!;
  const pools = emitPools(g, heat);
  const summary = emitSummary(g, patches);
  const own = g.node('Gather', [pools, g.ints([model.pool])], { axis: 1 });
  const level = g.node('Gather', [pools, g.ints([LEVEL])], { axis: 1 });
  const { overall } = model;
  const novelty =
    overall === null
      ? own
      : g.node('Add', [
          g.node('Div', [g.node('Sub', [own, level]), g.scalar(overall.poolScale)]),
          g.node('Div', [emitOverall(g, overall, summary), g.scalar(overall.scale)]),
        ]);
  const features = g.node('Concat', [novelty, pools, summary], { axis: 1 });
  const score =
    model.head === null ? g.node('Squeeze', [novelty, g.ints([1])]) : model.head.emit(g, features);
  g.output('score', score, 'float32', ['n']);
  if (model.classHead !== null && model.classes !== null) {
    g.output('class_scores', model.classHead.emit(g, features), 'float32', ['n', model.classes.length]);
    g.metadata('classes', JSON.stringify(model.classes));
  }
  g.output('heat', g.node('Reshape', [heat, g.ints([0, GRID, GRID])]), 'float32', ['n', GRID, GRID]);
}

/** The same beyond the patches in TypeScript, for one picture. */
export function scorePicture(
  model: PictureModel,
  patches: Float32Array,
  template: Float32Array | undefined,
): Scored {
  const { bank, width, pool, head, classHead, classes } = model;
  if (bank === null && template === undefined) return { score: Number.NaN };
  const pools = poolsOf(
    bank === null ? templateDistances(patches, template!, width) : nearestDistances(patches, bank),
  );
  const summary = summaryOf(patches, width);
  const novelty = noveltyOf(pools, pool, summary, model.overall);
  const values = Float32Array.of(novelty, ...pools, ...summary);
  const x = { values, rows: 1, width: values.length };
  const score = head === null ? novelty : head.predict(x)[0]!;
  if (classHead === null || classes === null) return { score };
  return { score, classScores: Float32Array.from(classHead.predict(x)) };
}

function noveltyOf(
  pools: Float32Array,
  pool: number,
  summary: Float32Array,
  overall: PictureModel['overall'],
): number {
  if (overall === null) return pools[pool]!;
  return (
    (pools[pool]! - pools[LEVEL]!) / overall.poolScale + overallDistance(overall, summary) / overall.scale
  );
}

function nearestDistances(patches: Float32Array, { values, size, width }: Bank): Float32Array {
  return Float32Array.from({ length: patches.length / width }, (_, i) => {
    let best = Number.POSITIVE_INFINITY;
    for (let j = 0; j < size; j++) {
      let d = 0;
      for (let k = 0; k < width && d < best; k++)
        d += (patches[i * width + k]! - values[j * width + k]!) ** 2;
      if (d < best) best = d;
    }
    return Math.sqrt(best);
  });
}
