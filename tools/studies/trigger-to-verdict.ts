import { cpus } from 'node:os';
import type { Step } from '../../packages/cli/src/index.js';
import { timeScoring } from '../studies-kit/scoring-time.js';
import { type Told, TriggeredSite } from '../studies-kit/triggered-site.js';

const TRIGGERS = 600;
/** Triggers of one site and one echo: a part of the study that a stopped run does not repeat. */
const PER_PART = 150;
const SCORINGS = 300;
const MOST_RATIO = 1.5;
/** Triggers that no echo answers, one after the other: it is broken, and there is nothing to compare with. */
const MOST_LOST = 3;

interface Part {
  readonly echoMs: readonly number[];
  readonly siteMs: readonly number[];
  readonly toPeople: number;
  readonly lostEchoes: number;
  /** Neither told nor asked of a person within five seconds. */
  readonly untold: number;
  readonly toGate: number;
}

/**
 * From the equipment's trigger to the verdict that it is told, in milliseconds: through a whole site whose gate decides
 * alone, against a bare echo of the same connector in the same run, in turns whose order and pauses are drawn. Scores
 * arrive with the unit, so that no scoring is in either; it is timed apart, on the trace of a seam. `runs` is the number
 * of triggers of each.
 */
export async function run({
  seed,
  runs: triggers = TRIGGERS,
  progress,
  step,
}: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
  readonly step: Step;
}): Promise<object> {
  const parts: Part[] = [];
  const count = Math.ceil(triggers / PER_PART);
  for (let n = 0; n < count; n++) {
    const wanted = Math.min(PER_PART, triggers - n * PER_PART);
    const told = (done: number, what: string) => progress((n + done) / count, what);
    parts.push(await step(`part ${n}`, () => onePart(seed * 1000 + n, wanted, told)));
  }
  const scoringMs = await step('scoring', () => timeScoring(SCORINGS));
  const [echo, site] = [parts.flatMap(({ echoMs }) => echoMs), parts.flatMap(({ siteMs }) => siteMs)];
  const [echoes, through, scoring] = [quantiles(echo), quantiles(site), quantiles(scoringMs)];
  const sum = (of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return {
    what: `demand: p99 from trigger to written verdict at most ${MOST_RATIO} x a bare echo of the same stack in the same run, scoring apart`,
    // Of 20 ms that the client asks for, the server's library makes 50: its fastest.
    publishMs: { asked: 20, given: 50 },
    ...{ triggers: site.length, echoes: echo.length, cores: cpus().length },
    toPeople: sum(({ toPeople }) => toPeople),
    lostEchoes: sum(({ lostEchoes }) => lostEchoes),
    untold: sum(({ untold }) => untold),
    unitsToOpenTheGates: parts.map(({ toGate }) => toGate),
    ...{ echoMs: echoes, siteMs: through, scoringMs: scoring },
    ratio: { p50: ratio(through.p50, echoes.p50), p90: ratio(through.p90, echoes.p90) },
    p99Ratio: ratio(through.p99, echoes.p99),
    reached: through.p99 <= MOST_RATIO * echoes.p99,
  };
}

async function onePart(
  seed: number,
  triggers: number,
  progress: (done: number, what: string) => void,
): Promise<Part> {
  const site = await TriggeredSite.open(seed);
  try {
    const toGate = await site.openGate((unit) => progress(0, `opening the gate, unit ${unit}`));
    const part = { echoMs: [] as number[], siteMs: [] as number[] };
    let [toPeople, lostEchoes, untold, lostInARow] = [0, 0, 0, 0];
    const take = (of: 'echo' | 'site', told: Told): void => {
      if (told.ms !== null) (of === 'echo' ? part.echoMs : part.siteMs).push(told.ms);
      else if (of === 'echo') lostEchoes += 1;
      else if (told.asked) toPeople += 1;
      else untold += 1;
      if (of === 'echo') lostInARow = told.ms === null ? lostInARow + 1 : 0;
    };
    for (let n = 0; part.siteMs.length < triggers && n < 2 * triggers; n++) {
      if (n % 10 === 0) progress(part.siteMs.length / triggers, 'triggers');
      for (const who of site.turns()) take(who, await site.trigger(who, 0.1));
      if (lostInARow >= MOST_LOST) throw new Error(`the echo does not answer: ${site.echoFault}`);
    }
    return { ...part, toPeople, lostEchoes, untold, toGate };
  } finally {
    await site.close();
  }
}

const ratio = (a: number, b: number): number => Math.round((100 * a) / b) / 100;

function quantiles(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(
      10 * (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN),
    ) / 10;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
