/**
 * Conformal risk control (Angelopoulos et al. 2022): n/(n+1) mean + 1/(n+1) for losses in [0, 1]. At most alpha means
 * that the expected loss of the next unit is at most alpha: on average over calibration sets, not with a confidence.
 *
 * @param losses one loss a unit at one threshold.
 */
export const expectedRiskBound = (losses: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < losses.length; i += 1) sum += losses[i]!;
  return (sum + 1) / (losses.length + 1);
};

/**
 * One step of adaptive conformal inference (Gibbs and Candes 2021): alpha_{t+1} = alpha_t + gamma (alpha - err_t).
 * It promises a long-run average only and may leave 0..1; never a certificate.
 */
export const adaptiveStep = (
  current: number,
  missed: boolean,
  { alpha, gamma }: { readonly alpha: number; readonly gamma: number },
): number => current + gamma * (alpha - (missed ? 1 : 0));
