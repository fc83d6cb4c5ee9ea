import { DEFAULT_SETTINGS, type GateSettings } from '@selvedge/core';
import type { z } from 'zod';
import type { UnitTags } from '../equipment/unit-input.js';
import type { ConfigFile } from './config-schema.js';
import type { ConnectorConfig } from './connector-schema.js';
import type { applicantSchema } from './learning-schema.js';
import type { StationSettings } from './station-schema.js';
import { DAY_MS } from './words.js';

/** What a station reads of its connector. */
export type StationInput =
  | {
      readonly connector: string;
      readonly kind: 'folder';
      /** Absolute. */
      readonly folder: string;
      /** File name; `*` stands for any characters. */
      readonly pattern: string;
      /** Its first group is the number of the frame in a name; null: names carry none. */
      readonly frame: string | null;
    }
  | { readonly connector: string; readonly kind: 'http' | 'simulator'; readonly stream: string }
  | { readonly connector: string; readonly kind: 'equipment'; readonly tags: UnitTags };

/** Where the score of a station comes from. */
export type StationModel =
  | { readonly from: 'fit'; readonly recipe: 'auto' | 'novelty' | 'supervised'; readonly fitUnits: number }
  /** Absolute paths of an ONNX file and of the JSON that says what it takes. */
  | { readonly from: 'file'; readonly file: string; readonly manifest: string }
  /** Scores that arrive. */
  | { readonly from: 'score' };

/** Who applies for the post of a station; paths are absolute and every default is filled in. */
export type ApplicantSettings = z.output<typeof applicantSchema>;

export interface StationConfig extends Omit<StationSettings, 'input' | 'model'> {
  readonly input: StationInput;
  readonly model: StationModel;
}

/** A configuration in force: every default filled in, every path absolute, every size in bytes. */
export interface SiteConfig extends Omit<ConfigFile, 'stations' | 'access'> {
  readonly stations: readonly StationConfig[];
  readonly access: Omit<ConfigFile['access'], 'passkeys'> & { readonly passkeys: boolean };
  readonly source: {
    readonly file: string;
    /** SHA-256 of the text of the file, 64 hex digits. */
    readonly hash: string;
  };
}

export type { ConnectorConfig };

/** What the gate of a station is started with, beside its budget. */
export const gateSettingsOf = ({ gate }: Pick<StationConfig, 'gate'>): GateSettings => ({
  ...DEFAULT_SETTINGS,
  auditFloorAccept: gate.auditFloorAccept,
  auditFloorReject: gate.auditFloorReject,
  weightedAudits: gate.weightedAudits,
  overdueMs: gate.overdueMs,
  expiryMs: gate.expiryDays * DAY_MS,
});
