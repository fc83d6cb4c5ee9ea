import type { Role } from './role.js';

/** A unit that nobody has judged, and that could be asked about. */
export interface Askable {
  readonly role: Role;
  /** Higher = worse; what is no finite number teaches nothing here and comes last. */
  readonly score: number;
  /** Calibrated probability of bad, 0..1 (`calibrated`). */
  readonly probability: number;
  /** Place in feature space, all of one length; null = not known. */
  readonly feature: ArrayLike<number> | null;
  /** Questions already asked close to it, answered or not. */
  readonly askedNearby: number;
}

/** Why a unit stands where it stands. */
export interface Asked {
  /** Index into the units that were handed in. */
  readonly index: number;
  readonly why: 'teaches' | 'explores';
}

/**
 * The order in which unlabelled units of role training teach most (rule LN-6) [H]. A question is worth
 * `uncertainty x closeness x novelty`: p (1 - p) of the calibrated probability, halved for each question asked nearby;
 * 1 / (1 + (d / scale)^2) of the distance d to the certified threshold, where `scale` is the middle distance; and the
 * distance to what is labelled or stands earlier in this order, over its middle one, at most 1. Each place of the order is
 * given with chance `explore` to a unit drawn in proportion to its squared distance from all of those instead: what lies
 * apart is seen although the model is sure of it, and what it is sure of and wrong about is what costs escapes.
 * (Uncertainty: Settles 2009, section 3; batches that spread: Sener and Savarese 2018; draws by squared distance: Arthur
 * and Vassilvitskii 2007.)
 *
 * Units of role evidence are never in the answer, whatever is handed in: a model must not choose what proves it.
 *
 * @param units those that could be asked about, in any order.
 * @param options.threshold accept threshold of the certificate, or where one is expected; null = closeness is left out.
 * @param options.labelled places in feature space of units that are judged already.
 * @param options.count length of the order at most.
 * @param options.explore chance of each place to be drawn, 0..1; .25 by default.
 * @param options.rng independent uniforms on [0, 1).
 * @throws RangeError where `explore` lies outside [0, 1].
 */
export const teachingOrder = (
  units: readonly Askable[],
  {
    threshold,
    labelled,
    count,
    explore = 0.25,
    rng,
  }: {
    readonly threshold: number | null;
    readonly labelled: readonly ArrayLike<number>[];
    readonly count: number;
    readonly explore?: number;
    readonly rng: () => number;
  },
): Asked[] => {
  if (!(explore >= 0 && explore <= 1)) throw new RangeError(`explore must lie in [0, 1], got ${explore}`);
  const open = units.flatMap(({ role }, index) => (role === 'training' ? [index] : []));
  const worth = worthOf(units, open, threshold);
  const novelty = new Novelty(units, open, labelled);
  const order: Asked[] = [];
  while (order.length < count && open.length > 0) {
    const explores = rng() < explore;
    const at = explores
      ? drawn(open, (index) => novelty.squareOf(index), rng)
      : open.reduce((best, index, place) => {
          const value = worth[index]! * novelty.of(index);
          const known = worth[open[best]!]! * novelty.of(open[best]!);
          return value > known ? place : best;
        }, 0);
    const [index] = open.splice(at, 1) as [number];
    order.push({ index, why: explores ? 'explores' : 'teaches' });
    novelty.taken(index, open);
  }
  return order;
};

/** By index; 0 for what is not open. */
function worthOf(units: readonly Askable[], open: readonly number[], threshold: number | null): Float64Array {
  const distanceOf = (index: number): number =>
    threshold === null ? 0 : Math.abs(units[index]!.score - threshold);
  const scale = middle(open.map(distanceOf).filter(Number.isFinite));
  const worth = new Float64Array(units.length);
  for (const index of open) {
    const { probability, askedNearby } = units[index]!;
    const distance = distanceOf(index);
    const closeness = distance === 0 ? 1 : 1 / (1 + (distance / scale) ** 2);
    const value = probability * (1 - probability) * closeness * 2 ** -askedNearby;
    worth[index] = Number.isFinite(value) ? value : 0;
  }
  return worth;
}

/** Distance of each open unit to the closest one that is labelled or taken. */
class Novelty {
  readonly #units: readonly Askable[];
  readonly #closest = new Map<number, number>();
  #scale = 1;

  constructor(units: readonly Askable[], open: readonly number[], labelled: readonly ArrayLike<number>[]) {
    this.#units = units;
    for (const index of open) {
      const feature = units[index]!.feature;
      if (feature === null) continue;
      const closest = labelled.reduce((least, place) => Math.min(least, distance(feature, place)), Infinity);
      this.#closest.set(index, closest);
    }
    const known = [...this.#closest.values()].filter(Number.isFinite);
    this.#scale = known.length > 0 ? middle(known) : spreadOf(open.map((index) => units[index]!.feature));
  }

  /** 0..1; 1 where nothing is known. */
  of(index: number): number {
    const closest = this.#closest.get(index);
    if (closest === undefined) return 1;
    return this.#scale === 0 ? Math.min(1, Math.sign(closest)) : Math.min(1, closest / this.#scale);
  }

  /** What a draw that explores goes by: the square of the distance; the same for all where nothing is known. */
  squareOf(index: number): number {
    const closest = this.#closest.get(index);
    return closest === undefined || !Number.isFinite(closest) ? this.#scale ** 2 || 1 : closest * closest;
  }

  taken(index: number, open: readonly number[]): void {
    const place = this.#units[index]!.feature;
    if (place === null) return;
    for (const other of open) {
      const feature = this.#units[other]!.feature;
      if (feature === null) continue;
      this.#closest.set(other, Math.min(this.#closest.get(other)!, distance(feature, place)));
    }
  }
}

/** A place of the list, drawn with chance in proportion to its mass; alike where nothing has any. */
function drawn(open: readonly number[], massOf: (index: number) => number, rng: () => number): number {
  const total = open.reduce((sum, index) => sum + massOf(index), 0);
  const u = rng();
  if (total === 0) return Math.floor(u * open.length);
  let left = u * total;
  // The last one has what is left of the mass, rounding included.
  const at = open.slice(0, -1).findIndex((index) => {
    left -= massOf(index);
    return left < 0;
  });
  return at === -1 ? open.length - 1 : at;
}

/** Middle distance between neighbours of the list: a scale where nothing is labelled yet. */
function spreadOf(features: readonly (ArrayLike<number> | null)[]): number {
  const places = features.filter((feature) => feature !== null);
  return middle(places.slice(1).map((place, i) => distance(place, places[i]!)));
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < a.length; i += 1) squares += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(squares);
}

function middle(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}
