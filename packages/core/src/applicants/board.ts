import { holm } from '../bounds/family.js';
import { automaticCalls, type CertifiedSides } from './certify-sides.js';
import { type Comparison, compareShares } from './compare.js';

/** One applicant, or who is in post, on the evidence that all share. */
export interface Contender {
  readonly applicant: string;
  /** Scores of the shared units, in their order. */
  readonly scores: ArrayLike<number>;
  /** What was certified under the budget of the post; null = nothing. */
  readonly sides: CertifiedSides | null;
  /** Dismissed and not let in again: see `barred`. */
  readonly barred: boolean;
}

export type Standing = 'in-post' | 'barred' | 'not-certified' | 'not-better' | 'better' | 'recommended';

export interface BoardRow {
  readonly applicant: string;
  readonly standing: Standing;
  readonly share: number;
  /** Against who is in post and certified; null where there is none, or for who is in post. */
  readonly comparison: Comparison | null;
}

export interface BoardRuling {
  /** Who should have the post instead; null = no change. */
  readonly recommended: string | null;
  /** Who is in post first, then by share, descending. */
  readonly rows: readonly BoardRow[];
}

/**
 * Who should have the post (rule AP-4). Only a certified applicant that is not barred. Where who is in post is certified
 * too: only one whose share is above by more than `margin`, whose paired interval lies above 0, and whose p-value Holm's
 * rule rejects among all certified applicants at (1 - confidence) / 2, so that a change that gains nothing has at most
 * that chance [A]. Of those the largest share; at a tie who applied first. The promise does not hang on this choice:
 * every certificate holds at once (rule LN-3).
 *
 * @param options `applicants` in the order in which they applied; `inPost` null where nobody decides; `margin` 0..1, 0 by
 *   default; `confidence` .95 by default.
 * @throws RangeError as `compareShares`.
 */
export const rule = ({
  inPost,
  applicants,
  groups,
  margin = 0,
  confidence = 0.95,
}: {
  readonly inPost: Contender | null;
  readonly applicants: readonly Contender[];
  readonly groups: readonly string[] | null;
  readonly margin?: number;
  readonly confidence?: number;
}): BoardRuling => {
  const callsOf = ({ scores, sides }: Contender): boolean[] =>
    automaticCalls(scores, sides ?? { accept: null, reject: null });
  const shareOf = (calls: readonly boolean[]): number =>
    calls.filter(Boolean).length / Math.max(1, calls.length);
  const isCertified = ({ sides }: Contender): boolean =>
    sides !== null && (sides.accept !== null || sides.reject !== null);
  const incumbent = inPost !== null && isCertified(inPost) && !inPost.barred ? callsOf(inPost) : null;
  const rows = applicants.map((contender) => {
    const calls = callsOf(contender);
    const eligible = isCertified(contender) && !contender.barred;
    const comparison =
      eligible && incumbent !== null ? compareShares({ a: incumbent, b: calls, groups, confidence }) : null;
    const standing: Standing = contender.barred ? 'barred' : eligible ? 'better' : 'not-certified';
    return { applicant: contender.applicant, standing, share: shareOf(calls), comparison };
  });
  const compared = rows.flatMap(({ applicant, comparison }) =>
    comparison === null ? [] : [{ applicant, p: comparison.p }],
  );
  const rejected = holm(
    compared.map(({ p }) => p),
    (1 - confidence) / 2,
  );
  const proved = new Set(rejected.map((at) => compared[at]!.applicant));
  const judged: BoardRow[] = rows.map((row) => {
    if (row.comparison === null) return row;
    const { difference, interval } = row.comparison;
    const better = proved.has(row.applicant) && difference > margin && interval[0] > 0;
    return better ? row : { ...row, standing: 'not-better' };
  });
  // A stable sort: at a tie who applied first stands first.
  judged.sort((x, y) => y.share - x.share);
  const recommended = judged.find(({ standing }) => standing === 'better')?.applicant ?? null;
  const ruled = judged.map(
    (row): BoardRow => (row.applicant === recommended ? { ...row, standing: 'recommended' } : row),
  );
  const first: BoardRow[] =
    inPost === null
      ? []
      : [
          {
            applicant: inPost.applicant,
            standing: 'in-post',
            share: shareOf(callsOf(inPost)),
            comparison: null,
          },
        ];
  return { recommended, rows: [...first, ...ruled] };
};

/**
 * Who is barred after these rows, in their order (rule AP-5): a row that bars holds until a later one that a person
 * wrote lifts it. A row without a person lifts nothing.
 */
export const barred = (
  rows: Iterable<{ readonly applicant: string; readonly barred: boolean; readonly user: string | null }>,
): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { applicant, barred: bars, user } of rows) {
    if (bars) names.add(applicant);
    else if (user !== null) names.delete(applicant);
  }
  return names;
};
