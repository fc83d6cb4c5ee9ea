import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Step } from '@selvedge/cli';
import { areaUnderCurve, createRandom, type FitUnit, fitImage, openScorer } from '@selvedge/models';

/**
 * Magnetic tiles: novelty and labels on tiles that the fit has not seen, and what a random split would have
 * claimed. A tile is a run of file numbers without a gap above 100.
 */
const FIT_SHARE = 0.3;

const folder = (): string =>
  `${process.env.SELVEDGE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))}/magnetic-tile/images`;

export const magneticTilesAreHere = (): boolean => existsSync(folder());

interface Tile extends FitUnit {
  readonly group: string;
}

/** Reads the names alone: the pictures stay in their files. */
export function readTiles(): Tile[] {
  const root = folder();
  const files = readdirSync(root)
    .flatMap((label) =>
      readdirSync(`${root}/${label}`).map((name) => ({
        label,
        path: `${root}/${label}/${name}`,
        number: Number(/num_(\d+)/.exec(name)?.[1]),
      })),
    )
    .sort((a, b) => a.number - b.number);
  let tile = 0;
  return files.map(({ label, path, number }, i) => {
    if (i > 0 && number - files[i - 1]!.number > 100) tile++;
    return { id: path, label, group: `tile-${tile}`, observation: { kind: 'image', source: path } };
  });
}

/** Held-out AUC of novelty (good pictures alone), novelty on a random split, and supervised, one row a seed. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly share?: number;
  readonly progress: (done: number, what: string) => void;
  readonly step: Step;
}): Promise<object> {
  const { seed, runs = 10, share = FIT_SHARE, progress, step } = options;
  const all = readTiles();
  const rows: {
    seed: number;
    fit: number;
    heldOut: number;
    novelty: number;
    supervised: number;
    random: number;
  }[] = [];
  for (let r = 0; r < runs; r++) {
    const own = seed + r;
    const byTile = splitBy(all, (unit) => unit.group, share, own);
    const byPicture = splitBy(all, (unit) => unit.id, share, own);
    const novelty = await step(`novelty-${own}`, () => heldOutAuc(byTile, 'novelty', own));
    const supervised = await step(`supervised-${own}`, () => heldOutAuc(byTile, 'supervised', own));
    const random = await step(`random-${own}`, () => heldOutAuc(byPicture, 'novelty', own));
    rows.push({
      seed: own,
      fit: byTile.fit.length,
      heldOut: byTile.rest.length,
      novelty,
      supervised,
      random,
    });
    progress((r + 1) / runs, JSON.stringify(rows.at(-1)));
  }
  return {
    what: 'demand: mean novelty AUC by tile >= 0.85, supervised not below novelty by more than its paired 95 % interval',
    fitShare: share,
    pictures: all.length,
    tiles: new Set(all.map((unit) => unit.group)).size,
    rows,
    novelty: summary(rows.map((row) => row.novelty)),
    supervised: summary(rows.map((row) => row.supervised)),
    supervisedMinusNovelty: summary(rows.map((row) => row.supervised - row.novelty)),
    randomSplitWouldClaim: summary(rows.map((row) => row.random)),
  };
}

function splitBy(units: readonly Tile[], key: (unit: Tile) => string, share: number, seed: number) {
  const keys = [...new Set(units.map(key))];
  createRandom(seed).shuffle(keys);
  const chosen = new Set(keys.slice(0, Math.round(share * keys.length)));
  return {
    fit: units.filter((unit) => chosen.has(key(unit))),
    rest: units.filter((unit) => !chosen.has(key(unit))),
  };
}

async function heldOutAuc(
  { fit, rest }: { fit: readonly Tile[]; rest: readonly Tile[] },
  recipe: 'novelty' | 'supervised',
  seed: number,
): Promise<number> {
  // Novelty sees good pictures alone: bad ones would only choose its pool.
  const units = recipe === 'novelty' ? fit.filter((unit) => unit.label === 'good') : fit;
  const model = await fitImage(units, { recipe, seed });
  const scorer = await openScorer(model);
  try {
    const said = await scorer.score(rest.map((unit) => unit.observation));
    return areaUnderCurve(
      said.map(({ score }) => score),
      rest.map((unit) => (unit.label === 'good' ? 0 : 1)),
    );
  } finally {
    await scorer[Symbol.asyncDispose]();
  }
}

/** Mean and its 95 % interval over the seeds (normal; seeds share pictures, so it is narrower than the truth). */
function summary(values: readonly number[]): { mean: number; low: number; high: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const half = 1.96 * Math.sqrt(variance / values.length);
  return { mean, low: mean - half, high: mean + half };
}
