import type { Warning } from '@selvedge/core/records';
import { type Observation, openPicture } from '@selvedge/models';
import { contentTells, itemOf, type Ref } from '../dataset/split.js';
import type { ReplayOptions } from '../replay/options.js';

/** Units looked at for near duplicates: a sample shows the fault, the count is then of the sample. */
const NEAR_SAMPLE = 4000;
/** Bits of 64 in which two picture hashes may differ. */
const NEAR_BITS = 3;

/** Equal items, equal items with contradictory labels, and items that are nearly equal. */
export async function duplicateWarnings(units: readonly Ref[], options: ReplayOptions): Promise<Warning[]> {
  const byContent = new Map<string, Ref[]>();
  for (const ref of units) {
    if (!contentTells(ref)) continue;
    const list = byContent.get(itemOf(ref).contentHash);
    if (list) list.push(ref);
    else byContent.set(itemOf(ref).contentHash, [ref]);
  }
  const equal = [...byContent.values()].filter((list) => list.length > 1);
  const contradictory = equal.filter((list) => new Set(list.map((r) => itemOf(r).label)).size > 1);
  const warnings: Warning[] = [];
  if (equal.length > 0) {
    const items = equal.reduce((n, list) => n + list.length, 0);
    warnings.push({
      code: 'duplicate-items',
      detail: `${items} items stand in ${equal.length} groups of equal content, e.g. ${names(equal[0]!)}. They are kept on one side of the split`,
    });
  }
  if (contradictory.length > 0) {
    warnings.push({
      code: 'label-conflict',
      detail: `${contradictory.length} groups of equal items have contradictory labels, e.g. ${names(contradictory[0]!)}. No model can be right on both; have a person judge them again`,
    });
  }
  const near = await nearDuplicates(byContent, options);
  if (near) warnings.push(near);
  return warnings;
}

const names = (list: readonly Ref[]): string =>
  list
    .slice(0, 3)
    .map((r) => `${itemOf(r).id} (${itemOf(r).label})`)
    .join(' = ');

async function nearDuplicates(
  byContent: ReadonlyMap<string, Ref[]>,
  options: ReplayOptions,
): Promise<Warning | null> {
  const firsts = [...byContent.values()].map((list) => list[0]!);
  const stride = Math.max(1, Math.ceil(firsts.length / NEAR_SAMPLE));
  const sample = firsts.filter((_, i) => i % stride === 0);
  const seen: { ref: Ref; print: bigint }[] = [];
  const exact = new Map<string, Ref>();
  const pairs: [Ref, Ref][] = [];
  for (const [i, ref] of sample.entries()) {
    options.signal?.throwIfAborted();
    if (i % 100 === 0) options.progress?.(i / sample.length, 'looking for near duplicates');
    const unit = await ref.data.read(ref.index).catch(() => null);
    const print = unit === null ? null : await fingerprint(unit);
    if (print === null) continue;
    if (typeof print === 'string') {
      const other = exact.get(print);
      if (other) pairs.push([other, ref]);
      else exact.set(print, ref);
    } else {
      const other = seen.find((s) => bits(s.print ^ print) <= NEAR_BITS);
      if (other) pairs.push([other.ref, ref]);
      else seen.push({ ref, print });
    }
  }
  const apart = pairs.filter(([a, b]) => itemOf(a).group === null || itemOf(a).group !== itemOf(b).group);
  if (apart.length === 0) return null;
  return {
    code: 'near-duplicates',
    detail: `${apart.length} of ${sample.length} items looked at are nearly equal to another, e.g. ${names([...apart[0]!])}. If they show the same part, name the part with --group: otherwise the figures are too good`,
  };
}

/** Pictures: a 64-bit difference hash (bright to the right or not); rows and series: values rounded to three digits. */
async function fingerprint(unit: Observation): Promise<bigint | string | null> {
  if (unit.kind === 'map') return null;
  if (unit.kind === 'pair') return fingerprint(unit.image);
  if (unit.kind !== 'image')
    return unit.values.length < 4 ? null : Array.from(unit.values, (v) => v.toPrecision(3)).join(' ');
  try {
    const picture = await openPicture(unit.source);
    const { data } = await picture
      .greyscale()
      .resize(9, 8, { fit: 'fill' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    let hash = 0n;
    let strong = 0;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const step = data[y * 9 + x + 1]! - data[y * 9 + x]!;
        if (Math.abs(step) > 8) strong++;
        hash = (hash << 1n) | (step > 0 ? 1n : 0n);
      }
    }
    // A flat picture has no structure to compare: its hash is noise.
    return strong >= 16 ? hash : null;
  } catch {
    return null;
  }
}

function bits(value: bigint): number {
  let count = 0;
  for (let v = value; v > 0n; v &= v - 1n) count++;
  return count;
}
