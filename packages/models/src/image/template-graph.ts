import type { GraphBuilder } from '../onnx/graph-builder.js';
import { GRID } from './patch-graph.js';

/** Cells by which a picture may lie beside its template, each way. */
const REACH = 1;

/**
 * Distance of each patch of a picture to the nearest of the patches of its template at the same place or one cell
 * beside it: float32 [n, cells, width] twice -> [n, cells]. A place outside the template counts as its edge.
 */
export function emitTemplateDistances(
  g: GraphBuilder,
  patches: string,
  template: string,
  width: number,
): string {
  const grid = g.node('Reshape', [template, g.ints([0, GRID, GRID, width])]);
  const padded = g.node('Pad', [grid, g.ints([0, REACH, REACH, 0, 0, REACH, REACH, 0])], { mode: 'edge' });
  const own = g.node('Reshape', [patches, g.ints([0, GRID, GRID, width])]);
  const distances: string[] = [];
  for (let y = 0; y <= 2 * REACH; y++) {
    for (let x = 0; x <= 2 * REACH; x++) {
      const moved = g.node('Slice', [padded, g.ints([y, x]), g.ints([y + GRID, x + GRID]), g.ints([1, 2])]);
      const off = g.node('Sub', [own, moved]);
      distances.push(g.node('ReduceSum', [g.node('Mul', [off, off]), g.ints([3])], { keepdims: 0 }));
    }
  }
  return g.node('Reshape', [g.node('Sqrt', [g.node('Min', distances)]), g.ints([0, GRID * GRID])]);
}

/** The same in TypeScript for one picture; both row-major [cells, width]. */
export function templateDistances(
  patches: Float32Array,
  template: Float32Array,
  width: number,
): Float32Array {
  const clamp = (v: number): number => Math.min(GRID - 1, Math.max(0, v));
  return Float32Array.from({ length: GRID * GRID }, (_, cell) => {
    const [row, column] = [Math.floor(cell / GRID), cell % GRID];
    let best = Number.POSITIVE_INFINITY;
    for (let y = row - REACH; y <= row + REACH; y++) {
      for (let x = column - REACH; x <= column + REACH; x++) {
        const at = (clamp(y) * GRID + clamp(x)) * width;
        let d = 0;
        for (let k = 0; k < width; k++) d += (patches[cell * width + k]! - template[at + k]!) ** 2;
        if (d < best) best = d;
      }
    }
    return Math.sqrt(best);
  });
}
