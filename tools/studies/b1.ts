import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  binomialUpper,
  certifyPerPass,
  certifyPerUnit,
  fallbackStarts,
  separateStarts,
} from '@selvedge/core';

/**
 * B1: automatic share that a certificate gives on real score pools, ours beside the best setting of a peer.
 * The population is a pool resampled (tiles at 5 % bad), so the true share and risk of a threshold are known. The peer's
 * figures were made once from the very same samples (same generator, seed and runs) and are kept as numbers.
 */
const DELTA = 0.05;
const JITTER = 1e-6;
const POOLS = [
  { data: 'tiles', file: 'pool-tiles.csv', badRate: 0.05 },
  { data: 'ai4i', file: 'pool-ai4i.csv', badRate: 0.0339 },
] as const;
const REPOSITORY = new URL('../../', import.meta.url);

interface Pool {
  readonly badRate: number;
  readonly bad: Float64Array;
  readonly good: Float64Array;
}

interface PeerCell {
  readonly data: string;
  readonly alpha: number;
  readonly n: number;
  readonly best: string;
  readonly settings: Readonly<
    Record<string, { readonly share: number; readonly se: number; readonly violations: number }>
  >;
}

interface Peer {
  readonly program: string;
  readonly seed: number;
  readonly runs: number;
  readonly cells: readonly PeerCell[];
}

const readPool = async (file: string, badRate: number): Promise<Pool> => {
  const folder = process.env.SELVEDGE_VECTORS ?? fileURLToPath(new URL('../shared/vectors', REPOSITORY));
  const rows = (await readFile(`${folder}/${file}`, 'utf8')).trim().split('\n').slice(1);
  const scoresOf = (label: string): Float64Array =>
    Float64Array.from(
      rows.filter((row) => row.endsWith(`,${label}`)).map((row) => Number(row.split(',')[0])),
    );
  return { badRate, bad: scoresOf('bad'), good: scoresOf('good') };
};

/** mulberry32; the peer's samples were drawn by the same rule. */
const uniforms = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** Three draws a unit: class, member of the pool, jitter. */
const sample = (pool: Pool, n: number, seed: number): { scores: Float64Array; bad: Uint8Array } => {
  const uniform = uniforms(seed);
  const scores = new Float64Array(n);
  const bad = new Uint8Array(n);
  for (let i = 0; i < n; i += 1) {
    bad[i] = uniform() < pool.badRate ? 1 : 0;
    const members = bad[i] === 1 ? pool.bad : pool.good;
    scores[i] = members[Math.floor(uniform() * members.length)]! + uniform() * JITTER;
  }
  return { scores, bad };
};

/** True share of a population (members ascending) with score <= threshold and the true escape rates there. */
const truthAt = (
  population: Pool,
  threshold: number,
): { share: number; perUnit: number; perPass: number } => {
  // Members are sorted: all at least one jitter below the threshold count fully, the few in the last jitter in part.
  const below = (members: Float64Array): number => {
    let low = 0;
    let high = members.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (members[middle]! + JITTER <= threshold) low = middle + 1;
      else high = middle;
    }
    let sum = low;
    for (let i = low; i < members.length && members[i]! < threshold; i += 1)
      sum += (threshold - members[i]!) / JITTER;
    return sum / members.length;
  };
  const perUnit = population.badRate * below(population.bad);
  const share = perUnit + (1 - population.badRate) * below(population.good);
  return { share, perUnit, perPass: share > 0 ? perUnit / share : 0 };
};

/** Share of the largest threshold that keeps the budget, if the truth were known. */
const oracle = (population: Pool, alpha: number): { perPass: number; perUnit: number } => {
  const best = { perPass: 0, perUnit: 0 };
  for (const score of [...population.bad, ...population.good]) {
    const truth = truthAt(population, score + JITTER);
    if (truth.perPass <= alpha) best.perPass = Math.max(best.perPass, truth.share);
    if (truth.perUnit <= alpha) best.perUnit = Math.max(best.perUnit, truth.share);
  }
  return best;
};

