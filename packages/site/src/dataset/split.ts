import type { Warning } from '@selvedge/core/records';
import { createRandom, type Random } from '@selvedge/models';
import { InputFault } from '../faults.js';
import type { Dataset, DatasetItem, SplitName } from './dataset.js';

/** A unit of one of the data sets of a replay. */
export interface Ref {
  readonly data: Dataset;
  readonly index: number;
}

export const itemOf = ({ data, index }: Ref): DatasetItem => data.items[index]!;

export interface Split {
  readonly fit: readonly Ref[];
  readonly calibrate: readonly Ref[];
  /** In the order in which the line would see them. */
  readonly stream: readonly Ref[];
  /** How it was made, in plain words. */
  readonly rule: string;
  readonly orderUnknown: boolean;
  readonly warnings: readonly Warning[];
}

type Part = 'fit' | 'calibrate' | 'stream';

/** Shares of a set that names no split. */
const SHARES: readonly (readonly [Part, number])[] = [
  ['fit', 0.3],
  ['calibrate', 0.4],
  ['stream', 0.3],
];
const CUT: readonly (readonly [Part, number])[] = [
  ['calibrate', 0.6],
  ['stream', 0.4],
];

/**
 * Makes the three parts: separate sets, else the `split` column, else time (30/40/30), else the same shares of
 * a seeded shuffle, stratified by class, whole groups together. Equal items never cross a split.
 */
export function splitDataset(
  main: Dataset,
  { calibrate, stream, seed }: { calibrate: Dataset | null; stream: Dataset | null; seed: number },
): Split {
  const rng = createRandom(seed);
  const refs = main.items.map((_, index) => ({ data: main, index }));
  const parts: Record<Part, Ref[]> = { fit: [], calibrate: [], stream: [] };
  let rule: string;
  if (calibrate || stream) rule = separateSets(parts, refs, { calibrate, stream }, rng);
  else if (main.items.some((i) => i.split !== null)) rule = bySplitColumn(parts, refs, rng);
  else if (main.items.some((i) => i.atMs !== null)) rule = byTime(parts, refs);
  else {
    share(parts, refs, SHARES, rng);
    rule =
      'no split and no time: a seeded shuffle, stratified by class, whole groups together (30 % fit, 40 % calibrate, 30 % stream)';
  }
  const warnings: Warning[] = [];
  warnings.push(...keepTogether(parts));
  const timed = (part: Part) => parts[part].every((r) => itemOf(r).atMs !== null || itemOf(r).fault !== null);
  for (const part of ['calibrate', 'stream'] as const) if (timed(part)) parts[part].sort(byTimeOf);
  const given = stream !== null && parts.stream.every((r) => r.data === stream);
  if (!timed('stream') && !given) rng.shuffle(parts.stream);
  if (!timed('stream')) {
    warnings.unshift({
      code: 'order-unknown',
      detail: `The data set says nothing of time, so the stream is ${given ? 'taken in the order of its file' : 'a seeded shuffle: drift over time cannot be seen in it'}. ${main.layout === 'folder' ? 'Folders "fit", "calibrate" and "stream" can at least hold the parts of the process in their order' : 'Add a column "time"'}`,
    });
  }
  const missing = (Object.keys(parts) as Part[]).filter(
    (p) => parts[p].length === 0 && !(p === 'fit' && main.observation === 'score'),
  );
  if (missing.length > 0) {
    const message = `no units are left for ${missing.join(' and ')} (${rule}). Give more units, or fewer and smaller groups, or a "split" column`;
    throw new InputFault({ code: 'empty-split', message, file: main.name });
  }
  return { ...parts, rule, orderUnknown: !timed('stream') && !given, warnings };
}

function separateSets(
  parts: Record<Part, Ref[]>,
  refs: Ref[],
  sets: { calibrate: Dataset | null; stream: Dataset | null },
  rng: Random,
): string {
  const all = (data: Dataset) => data.items.map((_, index) => ({ data, index }));
  if (sets.calibrate && sets.stream) {
    parts.fit = parts.fit.concat(refs);
    parts.calibrate = parts.calibrate.concat(all(sets.calibrate));
    parts.stream = parts.stream.concat(all(sets.stream));
    return 'separate sets for fit, calibrate and stream';
  }
  if (sets.calibrate) {
    parts.fit = parts.fit.concat(refs);
    share(parts, all(sets.calibrate), CUT, rng);
    return 'fit on DATA; the calibration set cut 60/40 into calibrate and stream by seed';
  }
  parts.stream = parts.stream.concat(all(sets.stream!));
  return fitAndCalibrate(parts, refs, rng);
}

const MEANS: Record<SplitName, Part> = {
  fit: 'fit',
  calibrate: 'calibrate',
  stream: 'stream',
  train: 'fit',
  val: 'calibrate',
  test: 'stream',
};

