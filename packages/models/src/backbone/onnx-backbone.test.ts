import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession, Tensor } from '../engine/engine.js';
import { openScorer } from '../engine/scorer.js';
import { areaUnderCurve } from '../heads/measures.js';
import { createRandom } from '../heads/random.js';
import { fitImage } from '../image/fit-image.js';
import { texture } from '../image/generated-pictures.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { type AttributeMessage, decodeModel, encodeModel, type NodeMessage } from '../onnx/onnx-schema.js';
import { fitModel } from '../recipes/fit-model.js';
import type { FitUnit } from '../recipes/recipe.js';
import type { Backbone } from './backbone.js';
import { generatedNetwork, opset, rewritten } from './generated-network.js';
import { onnxBackbone } from './onnx-backbone.js';

const PICTURE = { side: 224, cells: 14 };
const folder = mkdtempSync(join(tmpdir(), 'selvedge-backbone-'));
let files = 0;

/** Writes a network, and what shall lie beside it. */
function file(bytes: Uint8Array, beside?: unknown): string {
  const path = join(folder, `net${files++}.onnx`);
  writeFileSync(path, bytes);
  if (beside !== undefined)
    writeFileSync(`${path}.json`, typeof beside === 'string' ? beside : JSON.stringify(beside));
  return path;
}

/** The taps on one seeded picture within -1..1. */
async function tapsOf(backbone: Backbone, seed = 5): Promise<Float32Array[]> {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 3, 224, 224]);
  backbone.emit(g, x).forEach((tap, t) => {
    const { channels, stride } = backbone.taps[t]!;
    g.output(`tap${t}`, tap, 'float32', ['n', channels, 224 / stride, 224 / stride]);
  });
  const random = createRandom(seed);
  const picture = Float32Array.from({ length: 3 * 224 * 224 }, () => 2 * random.next() - 1);
  const session = await openSession(g.encode('taps'));
  const out = await session.run({ x: new Tensor('float32', picture, [1, 3, 224, 224]) });
  await session.release();
  return backbone.taps.map(({ channels, stride }, t) => {
    const { dims, data } = out[`tap${t}`]!;
    expect(dims).toEqual([1, channels, 224 / stride, 224 / stride]);
    return data as Float32Array;
  });
}

function expectAlike(a: readonly Float32Array[], b: readonly Float32Array[], within = 1e-4): void {
  expect(a.map((v) => v.length)).toEqual(b.map((v) => v.length));
  const off = a.flatMap((v, t) => Array.from(v, (x, i) => Math.abs(x - b[t]![i]!)));
  expect(off.reduce((max, d) => Math.max(max, d), 0)).toBeLessThan(within);
}

async function pictures(seed: number, good: number, bad: number): Promise<FitUnit[]> {
  const random = createRandom(seed);
  const units: FitUnit[] = [];
  for (let i = 0; i < good + bad; i++) {
    const source = await texture(random, 120, i >= good);
    units.push({ id: `u${i}`, label: i < good ? 'good' : 'scratch', observation: { kind: 'image', source } });
  }
  return units;
}

