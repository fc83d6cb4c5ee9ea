import { type HarmState, harmStart } from '../anytime/harm.js';
import { type JumperState, jumperStart } from '../drift/jumper.js';
import type { GateStateName } from '../records/replay-document.js';
import type { CertifiedSide } from './event.js';
import { deltaLedger, type Ledger } from './ledger.js';
import type { GatePlan } from './plan.js';
import type { SideName } from './side.js';

/** What a bound rests on. */
export interface Labels {
  /** Labels of the region that count, and the wrong ones among them. */
  readonly n: number;
  readonly k: number;
  /** Audits reported overdue and not answered yet: they count as wrong in U and not in the harm detector. */
  readonly overdue: number;
}

/** Labels of audits drawn with unequal probabilities, by weight: the lowest probability of that moment over the unit's. */
export interface WeightedLabels extends Labels {
  readonly weight: number;
}

export interface Evidence extends Labels {
  /** Labels since the audits are weighted; those before are counted above. */
  readonly weighted: readonly WeightedLabels[];
}

/** Evidence about one region, since its threshold was fixed. */
export interface Side extends Evidence {
  /** Largest accepted / smallest rejected score; null = nothing is decided automatically on this side. */
  readonly threshold: number | null;
  /** Scores above it are audited more once the audits are weighted; null = they never are. */
  readonly cut: number | null;
  readonly weighting: boolean;
  /** Time-uniform upper bound of P(wrong | region): see `boundOf`. */
  readonly upper: number;
  /** Upper bound of the region's share of all units; 1 until its first checkpoint. */
  readonly share: number;
  readonly harm: HarmState;
  /** Audit probability before boosts. */
  readonly rate: number;
}

/** A question whose answer will be evidence, until it is answered. */
export interface Pending {
  readonly unitId: string;
  readonly region: SideName;
  readonly askedAtMs: number;
  /** True: drawn; false: every unit of the region is asked (shadow, full ramp). */
  readonly audit: boolean;
  readonly overdue: boolean;
  /** Null: drawn alike. See `WeightedLabels`. */
  readonly weight: number | null;
}

/** Blind readings of known-bad units in this epoch, and those that were missed. */
export interface Seeds {
  readonly read: number;
  readonly missed: number;
  /** Time-uniform upper bound of the share that readers miss, at half of the live delta; 0 below 60 readings. */
  readonly missUpper: number;
}

/** Units found bad downstream in this epoch. */
export interface Findings {
  /** Passed automatically and seen by nobody. */
  readonly escapes: number;
  /** Audited and called good. */
  readonly misread: number;
  /** Their places among the accepted units. */
  readonly positions: readonly number[];
  /** Those that have counted, so that none counts twice; at most `findingsKept`. */
  readonly ids: readonly string[];
}

/** What moves with every unit. Kept apart so that the hot path copies little. */
export interface Flow {
  readonly units: number;
  readonly inAccept: number;
  readonly inReject: number;
  readonly nextCheckpoint: number;
  readonly checkpoint: number;
  readonly level: JumperState;
  readonly spread: JumperState;
  readonly alarmed: boolean;
  readonly lot: string | null;
  readonly lotLeft: number;
}

/** The whole gate: plain data, JSON-serialisable, never changed in place. */
export interface GateState {
  readonly plan: GatePlan;
  readonly ledger: Ledger;
  readonly epoch: number;
  readonly epochAtMs: number;
  readonly name: GateStateName;
  readonly reason: string;
  /** Where watch goes back to. */
  readonly before: 'ramp' | 'open';
  readonly certificate: {
    readonly n: number;
    readonly atMs: number;
    readonly accept: CertifiedSide | null;
    readonly reject: CertifiedSide | null;
  } | null;
  /** True while a.rate must follow the ramp's clip: the gate opened on its live evidence, not on a certificate. */
  readonly ramped: boolean;
  readonly accept: Side;
  readonly reject: Side;
  /** Questions without an answer, oldest first. A certificate and a new epoch forget them. */
  readonly pending: readonly Pending[];
  /** Audits drawn in this epoch, and those that are overdue. */
  readonly audits: number;
  readonly overdueAudits: number;
  readonly boostLeft: number;
  /** Audits of accepted units until probation ends; absent where the epoch has none. */
  readonly probationLeft?: number;
  readonly watch: { readonly audits: number; readonly alarmed: boolean };
  /** Fresh evidence that renews an expiring one. */
  readonly renewal: (Evidence & { readonly atMs: number }) | null;
  readonly periodAtMs: number;
  readonly periodAudits: number;
  readonly expired: boolean;
  readonly seeds: Seeds;
  readonly findings: Findings;
  readonly flow: Flow;
}