/** Every sound unit has a split, or none has: half a column is a mistake that nobody should have to find later. */
function refuseHalfSplit(refs: readonly Ref[]): void {
  const without = refs.find((r) => itemOf(r).split === null && itemOf(r).fault === null);
  if (without) {
    const item = itemOf(without);
    throw new InputFault({
      code: 'missing-split',
      message: `${item.source} has no split while others have one: fill the column or leave it out`,
      file: item.source,
    });
  }
}

/** Shares of DATA where the stream is a set of its own: as fit and calibrate stand to each other without one. */
const BEFORE: readonly (readonly [Part, number])[] = [
  ['fit', 3 / 7],
  ['calibrate', 4 / 7],
];

/**
 * DATA without a stream: by its own split, else by time, else a seeded shuffle. What it calls stream (or test) is
 * held out from the fit, so it calibrates where nothing else does, and is left out where something does.
 */
function fitAndCalibrate(parts: Record<Part, Ref[]>, refs: Ref[], rng: Random): string {
  const named = refs.filter((r) => itemOf(r).split !== null);
  const of = (part: Part) => named.filter((r) => MEANS[itemOf(r).split ?? 'fit'] === part);
  const [fit, calibrate, held] = [of('fit'), of('calibrate'), of('stream')];
  const fits = fit.length > 0 || refs[0]?.data.observation === 'score';
  if (fits && (calibrate.length > 0 || held.length > 0)) {
    refuseHalfSplit(refs);
    // A damaged row that lost its split is counted with those that no fit can use.
    parts.fit = parts.fit.concat(
      fit,
      refs.filter((r) => itemOf(r).split === null),
    );
    if (calibrate.length === 0) {
      parts.calibrate = parts.calibrate.concat(held);
      return 'DATA cut into fit and calibrate as its own split says (test = calibrate); a separate stream';
    }
    parts.calibrate = parts.calibrate.concat(calibrate);
    return held.length === 0
      ? 'DATA cut into fit and calibrate as its own split says; a separate stream'
      : `DATA cut into fit and calibrate as its own split says, its ${held.length} stream units not used; a separate stream`;
  }
  if (refs.some((r) => itemOf(r).atMs !== null)) {
    const ordered = inTime(refs);
    const cut = Math.round((3 / 7) * ordered.length);
    parts.fit = parts.fit.concat(ordered.slice(0, cut));
    parts.calibrate = parts.calibrate.concat(ordered.slice(cut));
    return 'DATA cut 3:4 into fit and calibrate by time; a separate stream';
  }
  share(parts, refs, BEFORE, rng);
  return 'DATA cut 3:4 into fit and calibrate by seed; a separate stream';
}

function bySplitColumn(parts: Record<Part, Ref[]>, refs: Ref[], rng: Random): string {
  refuseHalfSplit(refs);
  // A damaged row that lost its split is asked of a person.
  const partOf = (split: SplitName | null): Part => (split === null ? 'stream' : MEANS[split]);
  const of = (part: Part) => refs.filter((r) => partOf(itemOf(r).split) === part);
  const [fit, calibrate, stream] = [of('fit'), of('calibrate'), of('stream')];
  parts.fit = parts.fit.concat(fit);
  if (calibrate.length > 0 && stream.length > 0) {
    parts.calibrate = parts.calibrate.concat(calibrate);
    parts.stream = parts.stream.concat(stream);
    return 'as the data set says (train = fit, val = calibrate, test = stream)';
  }
  const source = calibrate.length > 0 ? calibrate : stream;
  share(parts, source, CUT, rng);
  const name = calibrate.length > 0 ? 'val' : 'test';
  return `fit as the data set says; ${name} cut 60/40 into calibrate and stream by seed, stratified, whole groups together`;
}

/** The units in the order of time. Throws where only some have one. */
function inTime(refs: readonly Ref[]): Ref[] {
  const without = refs.find((r) => itemOf(r).atMs === null && itemOf(r).fault === null);
  if (without) {
    const { source } = itemOf(without);
    const message = `${source} has no time while others have one: fill the column, or leave it out for a seeded shuffle`;
    throw new InputFault({ code: 'missing-time', message, file: source });
  }
  return [...refs].sort(byTimeOf);
}

function byTime(parts: Record<Part, Ref[]>, refs: Ref[]): string {
  const ordered = inTime(refs);
  const [a, b] = [Math.round(0.3 * ordered.length), Math.round(0.7 * ordered.length)];
  parts.fit = parts.fit.concat(ordered.slice(0, a));
  parts.calibrate = parts.calibrate.concat(ordered.slice(a, b));
  parts.stream = parts.stream.concat(ordered.slice(b));
  return 'by time: first 30 % fit, next 40 % calibrate, last 30 % stream';
}

/** Ascending; a damaged row without a time comes last, where a person is asked. */
const byTimeOf = (a: Ref, b: Ref): number =>
  (itemOf(a).atMs ?? Number.MAX_SAFE_INTEGER) - (itemOf(b).atMs ?? Number.MAX_SAFE_INTEGER);