describe('a novelty fit on a foreign backbone', () => {
  it('finds scratches, and the one graph says what the reference says', { timeout: 60_000 }, async () => {
    const backbone = file(generatedNetwork({ depth: 4, outputs: [3, 4] }));
    const fit = await pictures(1, 20, 0);
    const later = await pictures(2, 12, 12);
    const model = await fitImage(fit, { recipe: 'novelty', seed: 7, backbone });
    expect(model.why).toMatch(/backbone net\d+\.onnx, SHA-256 [0-9a-f]{64}, feature maps map4 .* and map3 /);
    const scorer = await openScorer(model, { workers: 0 });
    const observations = later.map((unit) => unit.observation);
    const said = await scorer.score(observations);
    const expected = await model.reference(observations);
    await scorer[Symbol.asyncDispose]();
    said.forEach(({ score }, i) => {
      expect(Math.abs(score - expected[i]!.score)).toBeLessThan(1e-3 * expected[i]!.score);
    });
    const scores = said.map((s) => s.score);
    expect(
      areaUnderCurve(
        scores,
        later.map((unit) => (unit.label === 'good' ? 0 : 1)),
      ),
    ).toBeGreaterThan(0.9);
    const again = await fitImage(fit, { recipe: 'novelty', seed: 7, backbone });
    expect(Buffer.compare(again.onnx, model.onnx)).toBe(0);
  });

  it('compares with templates through a classifier of an operator set above ours', {
    timeout: 60_000,
  }, async () => {
    const newer = rewritten(generatedNetwork({ depth: 5 }), (m) => ({ ...m, opsetImport: opset(20) }));
    const units: FitUnit[] = [];
    for (let i = 0; i < 16; i++) {
      const template = await texture(createRandom(100 + i), 120, false);
      const source = i < 10 ? template : await texture(createRandom(100 + i), 120, true);
      const label = i < 10 ? 'good' : 'scratch';
      units.push({ id: `p${i}`, label, observation: { kind: 'image', source, template } });
    }
    const model = await fitImage(units, { recipe: 'novelty', seed: 3, backbone: file(newer) });
    expect(decodeModel(model.onnx).opsetImport.map((o) => `${o.domain} ${o.version}`)).toContain(' 20');
    const scorer = await openScorer(model, { workers: 0 });
    const said = await scorer.score(units.map((unit) => unit.observation));
    await scorer[Symbol.asyncDispose]();
    const scores = said.map((s) => s.score);
    expect(
      areaUnderCurve(
        scores,
        units.map((u) => (u.label === 'good' ? 0 : 1)),
      ),
    ).toBe(1);
  });

  it('is for pictures alone', async () => {
    const units = [
      { id: 'r', label: 'good', observation: { kind: 'row', values: Float64Array.of(1) } },
    ] as const;
    await expect(fitModel(units, { recipe: 'auto', seed: 1, backbone: 'x.onnx' })).rejects.toThrow(
      /--backbone is for pictures/,
    );
  });
});

