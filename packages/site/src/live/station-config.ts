import type { GateSettings } from '@selvedge/core';
import type { Disposition } from '@selvedge/core/records';

/** What the pipeline needs to know of one station; the configuration file is turned into this. */
export interface StationConfig {
  readonly id: string;
  readonly name: string;
  readonly line: string;
  readonly part: string | null;
  /** Answers, the good one first. */
  readonly choices: readonly { readonly label: string; readonly bad: boolean }[];
  /** Channels of a series with their units, for the views. */
  readonly channels: readonly { readonly name: string; readonly unit: string }[];
  /** From arrival to the automatic decision. */
  readonly decideMs: number;
  /** From arrival to the end of waiting for a person. */
  readonly answerMs: number;
  readonly undoMs: number;
  /** What a unit becomes when nobody answers in time. */
  readonly otherwise: Extract<Disposition, 'hold' | 'divert'>;
  /** Units that may wait to be decided. */
  readonly mostWaiting: number;
  /** A safety class: the gate may add a stop and never pass. */
  readonly safety: boolean;
  /** Judged units of the certificate that are proposed to whoever signs the budget; null = none. */
  readonly plannedUnits: number | null;
  /** Share of answered audits that a second person reads, 0..1. */
  readonly doubleReadShare: number;
  /** Share of questions that show a known-bad unit of the library, 0..0.5. */
  readonly seedShare: number;
  /** Numbers of the gate that differ from its defaults. */
  readonly settings: Readonly<Partial<GateSettings>>;
}
