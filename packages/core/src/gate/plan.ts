import type { Contract } from '../records/replay-document.js';

/** The risk that a person with the right to do so has signed. Rates and confidence are 0..1. */
export interface Budget {
  readonly escapeRate: number;
  /** 0 = no automatic reject. */
  readonly overkillRate: number;
  /** Joint confidence of both sides, e.g. 0.95. */
  readonly confidence: number;
  readonly contract: Contract;
}

/** What a gate is told before its first unit. Nothing in it changes within an epoch. */
export interface GatePlan {
  readonly budget: Budget;
  readonly signedBy: string;
  readonly reason: string;
  /** A safety class: the gate may add a stop, never pass a unit, whatever else is configured. */
  readonly safety: boolean;
  /** Size of the fixed-n certificate; null = none is planned. The gate stays in shadow until it is handed in. */
  readonly plannedUnits: number | null;
  /** Largest accepted score of the ramp, fixed before the first label of the epoch; null = no ramp. */
  readonly rampThreshold: number | null;
  /** Scores of the ramp above which audits are denser once they are weighted (`auditCut`); fixed as early. */
  readonly rampAuditCut?: number | null;
  /** What the certificate speaks about (product, recipe, material type). A unit of another scope closes the gate. */
  readonly scope: string;
  readonly settings: GateSettings;
}

/** Numbers with defaults of GATE.md section 11. P = part of a proof, H = heuristic. */
export interface GateSettings {
  /** P: lowest audit probability of automatic passes and rejects. */
  readonly auditFloorAccept: number;
  readonly auditFloorReject: number;
  /** H: no automation while U > rampCap x budget. */
  readonly rampCap: number;
  /** H: labels in the accept region before a ramp may start. */
  readonly rampLabels: number;
  /** H: harm statistic that raises the audits; P: that closes the gate (mean time to a false one >= it, in audits). */
  readonly harmWatch: number;
  readonly harmClose: number;
  /** H: audits in watch, and the harm statistic below which it ends. */
  readonly watchAudits: number;
  readonly watchEndHarm: number;
  readonly watchRate: number;
  /** P: Shiryaev-Roberts level of the score alarm (two of them run); H: of its end, and of an unknown regime. */
  readonly scoreAlarm: number;
  readonly scoreCalm: number;
  readonly unknownRegime: number;
  /** H: after a score alarm or the first bad audit: at least this rate for so many audits. */
  readonly boostRate: number;
  readonly boostAudits: number;
  /** H: a new lot is audited at least at this rate for its first units in the accept region. */
  readonly lotRate: number;
  readonly lotUnits: number;
  /**
   * H: after a certificate that came from an assessment (rule G-24) accepted units are audited at least at this rate for so
   * many audits. A plan without them, from before they were known, has none.
   */
  readonly probationRate?: number;
  readonly probationAudits?: number;
  /** An answer is overdue after so long. */
  readonly overdueMs: number;
  /** H: overdue audits that close the gate: more than so many, or more than this share of the audits asked. */
  readonly overdueCount: number;
  readonly overdueShare: number;
  /** H: the evidence expires after so long; its renewal starts at half of that, or after half of expiryBudgets / budget audits. */
  readonly expiryMs: number;
  readonly expiryBudgets: number;
  /** Findings downstream that an epoch tells apart; one more closes the gate. Bounds the memory of the state. */
  readonly findingsKept: number;
  /** Score-weighted audits after the first bad one, where a cut is known (rule G-22); both rates are P. */
  readonly weightedAudits: boolean;
  readonly weightedLow: number;
  readonly weightedHigh: number;
}

export const DEFAULT_SETTINGS: GateSettings = {
  auditFloorAccept: 0.03,
  auditFloorReject: 0.1,
  rampCap: 5,
  rampLabels: 60,
  harmWatch: 300,
  harmClose: 80_000,
  watchAudits: 60,
  watchEndHarm: 200,
  watchRate: 0.3,
  scoreAlarm: 3e4,
  scoreCalm: 1e2,
  unknownRegime: 1e10,
  boostRate: 0.1,
  boostAudits: 100,
  lotRate: 0.15,
  lotUnits: 50,
  probationRate: 0.15,
  probationAudits: 200,
  overdueMs: 3600 * 1000,
  overdueCount: 5,
  overdueShare: 0.05,
  expiryMs: 90 * 24 * 3600 * 1000,
  expiryBudgets: 4,
  findingsKept: 10_000,
  weightedAudits: false,
  weightedLow: 0.02,
  weightedHigh: 0.12,
};