describe('taps', () => {
  it('inside a classifier are the last values before a halving, at strides 16 and 8', async () => {
    const inside = await onnxBackbone(file(generatedNetwork({ depth: 5 })), PICTURE);
    expect(inside.taps).toEqual([
      { channels: 48, stride: 16 },
      { channels: 32, stride: 8 },
    ]);
    const stated = await onnxBackbone(file(generatedNetwork({ depth: 4, outputs: [3, 4] })), PICTURE);
    expectAlike(await tapsOf(inside), await tapsOf(stated));
  });

  it('are the same where the picture has its channels last', async () => {
    const first = await onnxBackbone(file(generatedNetwork({ depth: 5 })), PICTURE);
    const last = await onnxBackbone(file(generatedNetwork({ depth: 5, channelsLast: true })), PICTURE);
    expectAlike(await tapsOf(last), await tapsOf(first));
  });

  it('are read with their channels last too', async () => {
    const made = rewritten(generatedNetwork({ depth: 4, outputs: [4] }), (m) => ({
      ...m,
      graph: {
        ...m.graph,
        node: m.graph.node.map((node) =>
          node.output[0] === 'map4'
            ? {
                ...node,
                opType: 'Transpose',
                attribute: [{ name: 'perm', type: 7, ints: [0, 2, 3, 1] } as AttributeMessage],
              }
            : node,
        ),
        output: m.graph.output.map(({ name }) => ({ name })),
      },
    }));
    const last = await onnxBackbone(file(made), PICTURE);
    const first = await onnxBackbone(file(generatedNetwork({ depth: 4, outputs: [4] })), PICTURE);
    expectAlike(await tapsOf(last), await tapsOf(first));
  });

  it('are read from the tokens of a transformer, without those in front', async () => {
    const made = rewritten(generatedNetwork({ depth: 4, outputs: [4] }), (m) => {
      const node = (opType: string, input: string[], output: string, attribute: AttributeMessage[] = []) => ({
        opType,
        input,
        output: [output],
        name: output,
        attribute,
      });
      const whole = (name: string, values: number[]) => ({
        name,
        dims: [values.length],
        dataType: 7,
        int64Data: values,
      });
      const turn = { name: 'perm', type: 7, ints: [0, 2, 1] };
      return {
        ...m,
        graph: {
          ...m.graph,
          node: [
            ...m.graph.node,
            node('Reshape', ['map4', 'shape'], 'flat'),
            node('Transpose', ['flat'], 'cells', [turn]),
            node('ReduceMean', ['cells'], 'class', [{ name: 'axes', type: 7, ints: [1] }]),
            node('Concat', ['class', 'cells'], 'tokens', [{ name: 'axis', type: 2, i: 1 }]),
          ],
          initializer: [...m.graph.initializer, whole('shape', [0, 48, -1])],
          output: [{ name: 'tokens' }],
        },
      };
    });
    const tokens = await onnxBackbone(file(made), PICTURE);
    expect(tokens.name).toContain('feature maps tokens (48 of 48 channels, 14 x 14 cells)');
    // Inside the network such values are no maps unless blocks hand them on.
    const hidden = rewritten(made, (m) => {
      const last = { opType: 'ReduceMean', name: 'y', input: ['tokens'], output: ['y'] };
      return { ...m, graph: { ...m.graph, node: [...m.graph.node, last], output: [{ name: 'y' }] } };
    });
    expect((await onnxBackbone(file(hidden), PICTURE)).name).not.toContain('tokens (');
    const first = await onnxBackbone(file(generatedNetwork({ depth: 4, outputs: [4] })), PICTURE);
    expectAlike(await tapsOf(tokens), await tapsOf(first));
  });

  it('lie on the grid where the file is made for one picture of another size', async () => {
    const bytes = generatedNetwork({ depth: 5, input: [1, 3, 200, 256] });
    const backbone = await onnxBackbone(file(bytes), PICTURE);
    expect(backbone.taps.map((tap) => tap.stride)).toEqual([16, 8]);
    await tapsOf(backbone);
  });

  it('keep a seeded sample of many channels', async () => {
    const wide = new GraphBuilder();
    const random = createRandom(3);
    const weights = Float32Array.from({ length: 300 * 3 * 256 }, () => random.normal());
    const y = wide.node(
      'Conv',
      [wide.input('image', 'float32', ['n', 3, 'h', 'w']), wide.floats(weights, [300, 3, 16, 16])],
      { kernel_shape: { ints: [16, 16] }, strides: { ints: [16, 16] } },
    );
    wide.output('y', y, 'float32', ['n', 300, 'a', 'b']);
    const path = file(wide.encode('wide'));
    const backbone = await onnxBackbone(path, PICTURE);
    expect(backbone.taps).toEqual([{ channels: 96, stride: 16 }]);
    expect((await onnxBackbone(path, PICTURE)).name).toBe(backbone.name);
  });

  it('can be named beside the file, with the scaling of the network', async () => {
    const bytes = generatedNetwork({ depth: 4, outputs: [1, 2, 3, 4] });
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    const named = await onnxBackbone(file(bytes, { mean, std, taps: ['map2', 'map4'] }), PICTURE);
    expect(named.taps).toEqual([
      { channels: 24, stride: 4 },
      { channels: 48, stride: 16 },
    ]);
    // The same by hand: the network fed with (0.5 + x / 2 - mean) / std.
    const random = createRandom(5);
    const picture = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => {
      const c = Math.floor(i / (224 * 224));
      return (0.5 + (2 * random.next() - 1) / 2 - mean[c]!) / std[c]!;
    });
    const alone = await openSession(bytes);
    const out = await alone.run({ image: new Tensor('float32', picture, [1, 3, 224, 224]) });
    await alone.release();
    const expected = [out.map2!.data, out.map4!.data] as Float32Array[];
    expectAlike(await tapsOf(named), expected, 1e-3);
  });
});

