import { requireShare } from '../bounds/range.js';
import { poissonLower, poissonUpper } from './poisson.js';
import { type Quantity, quantity, requireCount } from './quantity.js';

/** One human act between start and release of a unit. `type` is free, e.g. verdict, realign, rework, stop. */
export interface Intervention {
  readonly type: string;
  readonly time: Quantity<'s'>;
}

export interface InterventionRate {
  readonly type: string;
  readonly count: number;
  readonly time: Quantity<'s'>;
  /** Per 100 good units, with the exact interval of a Poisson count (independent events; bursts make it wider). null where there is no good unit. */
  readonly perHundredGood: { readonly value: number; readonly lower: number; readonly upper: number } | null;
}

export interface InterventionSummary {
  /** Touches that are a call on a unit: asked, audited, overruled. */
  readonly verdict: InterventionRate;
  /** All others together, and by type in the order of their names. Never added to the verdict touches. */
  readonly other: InterventionRate;
  readonly byType: readonly InterventionRate[];
}

/** The only type that is a call on a unit. */
export const VERDICT = 'verdict';

/**
 * Rule L-3: interventions per 100 good units by type, with person-seconds. Verdict touches and the others are two
 * figures: one touch is a glance, the other a machine that stands.
 *
 * @throws RangeError on a count that is not whole or a confidence outside (0, 1).
 */
export function interventionRates(
  interventions: Iterable<Intervention>,
  { goodUnits, confidence = 0.95 }: { readonly goodUnits: number; readonly confidence?: number },
): InterventionSummary {
  requireCount('goodUnits', goodUnits);
  requireShare('confidence', confidence);
  const sums = new Map<string, { count: number; seconds: number }>();
  for (const { type, time } of interventions) {
    const sum = sums.get(type) ?? { count: 0, seconds: 0 };
    sums.set(type, { count: sum.count + 1, seconds: sum.seconds + time.value });
  }
  const rate = (type: string, count: number, seconds: number): InterventionRate => ({
    type,
    count,
    time: quantity(seconds, 's'),
    perHundredGood: goodUnits === 0 ? null : perHundred(count, goodUnits, confidence),
  });
  const verdict = sums.get(VERDICT) ?? { count: 0, seconds: 0 };
  const byType = [...sums]
    .filter(([type]) => type !== VERDICT)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, { count, seconds }]) => rate(type, count, seconds));
  const count = byType.reduce((sum, one) => sum + one.count, 0);
  const seconds = byType.reduce((sum, one) => sum + one.time.value, 0);
  return {
    verdict: rate(VERDICT, verdict.count, verdict.seconds),
    other: rate('other', count, seconds),
    byType,
  };
}

function perHundred(count: number, goodUnits: number, confidence: number) {
  const delta = (1 - confidence) / 2;
  const scale = 100 / goodUnits;
  return {
    value: count * scale,
    lower: scale * poissonLower(count, delta),
    upper: scale * poissonUpper(count, delta),
  };
}
