import type { ObservationKind } from '../observe/observation.js';
import { FitError } from './fit-error.js';
import type { FitOptions, FittedModel, FitUnit } from './recipe.js';

/** Fits the recipes of one kind of observation. */
export type Fit = (units: readonly FitUnit[], options: FitOptions) => Promise<FittedModel>;

const FIT: Record<ObservationKind, () => Promise<Fit>> = {
  series: async () => (await import('./fit-series.js')).fitSeries,
  row: async () => (await import('./fit-row.js')).fitRow,
  image: async () => (await load('../image/fit-image')).fitImage!,
  map: async () => (await load('../map/fit-map')).fitMap!,
  pair: async () => (await import('../pair/fit-pair.js')).fitPair,
};

/** Loaded by address: these rooms bring decoders and a backbone that other kinds do not need. */
async function load(path: string): Promise<Record<string, Fit>> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return (await import(new URL(`${path}${extension}`, import.meta.url).href)) as Record<string, Fit>;
}

/**
 * Fits a recipe to labelled units of one kind: features, head and one ONNX graph. `auto` chooses between
 * `novelty` and `supervised` on these units alone. The same units, options and seed give the same model bytes.
 * @throws FitError where the units cannot carry the recipe: none at all, no good ones, no bad ones for
 * `supervised`, several kinds together, or `score` for anything but a row with one value.
 */
export async function fitModel(units: readonly FitUnit[], options: FitOptions): Promise<FittedModel> {
  const kind = units[0]?.observation.kind;
  if (kind === undefined) throw new FitError('no-units', 'there is no unit to fit on');
  const other = units.find((unit) => unit.observation.kind !== kind);
  if (other !== undefined) {
    throw new FitError(
      'mixed-kinds',
      `unit ${other.id} is ${other.observation.kind}, the first unit is ${kind}`,
    );
  }
  if (options.backbone !== undefined && kind !== 'image' && kind !== 'pair') {
    throw new FitError(
      'wrong-kind',
      `--backbone is for pictures; the units are of kind ${kind}. Leave it out`,
    );
  }
  const fit = await FIT[kind]();
  return fit(units, options);
}