describe('files of other programs', () => {
  /** A network with a Clip, a Pad and a Squeeze, in today's words or in those of operator set 9. */
  function withOldWords(old: boolean): Uint8Array {
    const made = rewritten(generatedNetwork({ depth: 4, outputs: [3, 4] }), (m) => {
      const [first, ...rest] = m.graph.node;
      const image = first!.input[0]!;
      const node = (opType: string, input: string[], output: string, attribute: AttributeMessage[] = []) => ({
        opType,
        input,
        output: [output],
        name: output,
        attribute,
      });
      const ints = (name: string, values: number[]) => ({ name, type: 7, ints: values });
      const before = old
        ? [
            node('Clip', [image], 'a', [
              { name: 'min', type: 1, f: -0.5 },
              { name: 'max', type: 1, f: 0.5 },
            ]),
            node('Pad', ['a'], 'b', [
              ints('pads', [0, 0, 16, 16, 0, 0, 0, 0]),
              { name: 'value', type: 1, f: 0.25 },
            ]),
            node('Unsqueeze', ['b'], 'c', [ints('axes', [0])]),
            node('Squeeze', ['c'], 'd', [ints('axes', [0])]),
            node('Slice', ['d'], 'e', [
              ints('starts', [0, 0]),
              ints('ends', [9999, -16]),
              ints('axes', [2, 3]),
            ]),
            node('Slice', ['e'], 'f', [ints('starts', [16]), ints('ends', [9999]), ints('axes', [2])]),
            node('Dropout', ['f'], 'g', [{ name: 'ratio', type: 1, f: 0.5 }]),
          ]
        : [
            node('Clip', [image, 'low', 'high'], 'a'),
            node('Pad', ['a', 'pads', 'quarter'], 'b'),
            node('Slice', ['b', 'starts', 'ends', 'axes'], 'g'),
          ];
      const constant = (name: string, values: number[], dims: number[]) => ({
        name,
        dims,
        dataType: 1,
        floatData: values,
      });
      const whole = (name: string, values: number[]) => ({
        name,
        dims: [values.length],
        dataType: 7,
        int64Data: values,
      });
      const more = old
        ? []
        : [
            constant('low', [-0.5], []),
            constant('high', [0.5], []),
            constant('quarter', [0.25], []),
            whole('pads', [0, 0, 16, 16, 0, 0, 0, 0]),
            whole('starts', [16, 0]),
            whole('ends', [2 ** 40, -16]),
            whole('axes', [2, 3]),
          ];
      return {
        ...m,
        irVersion: old ? 3 : 8,
        opsetImport: opset(old ? 9 : 17),
        graph: {
          ...m.graph,
          node: [...before, { ...first!, input: ['g', ...first!.input.slice(1)] }, ...rest],
          initializer: [...m.graph.initializer, ...more],
          // Old files list their weights among the inputs.
          input: [
            ...m.graph.input,
            ...(old
              ? m.graph.initializer.map(({ name, dims }) => ({
                  name,
                  type: { tensorType: { elemType: 1, shape: { dim: dims.map((d) => ({ dimValue: d })) } } },
                }))
              : []),
          ],
        },
      };
    });
    return made;
  }

  it('of operator set 9 give what the same network in 17 gives', async () => {
    const old = await onnxBackbone(file(withOldWords(true)), PICTURE);
    const today = await onnxBackbone(file(withOldWords(false)), PICTURE);
    expectAlike(await tapsOf(old), await tapsOf(today));
  });

  it('keep the names that an inner graph takes from outside', async () => {
    const branches = rewritten(generatedNetwork({ depth: 4, outputs: [4] }), (m) => {
      const relu = m.graph.node.findIndex((node) => node.opType === 'Relu');
      const inner = (name: string, opType: string) => ({
        name,
        node: [{ opType, name, input: [m.graph.node[relu]!.input[0]!], output: [`${name}_y`] }],
        initializer: [],
        input: [],
        output: [{ name: `${name}_y`, type: { tensorType: { elemType: 1 } } }],
      });
      const choice: NodeMessage = {
        opType: 'If',
        name: 'choice',
        input: ['yes'],
        output: m.graph.node[relu]!.output,
        attribute: [
          { name: 'then_branch', type: 5, g: inner('then', 'Relu') },
          { name: 'else_branch', type: 5, g: inner('else', 'Neg') },
        ],
      };
      const yes = { name: 'yes', dims: [], dataType: 9, rawData: Uint8Array.of(1) };
      return {
        ...m,
        graph: {
          ...m.graph,
          node: m.graph.node.map((node, i) => (i === relu ? choice : node)),
          initializer: [...m.graph.initializer, yes],
        },
      };
    });
    const plain = await onnxBackbone(file(generatedNetwork({ depth: 4, outputs: [4] })), PICTURE);
    expectAlike(await tapsOf(await onnxBackbone(file(branches), PICTURE)), await tapsOf(plain));
  });

  it('survive being read and written', () => {
    for (const bytes of [withOldWords(true), withOldWords(false), generatedNetwork({ depth: 5 })]) {
      expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
    }
  });
});
