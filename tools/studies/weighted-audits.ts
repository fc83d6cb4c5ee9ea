import { DEFAULT_SETTINGS, type GateSettings, liveUpper, startGate, step } from '@selvedge/core';
import { median, round, uniforms } from '../studies-kit/score-pools.js';

/**
 * How many units pass until the audits alone prove the budget: audits drawn alike (3 %) against audits weighted by the
 * score after the first bad one (2 % / 12 %), through the gate's own `step`. The true rate of the accepted units is a
 * share of the budget, and their bad units crowd in the tenth closest to the threshold or lie evenly.
 */
const ALPHA = 0.005;
const NEAR_SHARE = 0.1;
const [FAR, CUT, NEAR, THRESHOLD] = [0.1, 0.4, 0.45, 0.5];
const RATIOS = [0, 0.2, 0.4, 0.6];
/** Share of the bad units that lie in the near tenth. */
const CROWDS = [
  { name: 'all near the threshold', nearBad: 1 },
  { name: 'nine in ten near it', nearBad: 0.9 },
  { name: 'even', nearBad: NEAR_SHARE },
];
const LONGEST = 400_000;

interface Drawn {
  readonly ratio: number;
  readonly nearBad: number;
  readonly seed: number;
  readonly settings: Partial<GateSettings>;
}

/** Accepted units until the live bound lies within the budget; `LONGEST` where it never did. */
const unitsToProve = ({ ratio, nearBad, seed, settings }: Drawn): number => {
  const uniform = uniforms(seed);
  let state = startGate(
    {
      budget: { escapeRate: ALPHA, overkillRate: 0, confidence: 0.95, contract: 'per-pass' },
      signedBy: 'study',
      reason: 'weighted audits',
      safety: false,
      plannedUnits: 1,
      rampThreshold: null,
      scope: 'study',
      settings: { ...DEFAULT_SETTINGS, ...settings },
    },
    { atMs: 0 },
  );
  const accept = { threshold: THRESHOLD, upper: ALPHA, delta: 0.025, test: 'assumed', auditCut: CUT };
  state = step(state, { type: 'certificate', atMs: 0, n: 1, bads: 1, accept, reject: null }).state;
  const rate = ratio * ALPHA;
  const nearRate = (rate * nearBad) / NEAR_SHARE;
  const farRate = (rate * (1 - nearBad)) / (1 - NEAR_SHARE);
  for (let unit = 1; unit <= LONGEST; unit += 1) {
    const near = uniform() < NEAR_SHARE;
    const bad = uniform() < (near ? nearRate : farRate);
    const next = step(state, {
      type: 'unit',
      unitId: 'u',
      atMs: 0,
      score: near ? NEAR : FAR,
      draw: uniform(),
      pLevel: null,
      pSpread: null,
      scope: 'study',
      lot: null,
    });
    state = next.state;
    const [decision] = next.effects;
    if (decision?.type !== 'decide' || !decision.audit) continue;
    state = step(state, { type: 'answer', unitId: 'u', atMs: 0, bad, blind: true }).state;
    if (liveUpper(state) <= ALPHA) return unit;
  }
  return LONGEST;
};

/** Runs the study: 60 runs a cell by default; both ways of drawing see the same seeds. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const { seed, runs = 60, progress } = options;
  // What raises the audits would hide which way of drawing proves sooner.
  const still = { boostAudits: 0, harmWatch: 1e9, harmClose: 1e12 };
  const designs = [
    { name: 'alike', settings: still },
    { name: 'weighted', settings: { ...still, weightedAudits: true } },
  ];
  const cells: object[] = [];
  const total = CROWDS.length * RATIOS.length * runs;
  for (const [crowd, { name, nearBad }] of CROWDS.entries()) {
    for (const [index, ratio] of RATIOS.entries()) {
      const units = designs.map(() => [] as number[]);
      for (let i = 0; i < runs; i += 1) {
        const cell = crowd * RATIOS.length + index;
        designs.forEach(({ settings }, d) => {
          units[d]?.push(
            unitsToProve({ ratio, nearBad, seed: (seed + cell * 1_000_003 + i * 7919) >>> 0, settings }),
          );
        });
        progress((cell * runs + i + 1) / total, `${name}, ${ratio} of the budget`);
      }
      const [alike = [], weighted = []] = units;
      const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
      cells.push({
        badUnits: name,
        rateOverBudget: ratio,
        alike: { meanUnits: Math.round(mean(alike)), medianUnits: median(alike) },
        weighted: { meanUnits: Math.round(mean(weighted)), medianUnits: median(weighted) },
        meanRatio: round(mean(weighted) / mean(alike)),
        medianRatio: round(median(weighted) / median(alike)),
        neverProved: designs.map(({ name: design }, d) => ({
          design,
          runs: (units[d] ?? []).filter((one) => one >= LONGEST).length,
        })),
      });
    }
  }
  return {
    what: 'accepted units until the live bound lies within the budget; audits alike 3 %, weighted 2 % / 12 %',
    alpha: ALPHA,
    longest: LONGEST,
    runs,
    cells,
  };
}
