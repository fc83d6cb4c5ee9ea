import type { CertifiedSides, GatePlan } from '@selvedge/core';
import type { LearningParts, SiteFactBody } from '@selvedge/core/records';
import type { StationConfig } from '../config/site-config.js';
import type { Roles } from './roles.js';

/** What the learner's process is asked: everything that a step needs, so that it holds nothing between two of them. */
export interface LearnRequest {
  /** Folder of the site: its journal and content are read, never written. */
  readonly folder: string;
  readonly station: string;
  readonly observed: StationConfig['observation'];
  /** Label of the good answer. */
  readonly good: string;
  readonly plan: GatePlan | null;
  readonly roles: Roles;
  readonly rolesSeq: number;
  /** The model in post and what it may decide; null where everything goes to people. */
  readonly inPost: { readonly model: string; readonly sides: CertifiedSides } | null;
  readonly what: FitStep | ScoreStep;
}

/** Fit a candidate on every label of role training, then score and test it. */
export interface FitStep {
  readonly kind: 'fit';
  readonly recipe: 'auto' | 'novelty' | 'supervised';
  readonly seed: number;
}

/** Score a graph that is here already over the evidence of the past (`graph`), or test what was said so far (null). */
export interface ScoreStep {
  readonly kind: 'score';
  readonly applicant: string;
  readonly graph: string | null;
  readonly turned: boolean;
  /** Row by which it was what it is, and after which it can have scores of units that it saw live. */
  readonly appliedSeq: number;
  readonly middle: number;
}

export type ShadowScores = SiteFactBody<'shadow-scored'>['units'];

/** What a step leaves behind: rows for the site to write, and the graph of a new candidate. */
export interface LearnResult {
  readonly fitted: {
    readonly onnx: Uint8Array;
    /** Without the hash of the graph, which the site makes as it keeps it. */
    readonly applied: Omit<SiteFactBody<'applied'>, 'applicant' | 'model'>;
  } | null;
  readonly refused: Omit<SiteFactBody<'application-refused'>, 'applicant'> | null;
  /** Scores over the evidence, and how long a batch took. */
  readonly scores: ShadowScores;
  readonly scoredMs: number;
  readonly scoredCpuMs: number;
  /** Null without a signed budget, and without enough evidence to look at. */
  readonly assessed: Omit<SiteFactBody<'assessed'>, 'applicant' | 'hash'> | null;
  readonly training: { readonly units: number; readonly bad: number };
  readonly parts: LearningParts;
}

export type LearnMessage =
  | {
      readonly at: 'progress';
      readonly what: 'collects' | 'fits' | 'scores' | 'assesses';
      readonly done: number;
    }
  | { readonly at: 'done'; readonly result: LearnResult }
  | { readonly at: 'failed'; readonly why: string };
