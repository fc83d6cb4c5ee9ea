import {
  binomialLower,
  binomialUpper,
  type InterventionRate,
  interventionRates,
  quantity,
} from '@selvedge/core';
import type { OpeningView } from '@selvedge/core/records';
import type { LedgerReader, Made } from '@selvedge/pack-seat-sewing';
import { STATIONS } from './sewing-site.js';
import type { SiteClient } from './site-client.js';

/** Of both sides of an interval together. */
const DELTA = 0.05;

/** One figure of interventions: how many, and per 100 good covers with its 95 % interval. */
interface Figure {
  readonly count: number;
  readonly personSeconds: number;
  readonly per100Good: number | null;
  readonly interval: readonly [number, number] | null;
}

interface Group {
  readonly covers: number;
  readonly good: number;
  readonly all: Figure;
  readonly byType: Readonly<Record<string, Figure>>;
}

/** What became of one plant, from the line's own record and the site's interface. All of it is simulated. */
export interface PlantOutcome {
  readonly plant: string;
  readonly covers: {
    readonly made: number;
    readonly told: Readonly<Record<string, number>>;
    /** Without a verdict at the end: on the rack. */
    readonly waiting: number;
    readonly passedBad: number;
    readonly refusedWrites: number;
  };
  /** Covers sewn under a leave of the site, and without one; never verdict touches. */
  readonly withLeave: Group;
  readonly withoutLeave: Group;
  readonly verdictTouches: Figure | null;
  readonly gates: readonly {
    readonly station: string;
    readonly state: string;
    readonly reason: string;
    readonly labels: number;
    readonly automatic: number;
  }[];
  readonly settings: readonly (Pick<
    OpeningView,
    'target' | 'step' | 'better' | 'out' | 'outUpper' | 'needs'
  > & {
    /** Share of pairs of covers in which the corrected one was better, with its exact 95 % interval over those pairs. */
    readonly betterShare: number | null;
    readonly betterInterval: readonly [number, number];
  })[];
  /** Largest leave at a safety seam: has to be 0. */
  readonly safetyLeave: number;
}

export async function plantOutcome(
  plant: string,
  { ledger, client }: { readonly ledger: LedgerReader; readonly client: SiteClient },
): Promise<PlantOutcome> {
  const rows = ledger.rows();
  const made = rows.filter((row): row is Made => row.kind === 'made');
  const told = new Map<string, string>();
  for (const row of rows) if (row.kind === 'told') told.set(row.unit, row.verdict);
  const resewn = new Map(rows.flatMap((row) => (row.kind === 're-sewn' ? [[row.unit, row.seconds]] : [])));
  const group = (covers: readonly Made[]): Group => {
    const good = covers.filter(({ label }) => label === 'good').length;
    const acts = covers.flatMap(({ unit, acts }) => {
      const again = resewn.get(unit);
      return [...acts, ...(again === undefined ? [] : [{ type: 'rework', seconds: again }])];
    });
    const rates = interventionRates(
      acts.map(({ type, seconds }) => ({ type, time: quantity(seconds, 's') })),
      { goodUnits: good },
    );
    return {
      ...{ covers: covers.length, good, all: figureOf(rates.other) },
      byType: Object.fromEntries(rates.byType.map((rate) => [rate.type, figureOf(rate)])),
    };
  };
  const plain = made.filter(({ safety }) => !safety);
  const isLeft = ({ steering, trim }: Made): boolean => steering > 0 || trim !== 0;
  const line = await client.line();
  const touches = line.interventions.find(({ type }) => type === 'verdict');
  const equipment = await client.equipment();
  return {
    plant,
    covers: {
      made: made.length,
      told: countsOf([...told.values()]),
      waiting: made.filter(({ unit }) => !told.has(unit)).length,
      passedBad: made.filter(({ unit, label }) => label !== 'good' && told.get(unit) === 'pass').length,
      refusedWrites: rows.filter(({ kind }) => kind === 'refused').length,
    },
    withLeave: group(plain.filter(isLeft)),
    withoutLeave: group(plain.filter((one) => !isLeft(one))),
    verdictTouches:
      touches === undefined
        ? null
        : {
            ...{ count: touches.count, personSeconds: round(touches.seconds) },
            per100Good: touches.per100Good === null ? null : round(touches.per100Good),
            interval:
              touches.interval === null ? null : [round(touches.interval[0]), round(touches.interval[1])],
          },
    gates: line.stations
      .filter(({ id }) => id in STATIONS)
      .map(({ id, state, reason, evidence, automatic }) => ({
        ...{ station: id, state, reason, labels: evidence.labels, automatic },
      })),
    settings: equipment.flatMap(({ openings }) =>
      openings.map(({ target, step, better, out, outUpper, needs }) => ({
        ...{ target, step, better, out, outUpper: round(outUpper, 4), needs },
        betterShare: better.n === 0 ? null : round(better.k / better.n, 3),
        betterInterval: [
          round(binomialLower(better.k, better.n, DELTA / 2), 3),
          round(binomialUpper(better.k, better.n, DELTA / 2), 3),
        ] as const,
      })),
    ),
    safetyLeave: made
      .filter(({ safety }) => safety)
      .reduce((most, { steering, trim }) => Math.max(most, steering, Math.abs(trim)), 0),
  };
}

function figureOf({ count, time, perHundredGood }: InterventionRate): Figure {
  return {
    ...{ count, personSeconds: round(time.value) },
    per100Good: perHundredGood === null ? null : round(perHundredGood.value),
    interval: perHundredGood === null ? null : [round(perHundredGood.lower), round(perHundredGood.upper)],
  };
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
