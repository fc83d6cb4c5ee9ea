/**
 * An `adjust` authority in time, signed by a person: one setting, within bounds, at a rate, until an hour, with the value
 * that it goes back to. Plain data; a fold over the rows that sign and end it.
 */
export interface Lease {
  readonly id: string;
  readonly target: string;
  readonly gate: string;
  /** Least and largest value, inside the range of the rule. */
  readonly bounds: readonly [number, number];
  /** Largest change of one write; > 0. */
  readonly maxStep: number;
  readonly minIntervalMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Inside the bounds: what is written when the lease ends. */
  readonly rollBack: number;
  readonly by: string;
  readonly reason: string;
}

export type LeaseRefusal =
  | 'no-lease'
  | 'lease-not-yet'
  | 'lease-expired'
  | 'outside-lease'
  | 'lease-step'
  | 'lease-rate';

/**
 * Why a lease does not carry a write; null where it does.
 * `boundShare` (0..1] shrinks the bounds around the roll-back value: a trial works with half (GATE section 11).
 * `held` is what the equipment holds now, null where nobody knows: then nothing is written.
 */
export function leaseRefusal(
  lease: Lease | null,
  of: { value: number; held: number | null; nowMs: number; lastMs: number | null; boundShare: number },
): LeaseRefusal | null {
  if (lease === null) return 'no-lease';
  const { value, held, nowMs, lastMs, boundShare } = of;
  if (nowMs < lease.fromMs) return 'lease-not-yet';
  if (!(nowMs < lease.untilMs)) return 'lease-expired';
  const [least, most] = boundsOf(lease, boundShare);
  if (!(value >= least && value <= most)) return 'outside-lease';
  if (held === null || !(Math.abs(value - held) <= lease.maxStep * (1 + 1e-9))) return 'lease-step';
  if (lastMs !== null && nowMs - lastMs < lease.minIntervalMs) return 'lease-rate';
  return null;
}

/** The bounds as far as they are open. @throws RangeError for a share outside (0, 1]. */
export function boundsOf(lease: Lease, boundShare: number): readonly [number, number] {
  if (!(boundShare > 0 && boundShare <= 1))
    throw new RangeError(`share of the bounds ${boundShare} outside (0, 1]`);
  const { bounds, rollBack } = lease;
  return [rollBack + (bounds[0] - rollBack) * boundShare, rollBack + (bounds[1] - rollBack) * boundShare];
}

/** Every fault of a lease that somebody wants to sign, as sentences that say what to change; empty where it may be signed. */
export function leaseFaults(
  lease: Lease,
  rule: {
    readonly does: string;
    readonly safety: boolean;
    readonly range?: readonly [number, number] | undefined;
  },
): string[] {
  const { bounds, rollBack, maxStep, minIntervalMs, fromMs, untilMs, reason } = lease;
  const [least, most] = bounds;
  const found: string[] = [];
  if (rule.safety) found.push('a safety target is never leased: no model may move it');
  if (rule.does !== 'adjust') found.push(`${lease.target} is not a setting that may be adjusted`);
  if (!(least < most)) found.push('the bounds must rise: give the least value first');
  if (rule.range && !(least >= rule.range[0] && most <= rule.range[1]))
    found.push(`the bounds must lie within ${rule.range[0]} to ${rule.range[1]}`);
  if (!(rollBack >= least && rollBack <= most)) found.push('the roll-back value must lie within the bounds');
  if (!(maxStep > 0 && maxStep < Number.POSITIVE_INFINITY)) found.push('the largest step must be above 0');
  if (!(minIntervalMs >= 0 && minIntervalMs < Number.POSITIVE_INFINITY))
    found.push('the least time between two writes must be a number, 0 or more');
  if (!(untilMs > fromMs)) found.push('it must end after it begins');
  if (untilMs - fromMs > LONGEST_MS) found.push('a lease lasts 24 hours at most: sign it anew each day');
  if (reason.trim() === '') found.push('say why');
  return found;
}

const LONGEST_MS = 24 * 3_600_000;
