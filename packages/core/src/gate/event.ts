import type { GateStateName } from '../records/replay-document.js';

/** Where a score lies. `between` = the gate has no call for it. */
export type Region = 'accept' | 'between' | 'reject';

/** Everything that can happen to a gate. Times are epoch ms, draws and p-values are made outside. */
export type GateEvent =
  | UnitEvent
  | AnswerEvent
  | CertificateEvent
  | SeedEvent
  | FindingEvent
  | { readonly type: 'close'; readonly why: string; readonly atMs: number }
  /** The journal cannot commit, or a signature does not verify: both close the gate. */
  | { readonly type: 'journal-failed' | 'signature-bad'; readonly why: string; readonly atMs: number }
  /** A person starts over: evidence from zero, state shadow. */
  | {
      readonly type: 'new-epoch';
      readonly rampThreshold: number | null;
      readonly plannedUnits: number | null;
      readonly rampAuditCut?: number | null;
      readonly atMs: number;
    }
  /** Time has passed: overdue audits and expiry are looked at. */
  | { readonly type: 'tick'; readonly atMs: number };

export interface UnitEvent {
  readonly type: 'unit';
  readonly unitId: string;
  readonly atMs: number;
  /** Higher = worse; NaN = no score could be made: a person decides and the gate's state is kept. */
  readonly score: number;
  /** Audit draw in [0, 1): see `auditDraw`. */
  readonly draw: number;
  /** Conformal p-values of the score and of its distance from the middle; null where this unit is none of the martingale's observations. */
  readonly pLevel: number | null;
  readonly pSpread: number | null;
  readonly scope: string;
  readonly lot: string | null;
}

/** A person's answer on a unit. What was asked, and whether it counts, the state knows. */
export interface AnswerEvent {
  readonly type: 'answer';
  readonly unitId: string;
  readonly atMs: number;
  readonly bad: boolean;
  /** False where help was asked for before answering: no evidence. */
  readonly blind: boolean;
}

/**
 * The reading of a seed: a unit known to be bad (confirmed by two readers), shown like any question. One event a
 * reading, entered once; a reader who may remember the seed is not shown it again.
 */
export interface SeedEvent {
  readonly type: 'seed';
  readonly atMs: number;
  /** True: the reader called it good. */
  readonly missed: boolean;
  /** False where help was asked for before answering: no evidence. */
  readonly blind: boolean;
}

/** A unit was found bad at the end of the line or by the customer. What the gate did with it, the journal knows. */
export interface FindingEvent {
  readonly type: 'finding';
  readonly unitId: string;
  readonly atMs: number;
  /** Epoch, call and position of the unit's `Decide`. */
  readonly epoch: number;
  readonly call: Decide['call'];
  readonly position: Decide['position'];
  /** The first answer of a person on the unit, blind or not; null = nobody has answered. */
  readonly answer: 'good' | 'bad' | null;
}

/** The fixed-n certificate, computed from the shadow evidence at its planned n. */
export interface CertificateEvent {
  readonly type: 'certificate';
  readonly atMs: number;
  readonly n: number;
  /** Bad units among the n: a budget that is no smaller than the defect rate promises nothing. */
  readonly bads: number;
  readonly accept: CertifiedSide | null;
  readonly reject: CertifiedSide | null;
  /** True: its evidence was collected while another model decided, or none (`assess`); the epoch begins on probation. */
  readonly assessed?: boolean;
}

export interface CertifiedSide {
  readonly threshold: number;
  readonly upper: number;
  readonly delta: number;
  readonly test: string;
  /** Share of the n units in the region, where known: shown beside what passing units at random would be allowed. */
  readonly share?: number;
  /** Scores above it are audited more once the audits are weighted: see `auditCut`. */
  readonly auditCut?: number | null;
}

/** What the gate wants done. The list is in order. */
export type GateEffect =
  | Decide
  | {
      readonly type: 'transition';
      readonly from: GateStateName;
      readonly to: GateStateName;
      readonly why: string;
    }
  | {
      readonly type: 'alarm';
      readonly what: 'score' | 'bad-audit' | 'refused' | 'blind';
      readonly why: string;
    };

export interface Decide {
  readonly type: 'decide';
  readonly unitId: string;
  readonly epoch: number;
  readonly call: 'pass' | 'reject' | 'ask';
  readonly by: 'gate' | 'person';
  readonly region: Region;
  /** Place among the units of the accept region since its threshold was fixed (1, 2, …); null elsewhere. */
  readonly position: number | null;
  /** True: a person judges the unit before it moves on, without knowing the call. */
  readonly audit: boolean;
  /** Probability with which this unit is seen by a person, 0..1. */
  readonly propensity: number;
  readonly why: string;
}
