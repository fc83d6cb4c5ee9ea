import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createRandom } from '../heads/random.js';
import { FitError } from '../recipes/fit-error.js';
import type { Backbone } from './backbone.js';
import { asFeatureMap, chooseTaps, type FeatureMap, gridFor } from './choose-taps.js';
import { emitForeign, type ForeignBackbone } from './emit-foreign.js';
import { type ForeignNetwork, readForeignNetwork } from './foreign-network.js';
import { probeMaps, runsAsAlone } from './probe.js';
import { readSideFile } from './side-file.js';

/** Channels kept of all taps together, and of one at most. More cost a fit time with their third power. */
const CHANNELS = 192;
const TAP_CHANNELS = 96;

/**
 * A backbone from any ONNX file with one float32 picture input ([n, 3, h, w] or [n, h, w, 3], sizes fixed or free).
 * Feature maps: those named in `FILE.json`; else the file's own outputs that are maps; else values inside the network.
 * A map with more than 96 channels gives a seeded sample of them (Defard et al. 2021, PaDiM, section 3). Before it
 * is used, the merged network is compared with the file run alone.
 *
 * `side`: pixels each way of the pictures that will be fed; `cells`: patches each way.
 *
 * @throws FitError `wrong-backbone` where the file or its side file cannot be used; the message says what to change.
 */
export async function onnxBackbone(
  file: string,
  { side, cells }: { side: number; cells: number },
): Promise<Backbone> {
  const refuse = (what: string): FitError =>
    new FitError('wrong-backbone', `the backbone ${file} cannot be used: ${what}`);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(code === 'ENOENT' ? 'there is no such file' : message);
  }
  const scaling = await readSideFile(file);
  try {
    const network = readForeignNetwork(bytes);
    const height = network.input.height ?? side;
    const width = network.input.width ?? side;
    const maps = await findMaps(network, { height, width }, scaling.taps, cells);
    const most = Math.min(TAP_CHANNELS, Math.max(1, Math.floor(CHANNELS / maps.length)));
    const taps = maps.map((map, t) => ({
      map,
      cells: gridFor(map, cells),
      kept: map.channels > most ? sample(map.channels, most, t) : null,
    }));
    const foreign: ForeignBackbone = { network, side, height, width, scaling, taps };
    await runsAsAlone(foreign);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const described = taps.map(
      ({ map, cells: grid, kept }) =>
        `${map.name} (${kept?.length ?? map.channels} of ${map.channels} channels, ${grid} x ${grid} cells)`,
    );
    return {
      name: `${basename(file)}, SHA-256 ${sha256}, feature maps ${described.join(' and ')}`,
      taps: taps.map(({ map, cells: grid, kept }) => ({
        channels: kept?.length ?? map.channels,
        stride: side / grid,
      })),
      emit: (g, input) => emitForeign(g, foreign, input).taps,
    };
  } catch (error) {
    if (error instanceof FitError) throw error;
    throw refuse((error as Error).message);
  }
}

async function findMaps(
  network: ForeignNetwork,
  size: { height: number; width: number },
  named: readonly string[] | null,
  cells: number,
): Promise<FeatureMap[]> {
  const made = new Set(network.model.graph.node.flatMap(({ output }) => output));
  const missing = named?.find((name) => !made.has(name));
  if (missing !== undefined)
    throw new Error(`no value of the network is called ${missing}, which taps names`);
  const outputs = network.model.graph.output.map(({ name }) => name);
  const all = await probeMaps(network, size, named);
  const maps = all.flatMap(({ name, dims, type, sum }) => {
    const map =
      type === 'float32' ? asFeatureMap(name, dims, { ...size, pictures: network.input.batch ?? 1 }) : null;
    return map === null ? [] : [{ ...map, sum }];
  });
  if (named !== null) {
    return named.map((name) => {
      const map = maps.find((one) => one.name === name);
      if (map !== undefined) return map;
      const found = all.find((one) => one.name === name);
      throw new Error(
        `${name} is no feature map: it is ${found?.type} of shape [${found?.dims.join(', ')}] for one picture of ${size.height} x ${size.width}`,
      );
    });
  }
  const own = chooseTaps(
    maps.filter(({ name }) => outputs.includes(name)),
    cells,
  );
  // Inside a network a rank-3 value is often a map laid out for another use; what blocks hand on is a sum.
  const inside = maps.filter(({ layout, sum }) => layout !== 'tokens' || sum);
  const chosen = own.length > 0 ? own : chooseTaps(inside, cells);
  if (chosen.length > 0) return chosen;
  throw new Error(
    `none of its values is a feature map (float32, rank 4, or rank 3 with a token for each cell; ${cells / 2} to ${cells * 4} cells each way for a picture of ${size.height} x ${size.width})`,
  );
}

function sample(channels: number, count: number, tap: number): number[] {
  const order = Int32Array.from({ length: channels }, (_, c) => c);
  createRandom(0x7a95 + tap).shuffle(order);
  return Array.from(order.subarray(0, count)).sort((a, b) => a - b);
}
