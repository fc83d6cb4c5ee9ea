/** A rank-4 float32 value of a network and how its map lies. */
export interface FeatureMap {
  readonly name: string;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** Channels last, [n, rows, columns, channels]. */
  readonly channelsLast: boolean;
}

/** A feature map that may be chosen; `sum` = it adds two values that follow the picture, as residual blocks end. */
export type Candidate = FeatureMap & { readonly sum: boolean };

/**
 * Reads the shape of a value as a feature map of a picture of `height` x `width`: [n, c, rows, columns] where rows
 * and columns part the picture alike, else [n, rows, columns, c]; null where neither does.
 */
export function asFeatureMap(
  name: string,
  dims: readonly number[],
  { height, width }: { height: number; width: number },
): FeatureMap | null {
  const [, a = 0, b = 0, c = 0] = dims;
  // Networks without padding lose a cell or two at the rim.
  const alike = (rows: number, columns: number): boolean =>
    rows > 1 && columns > 1 && Math.abs(rows - (columns * height) / width) <= 1;
  if (dims.length !== 4) return null;
  if (alike(b, c)) return { name, channels: a, rows: b, columns: c, channelsLast: false };
  if (alike(a, b)) return { name, channels: c, rows: a, columns: b, channelsLast: true };
  return null;
}

const side = ({ rows, columns }: FeatureMap): number => Math.sqrt(rows * columns);

/** Cells, each way, of the grid on which a map is laid: `cells` times a power of two, the nearest of four. */
export function gridFor(map: FeatureMap, cells: number): number {
  return cells * 2 ** Math.min(2, Math.max(-1, Math.round(Math.log2(side(map) / cells))));
}

/**
 * The feature maps of a network that suit a grid of `cells` x `cells` patches: one whose map is nearest to that size
 * and, where there is one, one of about twice it. Of the maps of one size the last sum is taken, which in networks
 * of residual blocks is what a block hands on (few channels, no half of them cut off); without sums the last map,
 * just before the network halves its resolution. Maps below half the grid or above four times it are left out.
 * `maps` in the order of the network.
 */
export function chooseTaps(maps: readonly Candidate[], cells: number): FeatureMap[] {
  const off = (map: FeatureMap, target: number): number => Math.abs(Math.log2(side(map) / target));
  const best = (some: readonly Candidate[], target: number): FeatureMap | undefined => {
    const least = some.reduce((min, map) => Math.min(min, off(map, target)), Number.POSITIVE_INFINITY);
    const nearest = some.filter((map) => off(map, target) === least);
    return nearest.findLast(({ sum }) => sum) ?? nearest.at(-1);
  };
  const fit = maps.filter((map) => side(map) >= cells / 2 && side(map) <= cells * 4);
  const coarse = best(fit, cells);
  if (coarse === undefined) return [];
  const finer = fit.filter((map) => off(map, 2 * cells) < 0.5 && side(map) > side(coarse));
  const fine = best(finer, 2 * cells);
  return fine === undefined ? [coarse] : [coarse, fine];
}