/** Deals whole blocks (a group with its equal items) so that every class meets the shares as nearly as it can. */
function share(
  parts: Record<Part, Ref[]>,
  refs: Ref[],
  shares: readonly (readonly [Part, number])[],
  rng: Random,
): void {
  const blocks = connected(refs);
  rng.shuffle(blocks);
  // Large blocks first: small ones then fill the gaps.
  blocks.sort((x, y) => y.length - x.length);
  const totals = new Map<string, number>();
  for (const r of refs) totals.set(itemOf(r).label, (totals.get(itemOf(r).label) ?? 0) + 1);
  const dealt = shares.map(() => new Map<string, number>());
  const dealtAll = shares.map(() => 0);
  for (const block of blocks) {
    const labels = new Map<string, number>();
    for (const r of block) labels.set(itemOf(r).label, (labels.get(itemOf(r).label) ?? 0) + 1);
    let best = 0;
    let bestNeed = Number.NEGATIVE_INFINITY;
    shares.forEach(([, weight], s) => {
      // How far this part still is from its share of the block's classes, then of all units.
      let need = 0;
      for (const [label, n] of labels)
        need +=
          (n / block.length) * (1 - ((dealt[s]!.get(label) ?? 0) + n / 2) / (weight * totals.get(label)!));
      need += 1e-3 * (1 - (dealtAll[s]! + block.length / 2) / (weight * refs.length));
      if (need > bestNeed + 1e-12) [best, bestNeed] = [s, need];
    });
    for (const [label, n] of labels) dealt[best]!.set(label, (dealt[best]!.get(label) ?? 0) + n);
    dealtAll[best]! += block.length;
    for (const ref of block) parts[shares[best]![0]].push(ref);
  }
  for (const [part] of shares) rng.shuffle(parts[part]);
}

/** Blocks of units that share a group or a content, by union-find. */
function connected(refs: readonly Ref[]): Ref[][] {
  const parent = refs.map((_, i) => i);
  const root = (i: number): number => {
    let r = i;
    while (parent[r] !== r) r = parent[r]!;
    for (let c = i; parent[c] !== r; ) [c, parent[c]] = [parent[c]!, r];
    return r;
  };
  const first = new Map<string, number>();
  refs.forEach((ref, i) => {
    for (const key of keysOf(ref)) {
      const other = first.get(key);
      if (other === undefined) first.set(key, i);
      else parent[root(i)] = root(other);
    }
  });
  const blocks = new Map<number, Ref[]>();
  refs.forEach((ref, i) => {
    const r = root(i);
    const block = blocks.get(r);
    if (block) block.push(ref);
    else blocks.set(r, [ref]);
  });
  return [...blocks.values()];
}

/** Rows narrower than this are often equal by nature, and equal scores say nothing of equal units. */
const NARROW_ROW = 4;

/** True where equal content means the same unit. */
export function contentTells(ref: Ref): boolean {
  const { observation, featureNames } = ref.data;
  if (itemOf(ref).fault !== null || observation === 'score') return false;
  return observation !== 'row' || (featureNames?.length ?? 0) >= NARROW_ROW;
}

/** What ties a unit to others: its group, and its content. */
function keysOf(ref: Ref): string[] {
  const { group, contentHash } = itemOf(ref);
  return [
    ...(group === null ? [] : [`group ${group}`]),
    ...(contentTells(ref) ? [`content ${contentHash}`] : []),
  ];
}

/** Blocks that cross a split by the data set's own rule move whole to the earliest part that holds one of them. */
function keepTogether(parts: Record<Part, Ref[]>): Warning[] {
  const order: readonly Part[] = ['fit', 'calibrate', 'stream'];
  const home = new Map<Ref, Part>();
  for (const part of order) for (const ref of parts[part]) home.set(ref, part);
  const moved = new Map<string, number>();
  const target = new Map<Ref, Part>();
  for (const block of connected([...home.keys()])) {
    const first = order.find((part) => block.some((ref) => home.get(ref) === part))!;
    for (const ref of block) {
      const from = home.get(ref)!;
      if (from === first) continue;
      target.set(ref, first);
      const grouped = block.some(
        (other) =>
          itemOf(other).group !== null &&
          itemOf(other).group === itemOf(ref).group &&
          home.get(other) === first,
      );
      const way = `${grouped ? 'items of a group' : 'equal items'} from ${from} to ${first}`;
      moved.set(way, (moved.get(way) ?? 0) + 1);
    }
  }
  if (moved.size === 0) return [];
  for (const part of order) parts[part] = parts[part].filter((ref) => !target.has(ref));
  for (const [ref, part] of target) parts[part].push(ref);
  const detail = [...moved].map(([way, n]) => `${n} ${way}`).join(', ');
  return [
    {
      code: 'duplicate-items',
      detail: `Equal items or items of one group stood on two sides of the split and were moved to one side: ${detail}`,
    },
  ];
}
