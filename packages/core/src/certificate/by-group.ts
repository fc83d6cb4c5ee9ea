import { requireSameLength, requireShare } from '../bounds/range.js';
import type { Certificate, CertificateTest } from './certificate.js';
import { acceptGrid, countBelow, type Labelled, pointHolding, sortScores } from './sorted-scores.js';

/** A bet as a share of the largest that cannot ruin, 1 / (1 - alpha), with its weight in the mixture. */
interface Bet {
  readonly share: number;
  readonly weight: number;
}

/** Where groups are just enough all stands on the bold bet, else cautious ones forgive groups lost as a whole. */
const BOLD: readonly Bet[] = [{ share: 1, weight: 1 }];
const MIXED: readonly Bet[] = [
  { share: 1, weight: 0.6 },
  { share: 0.6, weight: 0.25 },
  { share: 0.3, weight: 0.15 },
];
/** From this multiple of the groups that a proof without any loss needs. */
const PLENTY = 1.5;

/** Size and losses of one group, the unit of independence. */
interface Tally {
  readonly size: number;
  lost: number;
}

/** ln of the factor of one group: 1 - lambda (lost - alpha size) / largest. */
const logFactor = (share: number, alpha: number, largest: number, { size, lost }: Tally): number => {
  const factor = 1 - (share / (1 - alpha)) * ((lost - alpha * size) / largest);
  return factor > 0 ? Math.log(factor) : Number.NEGATIVE_INFINITY;
};

/**
 * e-value against "at least a share alpha of the units is lost": sum_j w_j prod_g (1 - lambda_j (L_g - alpha m_g) / M)
 * over groups g of m_g <= M units with L_g losses. Each factor is non-negative and has mean at most 1 where groups are
 * independent and E L >= alpha E m, whatever happens within a group (betting on a bounded mean, Waudby-Smith and
 * Ramdas 2024, with the group as the observation). It grows with alpha and falls with every loss.
 */
const logEvidence = (bets: readonly Bet[], logs: readonly number[]): number => {
  const terms = logs.map((log, j) => log + Math.log(bets[j]!.weight));
  const top = Math.max(...terms);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0));
};

const logsOf = (bets: readonly Bet[], tallies: readonly Tally[], alpha: number, largest: number): number[] =>
  bets.map(({ share }) => tallies.reduce((sum, tally) => sum + logFactor(share, alpha, largest, tally), 0));

/** The groups of one set, the bets that its sizes allow, and the units that count as lost, safest score first. */
const prepare = (options: {
  readonly scores: ArrayLike<number>;
  readonly lost: ArrayLike<boolean>;
  readonly groups: ArrayLike<string | number>;
  readonly limit: number;
  readonly delta: number;
}) => {
  const { scores, lost, groups, limit, delta } = options;
  requireShare('limit', limit);
  requireShare('delta', delta);
  requireSameLength('groups and scores', groups, scores);
  const sorted = sortScores({ scores, bad: lost }, 'bad');
  const sizes = new Map<string | number, number>();
  for (let i = 0; i < scores.length; i += 1) sizes.set(groups[i]!, (sizes.get(groups[i]!) ?? 0) + 1);
  const byName = new Map([...sizes].map(([group, size]) => [group, { size, lost: 0 } as Tally]));
  const tallies = [...byName.values()];
  const largest = tallies.reduce((most, { size }) => Math.max(most, size), 1);
  const enough = -Math.log(delta);
  // The bets depend on the sizes, alpha and delta alone, never on a label.
  const untouched = logsOf(BOLD, tallies, limit, largest)[0]!;
  const bets = untouched >= PLENTY * enough ? MIXED : BOLD;
  const losses = Array.from(scores, (_, i) => i)
    .filter((i) => lost[i])
    .sort((a, b) => scores[a]! - scores[b]!);
  return {
    sorted,
    tallies,
    bets,
    largest,
    enough,
    losses,
    tallyOf: (unit: number): Tally => byName.get(groups[unit]!)!,
    proves: (rate: number): boolean => logEvidence(bets, logsOf(bets, tallies, rate, largest)) >= enough,
  };
};

