import type { Evidence } from '@selvedge/core/records';
import { heatPng, type Observation, thumbnailPng } from '@selvedge/models';
import type { Dataset } from '../dataset/dataset.js';
import { isBad } from '../dataset/dataset.js';
import { itemOf, type Ref } from '../dataset/split.js';
import { median } from './measures.js';
import type { ReplayModel } from './model.js';

type View = Evidence['worstEscapes'][number]['view'];

/** Good units looked at for the typical trace or row. */
const TYPICAL_UNITS = 200;
const PICTURE_SIDE = 320;

/** Shows a unit beside what is typical of the good units of the fit set. */
export async function viewer(
  data: Dataset,
  fit: readonly Ref[],
  model: ReplayModel,
): Promise<(unit: Observation) => Promise<View>> {
  const typical = data.observation === 'series' || data.observation === 'row' ? await typicalOf(fit) : [];
  return async (unit) => {
    switch (unit.kind) {
      case 'series':
        return {
          kind: 'series',
          values: Array.from(unit.values, round),
          typical: typical.map((t) => round(t.middle)),
          channels: unit.channels,
        };
      case 'row':
        return { kind: 'row', cells: oddestCells(unit.values, typical, data.featureNames ?? []) };
      case 'map':
        return { kind: 'map', width: unit.width, height: unit.height, values: [...unit.values] };
      case 'image':
      case 'pair': {
        const picture = unit.kind === 'pair' ? unit.image : unit;
        return {
          kind: 'picture',
          png: dataUri(await thumbnailPng(picture, PICTURE_SIDE)),
          heatPng: await heatPicture(model, unit),
        };
      }
    }
  };
}

interface Typical {
  readonly middle: number;
  readonly spread: number;
}

async function typicalOf(fit: readonly Ref[]): Promise<Typical[]> {
  const columns: number[][] = [];
  const goods = fit.filter((r) => !isBad(itemOf(r)) && itemOf(r).fault === null);
  const stride = Math.max(1, Math.floor(goods.length / TYPICAL_UNITS));
  for (let i = 0; i < goods.length; i += stride) {
    const unit = await goods[i]!.data.read(goods[i]!.index);
    if (unit.kind !== 'series' && unit.kind !== 'row') break;
    unit.values.forEach((v, c) => {
      columns[c] ??= [];
      if (!Number.isNaN(v)) columns[c].push(v);
    });
  }
  return columns.map((values) => {
    const middle = median(values);
    return { middle, spread: 1.4826 * median(values.map((v) => Math.abs(v - middle))) };
  });
}

function oddestCells(values: Float64Array, typical: readonly Typical[], names: readonly string[]) {
  return Array.from(values, (value, c) => {
    const { middle = 0, spread = 0 } = typical[c] ?? {};
    return {
      name: names[c] ?? `feature ${c + 1}`,
      value: round(value),
      typical: round(middle),
      oddness: Math.abs(value - middle) / (spread || 1),
    };
  })
    .filter((cell) => Number.isFinite(cell.value))
    .sort((a, b) => b.oddness - a.oddness)
    .slice(0, 12)
    .map(({ name, value, typical: usual }) => ({ name, value, typical: usual }));
}

const round = (value: number): number => Number(value.toPrecision(6));

const dataUri = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

async function heatPicture(model: ReplayModel, unit: Observation): Promise<string | null> {
  const heat = await model.heat(unit);
  return heat === null ? null : dataUri(await heatPng(heat.values, heat.width, heat.height));
}
