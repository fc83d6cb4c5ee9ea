import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Real scores of two data sets, resampled at a fixed share of bad units: the true risk of a threshold is known. */
export interface ScorePool {
  readonly data: string;
  readonly badRate: number;
  readonly bad: readonly number[];
  readonly good: readonly number[];
}

const POOLS = [
  { data: 'tiles', file: 'pool-tiles.csv', badRate: 0.05 },
  { data: 'ai4i', file: 'pool-ai4i.csv', badRate: 0.0339 },
] as const;

/** Breaks the ties of the pools; far below any difference that matters. */
const JITTER = 1e-6;

export async function readScorePools(): Promise<ScorePool[]> {
  const folder =
    process.env.SELVEDGE_VECTORS ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
  return Promise.all(
    POOLS.map(async ({ data, file, badRate }) => {
      const rows = (await readFile(`${folder}/${file}`, 'utf8')).trim().split('\n').slice(1);
      const of = (label: string): number[] =>
        rows.filter((row) => row.endsWith(`,${label}`)).map((row) => Number(row.slice(0, row.indexOf(','))));
      return { data, badRate, bad: of('bad'), good: of('good') };
    }),
  );
}

/** mulberry32: seeded uniforms on [0, 1). */
export function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface PoolUnit {
  readonly score: number;
  readonly bad: boolean;
}

/** One unit; `hidden` is the share of the bad units that look good. Four draws a unit, whatever comes out. */
export function drawUnit(pool: ScorePool, hidden: number, uniform: () => number): PoolUnit {
  const bad = uniform() < pool.badRate;
  const looksGood = uniform() < hidden;
  const members = bad && !looksGood ? pool.bad : pool.good;
  const member = members[Math.floor(uniform() * members.length)] ?? 0;
  return { score: member + uniform() * JITTER, bad };
}

/** Mean with a two-sided 95 % normal interval. */
export function meanInterval(values: readonly number[]): {
  mean: number;
  interval: [number, number];
  largest: number;
} {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = 1.96 * Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
  return {
    mean: round(mean),
    interval: [round(mean - half), round(mean + half)],
    largest: round(Math.max(...values)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.POSITIVE_INFINITY;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

export const round = (value: number): number => Math.round(value * 1e4) / 1e4;
