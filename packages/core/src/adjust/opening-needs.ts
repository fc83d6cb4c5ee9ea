import { eUpper } from '../anytime/e-process.js';
import { signLogE } from '../reduction/switchback.js';
import type { Opening, OpeningBudget } from './opening.js';

/** What a setting's gate still lacks at best; 0: that half is proved. */
export interface OpeningNeeds {
  /** Further trial pairs until "no better" is rejected, if the corrected unit is better in each. */
  readonly pairs: number;
  /** Further corrected units until the out-of-tolerance bound holds, if none is out. */
  readonly outcomes: number;
}

/**
 * The least evidence that opens a gate from where it stands, by the tests of `openingStep`.
 *
 * @throws RangeError if alpha or delta lies outside (0, 1).
 */
export const openingNeeds = (
  { better, provedBetter, out }: Opening,
  { alpha, delta }: OpeningBudget,
): OpeningNeeds => ({
  pairs: provedBetter ? 0 : fewest((m) => signLogE(better.k + m, better.n + m) >= Math.log(2 / delta)),
  outcomes: fewest((m) => eUpper(out.k, out.n + m, delta / 2) <= alpha),
});

/** The smallest whole m >= 0 that is enough, of a condition that stays true once it is. */
function fewest(enough: (m: number) => boolean): number {
  if (enough(0)) return 0;
  let most = 1;
  while (!enough(most)) most *= 2;
  // Never enough: it was asked on the way here, zero at the start.
  let least = most >> 1;
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (enough(middle)) most = middle;
    else least = middle;
  }
  return most;
}
