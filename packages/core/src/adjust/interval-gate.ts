import { labelsNeeded } from '../bounds/binomial.js';
import { requireSameLength } from '../bounds/range.js';
import { type Certificate, certifyPerUnit } from '../certificate/certificate.js';
import { splitQuantile } from '../conformal/split.js';

/** Measured outcomes of proposals: what was left after the correction, and how uncertain the model said it was. */
export interface AdjustEvidence {
  /** Residual after the proposed correction, in the unit of the tolerance; sign irrelevant. */
  readonly residuals: ArrayLike<number>;
  /** Predicted half-width (or sigma, or P(out)): larger = less sure. All > 0. */
  readonly halfWidths: ArrayLike<number>;
  /** Largest acceptable |residual|. */
  readonly tolerance: number;
}

/**
 * When the gate may act. `certified`: P(act and out of tolerance) <= alpha at confidence 1 - delta. `expected`: the same
 * on average over calibration sets only, from too few labels for a certificate. `none`: never.
 */
export type AdjustRule =
  | { readonly kind: 'certified'; readonly largestHalfWidth: number; readonly certificate: Certificate }
  | { readonly kind: 'expected'; readonly largestHalfWidth: number; readonly labelsMissing: number }
  | { readonly kind: 'none'; readonly labelsMissing: number };

/**
 * The interval gate of `adjust`: the same exact per-unit certificate as for a verdict, with the loss
 * 1{|residual| > tolerance} and units ordered by the needed half-width (GATE section 7). Below the labels that a
 * certificate needs at zero losses it falls back on the normalised split interval q halfWidth <= tolerance.
 *
 * @throws RangeError on unequal lengths, NaN, or alpha, delta outside (0, 1).
 */
export const certifyAdjust = (
  options: AdjustEvidence & { readonly alpha: number; readonly delta: number },
): AdjustRule => {
  const { residuals, halfWidths, tolerance, alpha, delta } = options;
  requireSameLength('residuals and halfWidths', residuals, halfWidths);
  const labelsMissing = labelsNeeded(0, alpha, delta) - residuals.length;
  if (labelsMissing > 0) {
    const factor = splitQuantile(
      Float64Array.from(residuals, (residual, i) => Math.abs(residual) / halfWidths[i]!),
      alpha,
    );
    if (factor === Number.POSITIVE_INFINITY) return { kind: 'none', labelsMissing };
    return { kind: 'expected', largestHalfWidth: tolerance / factor, labelsMissing };
  }
  const bad = Uint8Array.from(residuals, (residual) => (Math.abs(residual) <= tolerance ? 0 : 1));
  const certificate = certifyPerUnit({ scores: halfWidths, bad, alpha, delta });
  if (certificate.threshold === null) return { kind: 'none', labelsMissing: 0 };
  return { kind: 'certified', largestHalfWidth: certificate.threshold, certificate };
};

/** Whether the gate acts on a unit with this predicted half-width. NaN never acts. */
export const actsOn = (rule: AdjustRule, halfWidth: number): boolean =>
  rule.kind !== 'none' && halfWidth <= rule.largestHalfWidth;
