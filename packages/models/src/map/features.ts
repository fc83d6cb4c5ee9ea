import type { FeatureBlock } from '../heads/one-class.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { emitCanonical } from './canonical.js';
import { emitComponents } from './components.js';
import { CELL, CELLS } from './grid.js';
import { emitLines } from './lines.js';
import { type Ops, opsOf } from './ops.js';
import { emitPatches, PATCH_FEATURES, type Vocabulary } from './patches.js';
import { emitRadon, emitRings } from './radial.js';

const RANKS = [0, 5, 20, 50, 100, 150, 200, 300, 400, 500] as const;

/** Number of features: 2 of the whole map, 144 rings, 21 Radon, 36 densities, 48 pieces, 62 lines. */
export const MAP_FEATURES = 313;

/** Features of a map, in the graph: float32 `[n, MAP_FEATURES (+ PATCH_FEATURES)]`. */
export function widthOf(vocabulary: Vocabulary | null): number {
  return MAP_FEATURES + (vocabulary === null ? 0 : PATCH_FEATURES);
}

/**
 * Declares the input `x` (uint8 `[n, H, W]`) and adds all features; those of the vocabulary come last.
 * @returns float32 `[n, widthOf(vocabulary)]`.
 */
export function emitMapFeatures(g: GraphBuilder, vocabulary: Vocabulary | null): string {
  const o = opsOf(g);
  const map = emitCanonical(o, declareInput(g));
  const [fine, medium] = map.smooth;
  const masks = [
    o.above(fine, o.number(0.5)),
    o.above(medium, o.number(0.35)),
    o.above(fine, halfway(o, fine, map.rate)),
    o.above(medium, halfway(o, medium, map.rate)),
  ];
  const parts = [
    map.logPlaces,
    map.rate,
    emitRings(o, map),
    emitRadon(o, map),
    ...map.smooth.map((grid) => densities(o, grid)),
    emitComponents(o, masks),
    emitLines(o, map),
    ...(vocabulary === null ? [] : [emitPatches(o, map, vocabulary)]),
  ];
  return o.concat(parts, 1);
}

/** The feature part alone: input `x`, output `features`. */
export function featureGraph(vocabulary: Vocabulary | null): Uint8Array {
  const g = new GraphBuilder();
  g.output('features', emitMapFeatures(g, vocabulary), 'float32', ['n', widthOf(vocabulary)]);
  return g.encode('map-features');
}

/** The canonical grids alone: input `x`, outputs `density` and `on`, both `[n, CELLS]`. */
export function gridGraph(): Uint8Array {
  const g = new GraphBuilder();
  const { raw, on } = emitCanonical(opsOf(g), declareInput(g));
  g.output('density', raw, 'float32', ['n', CELLS]);
  g.output('on', on, 'float32', ['n', CELLS]);
  return g.encode('map-grids');
}

function declareInput(g: GraphBuilder): string {
  return g.input('x', 'uint8', ['n', 'height', 'width']);
}

/** Half-way between the map's own mean and its peak: a level that finds the pattern of pale maps too. */
function halfway(o: Ops, grid: string, rate: string): string {
  const peak = o.reshape(o.reduce('ReduceMax', grid, [1]), [-1, 1]);
  return o.mul(o.add(peak, rate), o.number(0.5));
}

/** Ordered densities, their spread, and the mean radius of the bad share: `[n, 12]`. */
function densities(o: Ops, grid: string): string {
  const mean = o.reshape(o.reduce('ReduceMean', grid, [1]), [-1, 1]);
  const squares = o.reshape(o.reduce('ReduceMean', o.mul(grid, grid), [1]), [-1, 1]);
  const spread = o.sqrt(o.max(o.sub(squares, o.mul(mean, mean)), o.number(0)));
  const moment = o.matmul(grid, o.g.floats(CELL.radius, [CELLS, 1]));
  const radius = o.div(moment, o.max(o.mul(mean, o.number(CELLS)), o.number(1e-3)));
  return o.concat([o.ranked(grid, CELLS, RANKS), spread, radius], 1);
}

/** The described features in blocks, each asked on its own whether it looks like those of good maps. */
export const FEATURE_BLOCKS: readonly FeatureBlock[] = [
  { name: 'rate', from: 1, to: 2, sameUnit: false, parts: ['size'] },
  { name: 'rings', from: 2, to: 146, sameUnit: false, parts: ['size', 'peak', 'whitened'] },
  { name: 'radon', from: 146, to: 167, sameUnit: false, parts: ['size', 'peak', 'whitened'] },
  { name: 'density', from: 167, to: 203, sameUnit: false, parts: ['size', 'peak', 'whitened'] },
  { name: 'pieces', from: 203, to: 251, sameUnit: false, parts: ['size', 'peak', 'whitened'] },
  { name: 'lines', from: 251, to: MAP_FEATURES, sameUnit: false, parts: ['size', 'peak', 'whitened'] },
];
