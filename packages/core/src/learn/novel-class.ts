import { binomialTail } from '../bounds/binomial.js';
import { requireShare } from '../bounds/range.js';

/** Distance between two units by their indices; symmetric, not negative. */
export type Distance = (a: number, b: number) => number;

/** Neighbourhoods at which a group is looked for: so many nearest units. */
const SCALES = [3, 4, 6, 9, 14, 20];
/** Neighbours whose middle says how far a unit is from a class. */
const CLASS_NEIGHBOURS = 3;
/** A group is no sparser than this share of the background is. */
const DENSE_SHARE = 0.9;

/**
 * Which of the odd units no known class explains (rule LN-8): for each class the distance to its third nearest member is
 * ranked among the same distances of the members themselves, p = (1 + #{members at least as far}) / (n + 1), and a class
 * explains a unit with p > max(level, 1 / (n + 1)): one that is not farther than all of them, where they are few. [A]: the
 * members' distances are to one member fewer than the unit's.
 *
 * @throws RangeError on a level outside (0, 1).
 */
export const unexplained = ({
  odd,
  classes,
  distance,
  level = 0.05,
}: {
  readonly odd: readonly number[];
  /** Indices of the members of each known class. */
  readonly classes: readonly (readonly number[])[];
  readonly distance: Distance;
  readonly level?: number;
}): number[] => {
  requireShare('level', level);
  const known = classes
    .filter((members) => members.length > 0)
    .map((members) => ({ members, own: members.map((unit) => farness(unit, members, distance)) }));
  return odd.filter((unit) =>
    known.every(({ members, own }) => {
      const far = farness(unit, members, distance);
      const p = (1 + own.filter((one) => one >= far).length) / (members.length + 1);
      return p <= Math.max(level, 1 / (members.length + 1));
    }),
  );
};

/** Distance to the third nearest member other than itself, or the farthest where there are fewer. */
function farness(unit: number, members: readonly number[], distance: Distance): number {
  const far = members.filter((member) => member !== unit).map((member) => distance(unit, member));
  far.sort((a, b) => a - b);
  return far[Math.min(CLASS_NEIGHBOURS, far.length) - 1] ?? 0;
}

/** Odd units that lie together more closely than chance puts them. */
export interface NovelGroup {
  /** Indices, ascending. */
  readonly units: readonly number[];
  /** Chance of so surprising a neighbourhood anywhere, where there is no group. */
  readonly p: number;
}

/**
 * Tells groups among the odd units from noise (rule LN-9). For each odd unit and each of a few neighbourhoods: how
 * surprising is the number of odd ones among its nearest units, were they dealt at random? The largest surprise is
 * compared with that of `permutations` random deals of who is odd, p = (1 + #{as large}) / (1 + permutations): where the
 * odd units are a random part of odd and background together, any group at all is found with chance at most `falseAlarm`,
 * whatever the shape of the cloud, since a neighbourhood is counted in units and not in lengths [P] (local form of the
 * nearest-neighbour test of Schilling 1986 and Henze 1988; maximum over units as in Westfall and Young 1993).
 *
 * A group is what the surprising neighbourhoods of its units link. One that is sparser than nine in ten of the background
 * is left out, so that lone outliers around a cloud make no group [H].
 *
 * @param options.background units that are no group: explained ones, and noise that was set aside, of the same time.
 * @param options.least fewest units of a group, at least 2; 4 by default.
 * @param options.rng independent uniforms on [0, 1).
 * @returns groups, the least p first.
 * @throws RangeError where `permutations` are too few to reach `falseAlarm`, or that lies outside (0, 1).
 */
