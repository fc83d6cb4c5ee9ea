import { requireSameLength, requireShare } from '../bounds/range.js';
import type { Certificate, CertificateTest } from './certificate.js';
import { countBelow, type Labelled, pointHolding, sortScores } from './sorted-scores.js';

/**
 * Bets of the mixture as shares of the largest that cannot ruin, 1 / (1 - alpha), with their weights. The bold ones
 * need few groups where almost nothing is lost, the cautious ones forgive more losses where groups are many.
 */
const BETS = [
  { share: 1, weight: 0.3 },
  { share: 0.75, weight: 0.2 },
  { share: 0.5, weight: 0.2 },
  { share: 0.3, weight: 0.15 },
  { share: 0.15, weight: 0.15 },
] as const;

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
const logEvidence = (logs: readonly number[]): number => {
  const terms = logs.map((log, j) => log + Math.log(BETS[j]!.weight));
  const top = Math.max(...terms);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0));
};

const logsOf = (tallies: readonly Tally[], alpha: number, largest: number): number[] =>
  BETS.map(({ share }) => tallies.reduce((sum, tally) => sum + logFactor(share, alpha, largest, tally), 0));

const byGroup = (options: {
  readonly scores: ArrayLike<number>;
  readonly lost: ArrayLike<boolean>;
  readonly groups: ArrayLike<string | number>;
  readonly limit: number;
  readonly delta: number;
  readonly test: CertificateTest;
}): Certificate => {
  const { scores, lost, groups, limit, delta, test } = options;
  requireShare('limit', limit);
  requireShare('delta', delta);
  requireSameLength('groups and scores', groups, scores);
  const sorted = sortScores({ scores, bad: lost }, 'bad');
  const n = sorted.all.length;
  const none: Certificate = { threshold: null, index: -1, n, k: null, upper: null, delta, test };
  const sizes = new Map<string | number, number>();
  for (let i = 0; i < n; i += 1) sizes.set(groups[i]!, (sizes.get(groups[i]!) ?? 0) + 1);
  const tallies = new Map<string | number, Tally>();
  let largest = 1;
  for (const [group, size] of sizes) {
    tallies.set(group, { size, lost: 0 });
    largest = Math.max(largest, size);
  }
  const enough = -Math.log(delta);
  const logs = logsOf([...tallies.values()], limit, largest);
  if (n === 0 || logEvidence(logs) < enough) return none;
  const losses = Array.from({ length: n }, (_, i) => i)
    .filter((i) => lost[i])
    .sort((a, b) => scores[a]! - scores[b]!);
  let first = losses.length;
  for (const [at, unit] of losses.entries()) {
    const tally = tallies.get(groups[unit]!)!;
    const before = BETS.map(({ share }) => logFactor(share, limit, largest, tally));
    tally.lost += 1;
    for (let j = 0; j < logs.length; j += 1) {
      // Once ruined a bet stays ruined: -Infinity minus itself would be no number.
      if (logs[j] !== Number.NEGATIVE_INFINITY) {
        logs[j] = logs[j]! - before[j]! + logFactor(BETS[j]!.share, limit, largest, tally);
      }
    }
    if (logEvidence(logs) < enough) {
      first = at;
      break;
    }
  }
  // Everything below the first loss that is not allowed any more.
  const units = first < losses.length ? countBelow(sorted.all, scores[losses[first]!]!) : n;
  if (units === 0) return none;
  const { threshold, k } = pointHolding(sorted, units);
  for (const tally of tallies.values()) tally.lost = 0;
  for (const unit of losses.slice(0, k)) tallies.get(groups[unit]!)!.lost += 1;
  const counted = [...tallies.values()];
  const proves = (rate: number): boolean => logEvidence(logsOf(counted, rate, largest)) >= enough;
  return { threshold, index: -1, n, k, upper: leastProved(proves, limit), delta, test };
};

/** The least rate that is proved, from above, to a relative 1e-9. `limit` itself is proved. */
const leastProved = (proves: (rate: number) => boolean, limit: number): number => {
  let low = 0;
  let high = limit;
  while (high - low > 1e-9 * high) {
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
