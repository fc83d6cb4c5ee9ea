import { requireShare } from '../bounds/range.js';
import { HARM_MULTIPLES } from './harm.js';

/** Starts that are looked at, so that the work stays bounded; older ones are left out, which only lowers the sum. */
const STARTS = 256;
const CEILING = 1e300;

/**
 * Shiryaev-Roberts statistic of accepted units that were found bad afterwards, against "the rate is at most `rate`". A
 * start every 1 / rate units; from each the likelihood ratio of c x rate (c = 2, 4, 8, 16, at most .9) against rate,
 * with every unit that nobody has found bad taken as good; the mean over c of their sum. A finding that comes late or
 * never only keeps a term below the one that would know all, which is fair or losing at a rate <= `rate` (its ratio
 * grows with every bad unit). So the mean number of starts until a threshold is at least the threshold, however few bad
 * units are found and in whatever order: at .5 % and 20,000 that is 4 million units (rule S-38).
 *
 * @param positions places among the accepted units (1, 2, …) of those that were found bad, in any order.
 * @param units accepted units so far.
 * @throws RangeError unless 0 < rate < .9.
 */
export const foundStatistic = (options: {
  readonly positions: readonly number[];
  readonly units: number;
  readonly rate: number;
}): number => {
  const { positions, units, rate } = options;
  requireShare('rate', rate / 0.9);
  const spacing = Math.ceil(1 / rate);
  const latest = [...positions].sort((a, b) => b - a);
  const odds = HARM_MULTIPLES.map((multiple) => {
    const theta = Math.min(multiple * rate, 0.9);
    return { good: Math.log((1 - theta) / (1 - rate)), bad: Math.log(theta / rate) };
  });
  const last = Math.floor(units / spacing);
  let sum = 0;
  let found = 0;
  for (let start = last; start >= 0 && start > last - STARTS; start -= 1) {
    while (found < latest.length && latest[found]! > start * spacing) found += 1;
    const good = units - start * spacing - found;
    for (const ratio of odds) sum += Math.exp(good * ratio.good + found * ratio.bad);
  }
  return Math.min(sum / odds.length, CEILING);
};