/** Selection with guaranteed risk (Geifman and El-Yaniv 2017, algorithm 1): a binary search, delta over its steps. */
const guaranteedRisk = (scores: Float64Array, bad: Uint8Array, alpha: number): number | null => {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const cumulative = new Int32Array(order.length);
  let k = 0;
  order.forEach((unit, rank) => {
    k += bad[unit]!;
    cumulative[rank] = k;
  });
  const steps = Math.ceil(Math.log2(order.length));
  let low = 1;
  let high = order.length;
  let threshold: number | null = null;
  for (let step = 0; step < steps; step += 1) {
    const accepted = Math.ceil((low + high) / 2);
    if (binomialUpper(cumulative[accepted - 1]!, accepted, DELTA / steps) <= alpha) {
      threshold = scores[order[accepted - 1]!]!;
      low = accepted;
    } else high = accepted - 1;
    if (low >= high) break;
  }
  return threshold;
};

type Method = 'perUnit' | 'perPass' | 'perPassFirstRule' | 'guaranteedRisk';
const METHODS: readonly Method[] = ['perUnit', 'perPass', 'perPassFirstRule', 'guaranteedRisk'];

const certify = (
  method: Method,
  data: { scores: Float64Array; bad: Uint8Array },
  alpha: number,
): number | null => {
  const options = { ...data, alpha, delta: DELTA };
  switch (method) {
    case 'perUnit':
      return certifyPerUnit(options).threshold;
    case 'perPass':
      return certifyPerPass({ ...options, rule: fallbackStarts }).threshold;
    case 'perPassFirstRule':
      return certifyPerPass({ ...options, rule: separateStarts, resolution: 'grid' }).threshold;
    case 'guaranteedRisk':
      return guaranteedRisk(data.scores, data.bad, alpha);
  }
};

const summary = (shares: readonly number[], violations: number) => {
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance =
    shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / Math.max(1, shares.length - 1);
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  return { share: round(mean), se: round(Math.sqrt(variance / shares.length)), violations };
};

/** Runs the study. 1,000 runs a cell by default; with seed 1 and 1,000 runs every cell is paired with the peer's. */
export const run = async (options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> => {
  const { seed, runs = 1000, progress } = options;
  const peerFile = new URL('packages/core/test/vectors/peer-b1.json', REPOSITORY);
  const peer = JSON.parse(await readFile(peerFile, 'utf8')) as Peer;
  const pools = new Map(
    await Promise.all(
      POOLS.map(async ({ data, file, badRate }) => [data, await readPool(file, badRate)] as const),
    ),
  );
  const rows: object[] = [];
  let worst = Number.POSITIVE_INFINITY;
  for (const [index, cell] of peer.cells.entries()) {
    const pool = pools.get(cell.data as 'tiles' | 'ai4i')!;
    // Samples are drawn in file order; the truth is looked up in ascending order.
    const population: Pool = { ...pool, bad: pool.bad.toSorted(), good: pool.good.toSorted() };
    const shares = new Map<Method, number[]>(METHODS.map((method) => [method, []]));
    const violations = new Map<Method, number>(METHODS.map((method) => [method, 0]));
    for (let i = 0; i < runs; i += 1) {
      const data = sample(pool, cell.n, (seed + i * 7919) >>> 0);
      for (const method of METHODS) {
        const threshold = certify(method, data, cell.alpha);
        const truth = threshold === null ? null : truthAt(population, threshold);
        shares.get(method)!.push(truth?.share ?? 0);
        const rate = method === 'perUnit' ? truth?.perUnit : truth?.perPass;
        if ((rate ?? 0) > cell.alpha) violations.set(method, violations.get(method)! + 1);
      }
      if (i % 20 === 19)
        progress((index + (i + 1) / runs) / peer.cells.length, `${cell.data} ${cell.alpha} n=${cell.n}`);
    }
    const ours = Object.fromEntries(METHODS.map((m) => [m, summary(shares.get(m)!, violations.get(m)!)]));
    const best = cell.settings[cell.best]!;
    const lead = ours.perPass!.share - best.share;
    worst = Math.min(worst, lead);
    rows.push({
      data: cell.data,
      alpha: cell.alpha,
      n: cell.n,
      oracle: oracle(population, cell.alpha),
      ...ours,
      peerBest: { setting: cell.best, ...best },
      lead: Math.round(lead * 1e4) / 1e4,
    });
  }
  return {
    what: 'automatic share at delta .05; perPass must be at least peerBest in every cell',
    peer: peer.program,
    runs,
    paired: seed === peer.seed && runs === peer.runs,
    cells: rows,
    smallestLead: Math.round(worst * 1e4) / 1e4,
    reached: worst >= 0,
  };
};
