import { type EngineSession, openSession, Tensor } from '../engine/engine.js';
import { createRandom } from '../heads/random.js';
import { readBy } from '../onnx/graft.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { encodeModel } from '../onnx/onnx-schema.js';
import { emitForeign, type ForeignBackbone } from './emit-foreign.js';
import type { ForeignNetwork } from './foreign-network.js';

/** Largest difference between the merged network and the file alone, as a share of the largest value. */
const TOLERANCE = 1e-2;
const PICTURES = 2;

/** A value of a network as one run showed it. */
export interface SeenValue {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  /** It adds two values that follow the picture. */
  readonly sum: boolean;
}

/** Runs the file once on a generated picture and tells the shapes of `names`, or of all that follow the picture. */
export async function probeMaps(
  network: ForeignNetwork,
  { height, width }: { height: number; width: number },
  names: readonly string[] | null,
): Promise<SeenValue[]> {
  const { after, sums } = valuesAfter(network);
  const wanted = names ?? after;
  const session = await openAlone(network, wanted);
  try {
    const picture = noise(3 * height * width, 1);
    const outputs = await runAlone(session, network, { picture, height, width }, wanted);
    return wanted.flatMap((name) => {
      const found = outputs[name];
      return found === undefined ? [] : [{ name, type: found.type, dims: found.dims, sum: sums.has(name) }];
    });
  } finally {
    await session.release();
  }
}

/**
 * Compares the network inside a graph of ours, two pictures at a time, with the file run alone on each of them.
 *
 * @throws Error where they differ, where the network takes no two pictures, or where a tap is the same everywhere.
 */
export async function runsAsAlone(foreign: ForeignBackbone): Promise<void> {
  const { network, side, height, width, taps } = foreign;
  const g = new GraphBuilder();
  const made = emitForeign(g, foreign, g.input('x', 'float32', ['n', 3, side, side]));
  // Negated: onnxruntime 1.30 loses a value that is an output and is padded by the network.
  g.output('negated', g.node('Neg', [made.prepared]), 'float32', ['n', 'a', 'b', 'c']);
  made.raw.forEach((value, t) => {
    const shape = taps[t]?.map.layout === 'tokens' ? ['n', 'a', 'b'] : ['n', 'a', 'b', 'c'];
    g.output(`raw${t}`, value, 'float32', shape);
  });
  made.taps.forEach((value, t) => {
    g.output(`tap${t}`, value, 'float32', ['n', 'a', 'b', 'c']);
  });
  const merged = await openMerged(g.encode('backbone'));
  let out: Record<string, Tensor>;
  try {
    const x = noise(PICTURES * 3 * side * side, 2);
    out = await merged.run({ x: new Tensor('float32', x, [PICTURES, 3, side, side]) });
  } catch (error) {
    throw new Error(
      `it does not take several pictures at once; export it with a free first dimension (${reasonOf(error)})`,
    );
  } finally {
    await merged.release();
  }
  const names = taps.map(({ map }) => map.name);
  const alone = await openAlone(network, names);
  try {
    for (let n = 0; n < PICTURES; n++) {
      const picture = part(out.negated, n).map((v) => -v);
      const expected = await runAlone(alone, network, { picture, height, width }, names);
      names.forEach((name, t) => {
        const own = expected[name]!.data as Float32Array;
        const one = own.subarray(0, own.length / (network.input.batch ?? 1));
        compare(name, part(out[`raw${t}`], n), one);
      });
    }
  } finally {
    await alone.release();
  }
  taps.forEach(({ map }, t) => {
    const values = out[`tap${t}`]!.data as Float32Array;
    if (values.every((v) => v === values[0])) {
      throw new Error(`its feature map ${map.name} has the same value everywhere, whatever the picture`);
    }
  });
}

const part = (tensor: Tensor | undefined, n: number): Float32Array => {
  const data = (tensor?.data ?? new Float32Array(0)) as Float32Array;
  const size = data.length / PICTURES;
  return data.subarray(n * size, (n + 1) * size);
};

function compare(name: string, merged: Float32Array, alone: Float32Array): void {
  let [largest, difference] = [0, 0];
  alone.forEach((v, i) => {
    largest = Math.max(largest, Math.abs(v));
    // Math.max keeps a value that is no number.
    difference = Math.max(difference, Math.abs(v - (merged[i] ?? Number.NaN)));
  });
  if (!Number.isFinite(difference) || !Number.isFinite(largest)) {
    throw new Error(`its feature map ${name} has values that are no finite number`);
  }
  if (merged.length !== alone.length || difference > TOLERANCE * largest) {
    throw new Error(
      `inside the exported graph its feature map ${name} differs from the file run alone (by ${difference.toPrecision(2)} where values reach ${largest.toPrecision(2)}); export it for operator set 17 and with a free first dimension`,
    );
  }
}

/** Seeded values of -1..1 in blocks that are seen at every resolution. */
function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  let level = 0;
  return Float32Array.from({ length }, (_, i) => {
    if (i % 37 === 0) level = 1.6 * random.next() - 0.8;
    return level + 0.4 * random.next() - 0.2;
  });
}

/** The file with more of its values as outputs. */
async function openAlone({ model }: ForeignNetwork, names: readonly string[]): Promise<EngineSession> {
  const known = new Set(model.graph.output.map(({ name }) => name));
  const more = names.filter((name) => !known.has(name)).map((name) => ({ name }));
  const graph = { ...model.graph, output: [...model.graph.output, ...more] };
  try {
    return await openSession(encodeModel({ ...model, graph }), { quiet: true });
  } catch (error) {
    throw new Error(`onnxruntime cannot open it (${reasonOf(error)})`);
  }
}

async function openMerged(onnx: Uint8Array): Promise<EngineSession> {
  try {
    return await openSession(onnx, { quiet: true });
  } catch (error) {
    throw new Error(
      `its operators cannot join a graph of operator set 17 or later; export it for 17 (${reasonOf(error)})`,
    );
  }
}

/** `picture` lies as the network takes it; a file made for more pictures gets it that many times. */
async function runAlone(
  session: EngineSession,
  { input }: ForeignNetwork,
  { picture, height, width }: { picture: Float32Array; height: number; width: number },
  names: readonly string[],
): Promise<Record<string, Tensor>> {
  const batch = input.batch ?? 1;
  const data = new Float32Array(batch * picture.length);
  for (let n = 0; n < batch; n++) data.set(picture, n * picture.length);
  const dims = input.channelsLast ? [batch, height, width, 3] : [batch, 3, height, width];
  try {
    return await session.run({ [input.name]: new Tensor('float32', data, dims) }, names);
  } catch (error) {
    throw new Error(`onnxruntime cannot run it on a picture of ${height} x ${width} (${reasonOf(error)})`);
  }
}

/** Values of the graph that follow the picture, in order, those that hold no tensor left out; and sums of two. */
function valuesAfter({ model: { graph }, input }: ForeignNetwork): {
  after: string[];
  sums: ReadonlySet<string>;
} {
  const after = new Set([input.name]);
  const sums = new Set<string>();
  for (const node of graph.node) {
    const follows = readBy(node).some((name) => after.has(name));
    if (!follows || /Sequence|Optional/.test(node.opType)) continue;
    for (const name of node.output) if (name !== '') after.add(name);
    const [made = ''] = node.output;
    if (node.opType === 'Add' && node.input.every((name) => after.has(name))) sums.add(made);
  }
  after.delete(input.name);
  return { after: [...after], sums };
}

/** What the engine says, without its own places. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')[0]!
    .replace(/^.*Status Message: (?:\/\S+ .*?\) )?/, '')
    .slice(0, 240);
