/** An `adjust` authority in time: a parameter may be moved away from what the incumbent asks, this far, this fast, this long. */
export interface Lease {
  readonly parameter: string;
  readonly unit: string;
  /** Largest distance from the incumbent's value; the bounds of the value itself are in the manifest's settings. */
  readonly bound: number;
  readonly low: number;
  readonly high: number;
  /** Largest change of the distance from stitch to stitch. */
  readonly ratePerStitch: number;
  /** Covers of a machine until it ends, unless it is signed again. */
  readonly covers: number;
  /** Distance that holds without a lease: the incumbent alone. */
  readonly rollBack: number;
}

/**
 * What may be commanded: the incumbent's value and the distance allowed from it. A share of 0 (no lease, a safety part,
 * an expired lease) or a proposal that is no number goes back to the incumbent, at the lease's rate.
 */
export function withinLease(
  lease: Lease,
  {
    incumbent,
    proposed,
    distance,
    share,
  }: {
    readonly incumbent: number;
    readonly proposed: number;
    /** Distance at the last stitch. */
    readonly distance: number;
    /** Share of the bound that may be used: 0, half in a trial, 1. */
    readonly share: number;
  },
): { readonly value: number; readonly distance: number } {
  const wanted = share > 0 && Number.isFinite(proposed) ? proposed - incumbent : lease.rollBack;
  const bound = lease.bound * share;
  const allowed = Math.min(bound, Math.max(-bound, wanted));
  const rate = lease.ratePerStitch;
  const moved = distance + Math.min(rate, Math.max(-rate, allowed - distance));
  return { value: Math.min(lease.high, Math.max(lease.low, incumbent + moved)), distance: moved };
}

/** The two leases of a sewing machine. Bounds, rates and terms are an owner's choice: assumed. */
export const LEASES = {
  steering: {
    parameter: 'lateral steering',
    unit: '1/mm',
    bound: 0.02,
    low: -0.03,
    high: 0.03,
    ratePerStitch: 0.004,
    covers: 480,
    rollBack: 0,
  },
  tension: {
    parameter: 'needle-thread tension',
    unit: 'ln of the set point over 140 cN',
    bound: 0.3,
    low: Math.log(80 / 140),
    high: Math.log(220 / 140),
    ratePerStitch: 0.01,
    covers: 480,
    rollBack: 0,
  },
} satisfies Record<string, Lease>;