export const novelGroups = ({
  odd,
  background,
  distance,
  rng,
  falseAlarm = 0.01,
  permutations = 499,
  least = 4,
}: {
  readonly odd: readonly number[];
  readonly background: readonly number[];
  readonly distance: Distance;
  readonly rng: () => number;
  readonly falseAlarm?: number;
  readonly permutations?: number;
  readonly least?: number;
}): NovelGroup[] => {
  requireShare('falseAlarm', falseAlarm);
  if (1 / (1 + permutations) > falseAlarm)
    throw new RangeError(`${permutations} deals cannot show a chance of ${falseAlarm}`);
  const pool = [...odd, ...background];
  if (odd.length < least || background.length === 0) return [];
  const scales = SCALES.filter((scale) => scale < pool.length);
  const near = neighbourhoods(pool, Math.max(0, ...scales), distance);
  const surprise = surprises(scales, odd.length / pool.length);
  const isOdd = Uint8Array.from(pool, (_, place) => (place < odd.length ? 1 : 0));
  const seen = odd.map((_, place) => mostSurprising(near[place]!.places, isOdd, scales, surprise));

  const asLarge = new Float64Array(seen.length).fill(1);
  for (let deal = 0; deal < permutations; deal += 1) {
    shuffle(isOdd, rng);
    let most = 0;
    for (let place = 0; place < pool.length; place += 1) {
      if (isOdd[place] === 1)
        most = Math.max(most, mostSurprising(near[place]!.places, isOdd, scales, surprise).value);
    }
    for (const [place, { value }] of seen.entries()) if (most >= value) asLarge[place]! += 1;
  }
  const pOf = (place: number): number => asLarge[place]! / (1 + permutations);
  const denseEnough = scales.map((scale) => {
    const reaches = background.map((_, i) => near[odd.length + i]!.reaches[scale - 1]!).sort((a, b) => a - b);
    return reaches[Math.ceil(DENSE_SHARE * reaches.length) - 1]!;
  });
  const cores = seen.flatMap(({ scale }, place) => {
    const reach = near[place]!.reaches[scales[scale]! - 1]!;
    return pOf(place) <= falseAlarm && reach <= denseEnough[scale]!
      ? [{ place, neighbours: scales[scale]! }]
      : [];
  });
  return linked(cores, near, odd.length)
    .filter((places) => places.length >= least)
    .map((places) => ({
      units: places.map((place) => odd[place]!).sort((a, b) => a - b),
      p: Math.min(...places.map(pOf)),
    }))
    .sort((a, b) => a.p - b.p);
};

interface Neighbourhood {
  /** Nearest first, as places in the pool, without the unit itself, and how far they are. */
  readonly places: readonly number[];
  readonly reaches: readonly number[];
}

function neighbourhoods(pool: readonly number[], most: number, distance: Distance): Neighbourhood[] {
  return pool.map((unit, place) => {
    const others = pool.flatMap((other, at) => (at === place ? [] : [{ at, far: distance(unit, other) }]));
    others.sort((a, b) => a.far - b.far);
    const nearest = others.slice(0, most);
    return { places: nearest.map(({ at }) => at), reaches: nearest.map(({ far }) => far) };
  });
}

/** -ln P(at least so many of the neighbours are odd), by scale and count. */
function surprises(scales: readonly number[], share: number): number[][] {
  return scales.map((scale) =>
    Array.from({ length: scale + 1 }, (_, count) => -Math.log(binomialTail(scale - count, scale, 1 - share))),
  );
}

function mostSurprising(
  places: readonly number[],
  isOdd: Uint8Array,
  scales: readonly number[],
  surprise: readonly (readonly number[])[],
): { value: number; scale: number } {
  let value = 0;
  let best = 0;
  let count = 0;
  let at = 0;
  for (const [scale, size] of scales.entries()) {
    for (; at < size; at += 1) count += isOdd[places[at]!]!;
    const here = surprise[scale]![count]!;
    if (here > value) {
      value = here;
      best = scale;
    }
  }
  return { value, scale: best };
}

function shuffle(values: Uint8Array, rng: () => number): void {
  for (let i = values.length - 1; i > 0; i -= 1) {
    const j = Math.floor(rng() * (i + 1));
    const kept = values[i]!;
    values[i] = values[j]!;
    values[j] = kept;
  }
}

/** Odd places that the neighbourhoods of the cores join. */
function linked(
  cores: readonly { readonly place: number; readonly neighbours: number }[],
  near: readonly Neighbourhood[],
  odds: number,
): number[][] {
  const groupOf = new Map<number, Set<number>>();
  for (const { place, neighbours } of cores) {
    const joined = new Set([
      place,
      ...near[place]!.places.slice(0, neighbours).filter((other) => other < odds),
    ]);
    for (const member of [...joined]) for (const other of groupOf.get(member) ?? []) joined.add(other);
    for (const member of joined) groupOf.set(member, joined);
  }
  return [...new Set(groupOf.values())].map((members) => [...members]);
}
