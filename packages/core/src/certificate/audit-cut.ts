/**
 * The score above which the `nearShare` worst-looking of the accepted units lie: where audits are denser once they
 * are weighted (rule G-22). From unlabelled scores, so it may be fixed together with the threshold. Null where ties
 * leave no accepted score above it.
 *
 * @param nearShare 0..1; .1 keeps the audits at 3 % on average with 2 % below and 12 % above.
 */
export const auditCut = (scores: ArrayLike<number>, threshold: number, nearShare = 0.1): number | null => {
  const accepted = Float64Array.from(scores)
    .filter((score) => score <= threshold)
    .sort();
  const cut = accepted[Math.ceil((1 - nearShare) * accepted.length) - 1];
  const worst = accepted[accepted.length - 1];
  return cut === undefined || worst === undefined || cut === worst ? null : cut;
};
