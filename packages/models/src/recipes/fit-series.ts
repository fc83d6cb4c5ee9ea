import { prepareSeries } from '../engine/prepare.js';
import type { SeriesObservation } from '../observe/observation.js';
import { emitSeriesFeatures, seriesShape } from '../series/series-graph.js';
import { FitError } from './fit-error.js';
import { fitFlat } from './fit-flat.js';
import type { FitOptions, FittedModel, FitUnit } from './recipe.js';

/** Fits traces of one channel count. Traces of one length give a graph for that length; others are aligned. */
export async function fitSeries(units: readonly FitUnit[], options: FitOptions): Promise<FittedModel> {
  if (options.recipe === 'score')
    throw new FitError('wrong-kind', 'the score recipe reads rows with one value');
  const traces = units.map((unit) => unit.observation as SeriesObservation);
  const channels = traces[0]!.channels;
  const lengths = traces
    .filter((trace) => trace.channels === channels && trace.values.length >= channels)
    .map((trace) => Math.floor(trace.values.length / channels));
  const shape = seriesShape(lengths, channels);
  return fitFlat(units, options, {
    input: 'series',
    features: 'series-v1',
    inputShape: [shape.length ?? 0, channels],
    prepare: prepareSeries,
    emit: (g) => emitSeriesFeatures(g, shape),
  });
}
