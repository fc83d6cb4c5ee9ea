/** A float32 value of a network that holds a vector for each cell of the picture, and how it lies. */
export interface FeatureMap {
  readonly name: string;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** [n, channels, rows, columns]; [n, rows, columns, channels]; or [n, skip + rows * columns, channels]. */
  readonly layout: 'channels-first' | 'channels-last' | 'tokens';
  /** Tokens in front that stand for no cell (class token, registers). */
  readonly skip: number;
}

/** A feature map that may be chosen; `sum` = it adds two values that follow the picture, as residual blocks end. */
export type Candidate = FeatureMap & { readonly sum: boolean };

/** Tokens in front of those of the cells, at most: a class token and four registers. */
const MOST_SKIPPED = 5;

/**
 * Reads the shape of a value for `pictures` pictures of `height` x `width` as a feature map: of rank 4 where two
 * neighbouring axes part the picture alike, of rank 3 where the middle axis does with up to five tokens in front;
 * else null.
 */
export function asFeatureMap(
  name: string,
  dims: readonly number[],
  { pictures, height, width }: { pictures: number; height: number; width: number },
): FeatureMap | null {
  const [n, a = 0, b = 0, c = 0] = dims;
  if (n !== pictures) return null;
  // Networks without padding lose a cell or two at the rim.
  const alike = (rows: number, columns: number): boolean =>
    rows > 1 && columns > 1 && Math.abs(rows - (columns * height) / width) <= 1;
  const map = (layout: FeatureMap['layout'], channels: number, rows: number, columns: number, skip = 0) =>
    ({ name, channels, rows, columns, layout, skip }) as const;
  if (dims.length === 4 && alike(b, c)) return map('channels-first', a, b, c);
  if (dims.length === 4 && alike(a, b)) return map('channels-last', c, a, b);
  if (dims.length !== 3) return null;
  for (let skip = 0; skip <= MOST_SKIPPED; skip++) {
    const rows = Math.round(Math.sqrt(((a - skip) * height) / width));
    const columns = (a - skip) / rows;
    const fits = Number.isInteger(columns) && Math.abs(rows - (columns * height) / width) < 0.5;
    if (fits && alike(rows, columns)) return map('tokens', b, rows, columns, skip);
  }
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
