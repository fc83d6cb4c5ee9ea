import { prepareRows } from '../engine/prepare.js';
import type { FeatureMatrix } from '../heads/head.js';
import type { Observation, RowObservation } from '../observe/observation.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { emitRowFeatures, rowShape } from '../table/row-graph.js';
import { FitError } from './fit-error.js';
import { fitFlat } from './fit-flat.js';
import type { FitOptions, FittedModel, FitUnit, Scored } from './recipe.js';

/** Fits rows of numbers; the `score` recipe passes the one value of a row through. */
export async function fitRow(units: readonly FitUnit[], options: FitOptions): Promise<FittedModel> {
  const rows = units.map((unit) => (unit.observation as RowObservation).values);
  const width = rows[0]!.length;
  if (options.recipe === 'score') return passThrough(units, width);
  if (width === 0) throw new FitError('unreadable-units', 'the rows have no feature column');
  const whole = rows.flatMap((row, i) => (row.length === width ? [i] : []));
  const values = new Float32Array(whole.length * width);
  whole.forEach((i, k) => {
    values.set(rows[i]!, k * width);
  });
  const x: FeatureMatrix = { values, rows: whole.length, width };
  const shape = rowShape(x, (k) => units[whole[k]!]!.label === 'good');
  return fitFlat(units, options, {
    input: 'row',
    features: 'row-v1',
    inputShape: [width],
    prepare: prepareRows,
    emit: (g) => emitRowFeatures(g, shape),
  });
}

function passThrough(units: readonly FitUnit[], width: number): FittedModel {
  if (width !== 1)
    throw new FitError('wrong-kind', `the score recipe reads rows with one value, got ${width}`);
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['n', 1]);
  g.output('score', g.node('Reshape', [x, g.ints([-1])]), 'float32', ['n']);
  g.metadata('recipe', 'score');
  const read = (unit: Observation): Scored => ({
    score: unit.kind === 'row' && unit.values.length === 1 ? Math.fround(unit.values[0]!) : Number.NaN,
  });
  return {
    recipe: 'score',
    name: 'score',
    why: 'the scores were made elsewhere',
    input: 'row',
    onnx: g.encode('score'),
    classes: null,
    outOfFold: Float64Array.from(units, (unit) => read(unit.observation).score),
    reference: async (observations) => observations.map(read),
    golden: units.slice(0, 8).map(({ observation }) => ({ observation, expected: read(observation) })),
    inputShape: [1],
  };
}
