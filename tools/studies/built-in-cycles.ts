import { openCycles, type Step } from '@selvedge/cli';
import { binomialLimit, binomialLower, binomialUpper } from '@selvedge/core';
import { replay } from '@selvedge/site';

/**
 * What the gate makes of the simulated cycles over many seeds: how often it opens, what it passes, whether the stream
 * keeps the budget, and how often it closes although the process has no drift beyond its own lots, tools and days.
 */
const OPTIONS = {
  recipe: 'auto',
  escape: 0.005,
  overkill: 0,
  contract: 'per-unit',
  confidence: 0.95,
  independentUnits: false,
  groupRule: null,
  origin: 'simulated',
  command: 'selvedge study built-in-cycles',
  version: 'study',
  commit: null,
} as const;

interface Row {
  readonly seed: number;
  readonly auc: number | null;
  readonly bad: number;
  readonly opened: boolean;
  readonly state: string;
  readonly reason: string;
  readonly automaticShare: number;
  readonly escapes: number;
  readonly units: number;
  readonly reduction: number;
  readonly observation: string;
  readonly closings: readonly string[];
  readonly seconds: number;
}

async function runSeed(seed: number): Promise<Row> {
  const startedAt = performance.now();
  const main = await openCycles(seed);
  try {
    const { document, evidence } = await replay(
      { main, calibrate: null, stream: null },
      { ...OPTIONS, seed },
    );
    const { stream, gate, interventions, counts } = document;
    return {
      seed,
      auc: document.model.auc,
      bad: counts.calibrate.bad / (counts.calibrate.bad + counts.calibrate.good),
      opened: gate.certificate !== null,
      state: gate.state,
      reason: gate.reason,
      automaticShare: stream.automaticShare,
      escapes: stream.escapes,
      units: stream.units,
      reduction: interventions.reduction,
      observation: evidence.drift.unitOfObservation,
      closings: stream.transitions.filter((t) => t.to === 'closed').map((t) => `${t.unit}: ${t.why}`),
      seconds: Math.round((performance.now() - startedAt) / 1000),
    };
  } finally {
    await main.close();
  }
}

/** One row a seed from `seed` on; `runs` of them, 20 in full. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
  readonly step: Step;
}): Promise<object> {
  const { seed, runs = 20, progress, step } = options;
  const rows: Row[] = [];
  for (let r = 0; r < runs; r++) {
    rows.push(await step(`seed-${seed + r}`, () => runSeed(seed + r)));
    progress((r + 1) / runs, JSON.stringify(rows.at(-1)));
  }
  const count = (which: (row: Row) => boolean) => {
    const n = rows.filter(which).length;
    return { n, of: runs, interval: [binomialLower(n, runs, 0.025), binomialUpper(n, runs, 0.025)] };
  };
  return {
    origin: 'simulated',
    budget: OPTIONS.escape,
    rows,
    opened: count((row) => row.opened),
    closedWithoutDrift: count((row) => row.closings.length > 0),
    // Escapes come in clusters, so the binomial limit is a lenient yardstick and the mean over seeds the sterner one.
    aboveBudget: count((row) => row.escapes > OPTIONS.escape * row.units),
    aboveBinomialLimit: count((row) => row.escapes > binomialLimit(row.units, OPTIONS.escape, 0.95)),
    escapesOverBudget:
      rows.reduce((sum, row) => sum + row.escapes / (OPTIONS.escape * row.units), 0) / Math.max(1, runs),
    auc: quantiles(rows.map((row) => row.auc ?? Number.NaN)),
    automaticShare: quantiles(rows.map((row) => row.automaticShare)),
    reduction: quantiles(rows.map((row) => row.reduction)),
  };
}

/** Smallest, 10 %, median, 90 % and largest. */
function quantiles(values: readonly number[]): Record<string, number> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p: number) => sorted[Math.round(p * (sorted.length - 1))]!;
  return { smallest: at(0), q10: at(0.1), median: at(0.5), q90: at(0.9), largest: at(1) };
}