const byGroup = (
  options: Parameters<typeof prepare>[0] & { readonly test: CertificateTest },
): Certificate => {
  const { scores, limit, delta, test } = options;
  const { sorted, tallies, bets, largest, enough, losses, tallyOf, proves } = prepare(options);
  const n = sorted.all.length;
  const none: Certificate = { threshold: null, index: -1, n, k: null, upper: null, delta, test };
  const logs = logsOf(bets, tallies, limit, largest);
  if (logEvidence(bets, logs) < enough) return none;
  let first = losses.length;
  for (const [at, unit] of losses.entries()) {
    const tally = tallyOf(unit);
    const before = bets.map(({ share }) => logFactor(share, limit, largest, tally));
    tally.lost += 1;
    for (let j = 0; j < logs.length; j += 1) {
      // Once ruined a bet stays ruined: -Infinity minus itself would be no number.
      if (logs[j] === Number.NEGATIVE_INFINITY) continue;
      logs[j] = logs[j]! - before[j]! + logFactor(bets[j]!.share, limit, largest, tally);
    }
    if (logEvidence(bets, logs) < enough) {
      first = at;
      break;
    }
  }
  // Everything below the first loss that is not allowed any more.
  const units = first < losses.length ? countBelow(sorted.all, scores[losses[first]!]!) : n;
  if (units === 0) return none;
  const { threshold, k } = pointHolding(sorted, units);
  for (const tally of tallies) tally.lost = 0;
  for (const unit of losses.slice(0, k)) tallyOf(unit).lost += 1;
  return { threshold, index: -1, n, k, upper: leastProved(proves, limit), delta, test };
};

/** The least rate that is proved, from above, to a relative 1e-6. `known` is proved. */
const leastProved = (proves: (rate: number) => boolean, known: number): number => {
  let low = 0;
  let high = known;
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (proves(middle)) high = middle;
    else low = middle;
  }
  return high;
};

/**
 * Certifies P(accepted and bad) <= alpha per unit where losses come in clusters: groups are independent of each other,
 * units of one group need not be. Uses every unit; one unit of each group (`oneUnitPerGroup`) proves less. The loss is
 * monotone in the threshold, so the search costs nothing. `n` and `k` are units.
 *
 * @throws RangeError on a NaN score, unequal lengths, alpha or delta outside (0, 1).
 */
export const certifyPerUnitByGroup = (
  options: Labelled & { groups: ArrayLike<string | number>; alpha: number; delta: number },
): Certificate => {
  const { scores, bad, groups, alpha, delta } = options;
  const lost = Array.from(bad, Boolean);
  return byGroup({ scores, lost, groups, limit: alpha, delta, test: 'betting-by-group-per-unit' });
};

/**
 * Certifies P(rejected and good) <= beta per unit by groups, the mirror image: score >= threshold is rejected.
 *
 * @throws RangeError as `certifyPerUnitByGroup`.
 */
export const certifyRejectByGroup = (
  options: Labelled & { groups: ArrayLike<string | number>; beta: number; delta: number },
): Certificate => {
  const { scores, bad, groups, beta, delta } = options;
  const found = byGroup({
    scores: Float64Array.from(scores, (score) => -score),
    lost: Array.from(bad, (one) => !one),
    groups,
    limit: beta,
    delta,
    test: 'betting-by-group-overkill-per-unit',
  });
  return found.threshold === null ? found : { ...found, threshold: -found.threshold };
};

/**
 * The trade of automatic share against escapes for a picture, by groups: each bound holds for its point alone. `alpha`
 * is the budget for which the bets were chosen. `upper` = upper bound of P(accepted and bad) per unit at 1 - delta.
 *
 * @throws RangeError as `certifyPerUnitByGroup`.
 */
export const curveByGroup = (
  options: Labelled & { groups: ArrayLike<string | number>; alpha: number; delta: number },
): { share: number; k: number; upper: number }[] => {
  const { scores, bad, groups, alpha, delta } = options;
  const lost = Array.from(bad, Boolean);
  const { sorted, losses, tallyOf, proves } = prepare({ scores, lost, groups, limit: alpha, delta });
  let passed = 0;
  let upper = 0;
  return acceptGrid(sorted).map(({ n, k }) => {
    for (; passed < k; passed += 1) tallyOf(losses[passed]!).lost += 1;
    // More losses never prove less: the bound before is a floor, and 1 is always true.
    upper = Math.max(upper, proves(1 - 1e-9) ? leastProved(proves, 1 - 1e-9) : 1);
    return { share: n / sorted.all.length, k, upper };
  });
};
