import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import { emitTrunk } from './convert.js';
import { readTflite } from './tflite.js';

/** One feature map of a backbone. */
export interface Tap {
  readonly channels: number;
  /** Pixels of the input per cell of the map, each way. */
  readonly stride: number;
}

/** A frozen network that turns pictures into feature maps. Anything that emits such maps can stand in. */
export interface Backbone {
  readonly name: string;
  readonly taps: readonly Tap[];
  /** Adds the network to a graph. `input`: float32 [n, 3, h, w], about zero mean and within -1..1. */
  emit(g: GraphBuilder, input: string): string[];
}

const PACKAGE_FILE = '@mediapipe/objectron/objectron_solution_packed_assets.data';
/** Where the detector lies in the packed file, and the SHA-256 of exactly these bytes. */
const SLICE = {
  from: 184,
  to: 9987912,
  sha256: 'd0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6',
};
/** Narrow ends of bottleneck blocks: 64 and 96 channels at stride 16. Later ones say less of texture. */
const TAPS = [
  { operator: 85, channels: 64, stride: 16 },
  { operator: 104, channels: 96, stride: 16 },
];

/**
 * MobileNetV2 trained on Open Images, out of an Apache-2.0 package. The file is read where npm put it, checked
 * byte for byte and converted at first use (some 50 ms); no weights are kept in this project.
 *
 * @throws Error where the package is missing or its bytes are not the ones pinned here.
 */
export async function mobileNetBackbone(): Promise<Backbone> {
  const file = createRequire(import.meta.url).resolve(PACKAGE_FILE);
  const slice = (await readFile(file)).subarray(SLICE.from, SLICE.to);
  const found = createHash('sha256').update(slice).digest('hex');
  if (found !== SLICE.sha256) {
    throw new Error(
      `the backbone in ${PACKAGE_FILE} is not the pinned one (SHA-256 ${found}). Run npm ci, or name another with --backbone`,
    );
  }
  const graph = readTflite(slice);
  return {
    name: 'mobilenet-v2-open-images',
    taps: TAPS,
    emit: (g, input) =>
      emitTrunk(
        g,
        graph,
        input,
        TAPS.map((t) => t.operator),
      ),
  };
}
