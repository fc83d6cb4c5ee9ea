import { describe, expect, it } from 'vitest';
import { openSession } from '../engine/engine.js';
import { toTensor } from '../engine/prepare.js';
import { createRandom } from '../heads/random.js';
import type { MapObservation } from '../observe/observation.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { COMPONENT_FEATURES, emitComponents } from './components.js';
import { extractGrids, extractMapFeatures } from './extract.js';
import { FEATURE_BLOCKS, MAP_FEATURES } from './features.js';
import { drawMap } from './generated-maps.js';
import { CELL, CELLS, SIDE } from './grid.js';
import { opsOf } from './ops.js';
import { prepare } from './prepare.js';

const clean = (width: number, height: number, seed = 1): MapObservation =>
  drawMap(createRandom(seed), { width, height }, () => 0.1);

/** Pieces by flood fill: an independent count. */
function piecesOf(mask: Uint8Array): number[] {
  const seen = new Uint8Array(CELLS);
  const sizes: number[] = [];
  for (let start = 0; start < CELLS; start++) {
    if (!mask[start] || seen[start]) continue;
    const stack = [start];
    seen[start] = 1;
    let size = 0;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      size++;
      const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
      for (let v = Math.max(0, y - 1); v <= Math.min(SIDE - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(SIDE - 1, x + 1); u++) {
          const next = v * SIDE + u;
          if (mask[next] && !seen[next]) {
            seen[next] = 1;
            stack.push(next);
          }
        }
      }
    }
    sizes.push(size);
  }
  return sizes.sort((a, b) => b - a);
}

/** A thin ring: the longest piece that real patterns make. */
function ring(): Uint8Array {
  return Uint8Array.from(CELL.radius, (r) => (r > 0.9 && r < 0.97 ? 1 : 0));
}

/** A track that winds down the grid in `turns` bends. */
function winding(turns: number): Uint8Array {
  return Uint8Array.from({ length: CELLS }, (_, i) => {
    const row = Math.floor(i / SIDE);
    const middle = SIDE / 2 + 10 * Math.sin((row / SIDE) * Math.PI * turns);
    return Math.abs((i % SIDE) - middle) < 2 ? 1 : 0;
  });
}

describe('connected pieces in the graph', () => {
  it('agree with a flood fill on noise, a ring and winding tracks', async () => {
    const random = createRandom(5);
    const masks: Uint8Array[] = [0.05, 0.2, 0.3, 0.35, 0.4, 0.5, 0.7, 1, 0].map((share) =>
      Uint8Array.from({ length: CELLS }, () => (random.next() < share ? 1 : 0)),
    );
    masks.push(ring(), winding(1), winding(3));
    const g = new GraphBuilder();
    const mask = g.input('mask', 'float32', ['n', CELLS]);
    g.output('out', emitComponents(opsOf(g), [mask]), 'float32', ['n', COMPONENT_FEATURES]);
    const session = await openSession(g.encode('pieces'));
    const data = Float32Array.from(masks.flatMap((m) => [...m]));
    const out = await session.run({ mask: toTensor({ type: 'float32', data, dims: [masks.length, CELLS] }) });
    const values = out.out!.data as Float32Array;
    masks.forEach((m, i) => {
      const sizes = piecesOf(m);
      const found = Array.from(values.subarray(i * COMPONENT_FEATURES, i * COMPONENT_FEATURES + 3));
      expect(found, `mask ${i}`).toEqual([sizes.length, sizes[0] ?? 0, sizes[1] ?? 0]);
    });
    expect(piecesOf(ring())).toHaveLength(1);
    expect(piecesOf(winding(3))).toHaveLength(1);
    await session.release();
  });
});

describe('canonical grid', () => {
  it('is the area mean of the bounding box, whatever surrounds it', async () => {
    const map: MapObservation = {
      kind: 'map',
      width: 64,
      height: 64,
      values: new Uint8Array(64 * 64).fill(1),
    };
    for (let y = 0; y < 64; y++) for (let x = 0; x < 32; x++) map.values[y * 64 + x] = x % 2 === 0 ? 2 : 1;
    const shifted: MapObservation = { kind: 'map', width: 80, height: 71, values: new Uint8Array(80 * 71) };
    for (let y = 0; y < 64; y++) {
      shifted.values.set(map.values.subarray(y * 64, (y + 1) * 64), (y + 5) * 80 + 9);
    }
    const { density, on } = await extractGrids([map, shifted]);
    for (let i = 0; i < CELLS; i++) {
      expect(density[i]).toBe(i % SIDE < 16 ? 0.5 : 0);
      expect(on[i]).toBe(1);
      expect(density[CELLS + i]).toBe(density[i]);
    }
  });

  it('reads every size from 8 x 8 to 300 x 300', async () => {
    const sizes = [
      [8, 8],
      [9, 31],
      [300, 300],
      [300, 40],
      [1, 1],
    ] as const;
    const features = await extractMapFeatures(
      sizes.map(([w, h]) =>
        w === 1 ? { kind: 'map', width: 1, height: 1, values: Uint8Array.of(1) } : clean(w, h),
      ),
      null,
    );
    expect(features.width).toBe(MAP_FEATURES);
    expect(features.values.every(Number.isFinite)).toBe(true);
  });
});

describe('map features', () => {
  it('are the same bits alone and in a batch of larger maps', async () => {
    const maps = [clean(27, 25, 2), clean(40, 33, 3), clean(61, 70, 4)];
    const alone = await extractMapFeatures([maps[0]!], null);
    const together = await prepare(maps);
    expect(together.feeds.x!.dims).toEqual([3, 70, 61]);
    const batch = await extractMapFeatures(maps, null);
    expect(Array.from(batch.values.subarray(0, MAP_FEATURES))).toEqual(Array.from(alone.values));
  });

  it('hardly change when the part is turned by a quarter', async () => {
    const map = drawMap(createRandom(8), { width: 32, height: 32 }, (x) => (x > 0.3 ? 0.6 : 0.02));
    const turned: MapObservation = { ...map, values: new Uint8Array(map.values.length) };
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) turned.values[x * 32 + (31 - y)] = map.values[y * 32 + x]!;
    }
    const { values } = await extractMapFeatures([map, turned], null);
    let worst = 0;
    for (let j = 0; j < 146; j++) worst = Math.max(worst, Math.abs(values[j]! - values[MAP_FEATURES + j]!));
    expect(worst).toBeLessThan(1e-4);
  });

  it('lie in blocks that cover every feature but the size once', () => {
    let at = 1;
    for (const block of FEATURE_BLOCKS) {
      expect(block.from).toBe(at);
      at = block.to;
    }
    expect(at).toBe(MAP_FEATURES);
  });

  it('sets damaged maps aside with the reason', async () => {
    const { rows, faults } = await prepare([
      clean(10, 10),
      { kind: 'map', width: 3, height: 3, values: new Uint8Array(8) },
      { kind: 'map', width: 2, height: 1, values: Uint8Array.of(1, 7) },
      { kind: 'map', width: 2, height: 1, values: new Uint8Array(2) },
      { kind: 'row', values: new Float64Array(3) },
    ]);
    expect(rows).toEqual([0]);
    expect(faults.map((fault) => fault ?? 'fine')).toEqual([
      'fine',
      'a map of 3 x 3 needs 9 codes, got 8',
      'code 7 in a map: only 0 (outside), 1 (good) and 2 (bad) are known',
      'the map has no place on the part',
      'expected a map, got row',
    ]);
  });
});