/** First checkpoint of the region share; the following ones double. */
export const FIRST_CHECKPOINT = 64;

/** A martingale that has seen nothing. ln 0 has no form in JSON; exp(-1000) is 0 as well. */
export const freshJumper = (): JumperState => ({ ...jumperStart(), logShiryaevRoberts: -1000 });

export const emptyFlow = (): Flow => ({
  units: 0,
  inAccept: 0,
  inReject: 0,
  nextCheckpoint: FIRST_CHECKPOINT,
  checkpoint: 0,
  level: freshJumper(),
  spread: freshJumper(),
  alarmed: false,
  lot: null,
  lotLeft: 0,
});

export const freshSide = (threshold: number | null, rate: number, cut: number | null = null): Side => ({
  threshold,
  cut,
  weighting: false,
  n: 0,
  k: 0,
  overdue: 0,
  weighted: [],
  upper: 1,
  share: 1,
  harm: harmStart(),
  rate,
});

/** A new gate: closed by default, that is in shadow with no evidence. */
export function startGate(plan: GatePlan, { atMs, epoch = 1 }: { atMs: number; epoch?: number }): GateState {
  checkPlan(plan);
  return {
    plan,
    ledger: deltaLedger(plan.budget),
    epoch,
    epochAtMs: atMs,
    name: 'shadow',
    reason: 'no evidence yet',
    before: 'open',
    certificate: null,
    ramped: false,
    accept: freshSide(plan.rampThreshold, 1, plan.rampAuditCut ?? null),
    reject: freshSide(null, 1),
    pending: [],
    audits: 0,
    overdueAudits: 0,
    boostLeft: 0,
    watch: { audits: 0, alarmed: false },
    renewal: null,
    periodAtMs: atMs,
    periodAudits: 0,
    expired: false,
    seeds: { read: 0, missed: 0, missUpper: 0 },
    findings: { escapes: 0, misread: 0, positions: [], ids: [] },
    flow: emptyFlow(),
  };
}

function checkPlan({ budget, settings }: GatePlan): void {
  const { escapeRate, overkillRate, confidence } = budget;
  if (!(escapeRate > 0 && escapeRate < 1))
    throw new RangeError(`escapeRate must lie between 0 and 1, got ${escapeRate}`);
  if (!(overkillRate >= 0 && overkillRate < 1))
    throw new RangeError(`overkillRate must lie in 0..1, got ${overkillRate}`);
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence must lie between 0 and 1, got ${confidence}`);
  const floors = [settings.auditFloorAccept, settings.auditFloorReject];
  if (!floors.every((floor) => floor > 0 && floor <= 1))
    throw new RangeError('audits never stop: a floor must lie above 0 and at most 1');
  const { probationRate: probation = 0, probationAudits = 0 } = settings;
  if (!(probation >= 0 && probation <= 1 && Number.isInteger(probationAudits) && probationAudits >= 0))
    throw new RangeError('probation needs a rate in 0..1 and a whole number of audits');
  const { weightedAudits, weightedLow: low, weightedHigh: high } = settings;
  if (weightedAudits && !(low > 0 && low < high && high <= 1 && low <= settings.auditFloorAccept))
    throw new RangeError(
      'weighted audits need 0 < weightedLow < weightedHigh <= 1, low within auditFloorAccept',
    );
}

/** The state with another flow. Written out, since a spread of so many fields is the cost of the hot path. */
export const withFlow = (state: GateState, flow: Flow): GateState => {
  const next: GateState = {
    plan: state.plan,
    ledger: state.ledger,
    epoch: state.epoch,
    epochAtMs: state.epochAtMs,
    name: state.name,
    reason: state.reason,
    before: state.before,
    certificate: state.certificate,
    ramped: state.ramped,
    accept: state.accept,
    reject: state.reject,
    pending: state.pending,
    audits: state.audits,
    overdueAudits: state.overdueAudits,
    boostLeft: state.boostLeft,
    watch: state.watch,
    renewal: state.renewal,
    periodAtMs: state.periodAtMs,
    periodAudits: state.periodAudits,
    expired: state.expired,
    seeds: state.seeds,
    findings: state.findings,
    flow,
  };
  // Absent stays absent: states of epochs without probation are what they were before it was known.
  return state.probationLeft === undefined ? next : { ...next, probationLeft: state.probationLeft };
};
