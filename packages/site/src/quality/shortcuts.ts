import type { Warning } from '@selvedge/core/records';
import { openPicture } from '@selvedge/models';
import { isBad } from '../dataset/dataset.js';
import { itemOf, type Ref } from '../dataset/split.js';
import { rocAuc } from '../replay/measures.js';
import type { ReplayOptions } from '../replay/options.js';

/** Pictures opened for their size and mean colour. */
const PICTURE_SAMPLE = 1500;
/** A surface property that separates the classes this well, beyond chance, is suspicious. */
const SUSPICIOUS_AUC = 0.9;
const SUSPICIOUS_SIGMA = 4;

/** Warns where the class can be told from something that is not the part: size, format, colour, file, order. */
export async function shortcutWarnings(units: readonly Ref[], options: ReplayOptions): Promise<Warning[]> {
  const usable = units.filter((r) => itemOf(r).fault === null);
  const stride = Math.max(1, Math.ceil(usable.length / PICTURE_SAMPLE));
  const sample = usable.filter((_, i) => i % stride === 0);
  const columns = new Map<string, { values: number[]; bad: boolean[] }>();
  for (const [i, ref] of sample.entries()) {
    options.signal?.throwIfAborted();
    if (i % 100 === 0) options.progress?.(i / sample.length, 'looking for shortcuts');
    const item = itemOf(ref);
    const surface = {
      ...item.surface,
      ...(ref.data.observation === 'image' ? await pictureSurface(ref) : {}),
    };
    for (const [name, value] of Object.entries(surface)) {
      const column = columns.get(name) ?? { values: [], bad: [] };
      column.values.push(value);
      column.bad.push(isBad(item));
      columns.set(name, column);
    }
  }
  const suspects: string[] = [];
  for (const [name, { values, bad }] of columns) {
    const strength = separation(values, bad);
    if (strength !== null) suspects.push(`${name} (AUC ${strength.toFixed(2)})`);
  }
  if (suspects.length === 0) return [];
  return [
    {
      code: 'shortcut-suspected',
      detail: `The class can be told without looking at the part, from ${suspects.join(', ')}. A model may learn that and fail on the line. Make good and bad units the same way, or remove the difference`,
    },
  ];
}

/** AUC (either direction) of a one-property rule where it is suspicious, else null; also sees "all bad ones are equal". */
function separation(values: readonly number[], bad: readonly boolean[]): number | null {
  const auc = rocAuc(values, bad);
  if (auc === null) return null;
  const strength = Math.max(auc, 1 - auc, likeness(values, bad));
  const bads = bad.filter(Boolean).length;
  const goods = bad.length - bads;
  // Standard error of the AUC under no difference (Mann-Whitney).
  const sigma = Math.sqrt((bads + goods + 1) / (12 * bads * goods));
  return strength >= SUSPICIOUS_AUC && (strength - 0.5) / sigma >= SUSPICIOUS_SIGMA ? strength : null;
}

/** AUC of "how usual is this value among the bad units rather than the good ones", for values that repeat. */
function likeness(values: readonly number[], bad: readonly boolean[]): number {
  const distinct = new Set(values);
  if (distinct.size > 20 || distinct.size < 2) return 0;
  const share = new Map<number, number>();
  for (const v of distinct) {
    const at = values.map((x, i) => (x === v ? bad[i] : null)).filter((b) => b !== null);
    share.set(v, at.filter(Boolean).length / at.length);
  }
  return (
    rocAuc(
      values.map((v) => share.get(v)!),
      bad,
    ) ?? 0
  );
}

async function pictureSurface({ data, index }: Ref): Promise<Record<string, number>> {
  try {
    const unit = await data.read(index);
    if (unit.kind !== 'image') return {};
    const image = await openPicture(unit.source);
    const [meta, stats] = [await image.metadata(), await image.stats()];
    const mean = stats.channels.slice(0, 3).map((c) => c.mean);
    const [red = 0, green = red, blue = red] = mean;
    return {
      'picture width': meta.width ?? 0,
      'picture height': meta.height ?? 0,
      'number of channels': meta.channels ?? 0,
      'mean brightness': (red + green + blue) / 3,
      'mean colour': red - blue,
    };
  } catch {
    return {};
  }
}
