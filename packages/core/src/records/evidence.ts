import type { Contract, ReplayDocument } from './replay-document.js';

/**
 * Everything that the evidence report shows beyond the replay document. Plain data: the HTML report and
 * `report.json` are two renderings of it. Nothing in it depends on the wall clock except `timings`.
 */
export interface Evidence {
  readonly document: ReplayDocument;
  readonly promise: {
    readonly escapeRate: number;
    readonly overkillRate: number;
    readonly confidence: number;
    readonly contract: Contract;
    /** Who signed the budget, and why. A replay says that nobody has signed yet. */
    readonly signedBy: string;
    readonly reason: string;
    /** Shares of delta: what each part of the proof may use. */
    readonly ledger: readonly { readonly part: string; readonly delta: number }[];
  };
  readonly data: {
    readonly name: string;
    readonly layout: string;
    readonly observation: string;
    readonly splitRule: string;
    readonly groupRule: string | null;
    /** Units set aside because they could not be read, with the reason (at most 20 listed). */
    readonly setAside: { readonly units: number; readonly examples: readonly { id: string; why: string }[] };
  };
  readonly model: { readonly name: string; readonly why: string; readonly parity: string };
  /**
   * Automatic share of the calibration set against the upper bound of its escape rate (by contract), one point
   * a threshold, ascending share. `certified` is the point on which the gate opened, or null.
   */
  readonly curve: {
    readonly points: readonly {
      readonly share: number;
      readonly escapeUpper: number;
      readonly escapeRate: number;
    }[];
    readonly certified: {
      readonly share: number;
      readonly escapeUpper: number;
      /** Of the units of evidence: how many the certified threshold passes, and how many of those are bad. */
      readonly passed: number;
      readonly passedBad: number;
    } | null;
  };
  /** The gate along the stream, at most 500 points. Rates by contract. `truth` = running escape rate, known only in a replay. */
  readonly live: readonly {
    readonly unit: number;
    readonly state: string;
    readonly auditRate: number;
    readonly audits: number;
    readonly liveUpper: number;
    readonly truth: number;
    readonly automaticShare: number;
  }[];
  /** log10 of the drift statistics along the stream, with the alarm levels. `observation` counts what the martingale saw. */
  readonly drift: {
    readonly unitOfObservation: string;
    readonly alarmLog10: number;
    /** Null where the watch never closes the gate by itself. */
    readonly closeLog10: number | null;
    /** The limits of `harm`: audits rise, the gate closes. */
    readonly harmWatchLog10: number;
    readonly harmCloseLog10: number;
    readonly points: readonly {
      readonly unit: number;
      readonly level: number;
      readonly spread: number;
      readonly harm: number;
    }[];
    readonly alarms: readonly { readonly unit: number; readonly what: string }[];
  };
  /** Escapes of the stream, worst first (lowest score), at most 12. */
  readonly worstEscapes: readonly {
    readonly id: string;
    readonly label: string;
    readonly score: number;
    readonly view:
      | { readonly kind: 'picture'; readonly png: string; readonly heatPng: string | null }
      | {
          readonly kind: 'series';
          /** Sample by sample, each with one value a channel. */
          readonly values: readonly number[];
          readonly typical: readonly number[];
          readonly channels: number;
        }
      | {
          readonly kind: 'map';
          readonly width: number;
          readonly height: number;
          readonly values: readonly number[];
        }
      | {
          readonly kind: 'row';
          readonly cells: readonly {
            readonly name: string;
            readonly value: number;
            readonly typical: number;
          }[];
        }
      | { readonly kind: 'none' };
  }[];
  /** In plain words, each with the way it would show if it were broken. */
  readonly assumptions: readonly { readonly text: string; readonly check: string }[];
  /** What is needed to repeat the run: hashes are lower-case SHA-256 hex. */
  readonly repeat: {
    readonly command: string;
    readonly version: string;
    readonly commit: string | null;
    readonly dataHash: string;
    readonly modelHash: string;
    readonly certificateHash: string | null;
    readonly auditSecretHash: string;
    readonly auditSecret: string;
  };
}
