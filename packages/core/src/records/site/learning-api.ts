import { z } from 'zod';
import { applicantFromSchema } from './learning-facts.js';

/** What the site says of learning and of applicants. Shares, rates and probabilities 0..1, times epoch ms unless named. */

const share = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const interval = z.tuple([z.number(), z.number()]);

/** A share with its 95 % interval and how many units it is of. */
export const measuredSchema = z.strictObject({ value: z.number(), interval: interval.nullable(), n: count });
export type Measured = z.infer<typeof measuredSchema>;

export const applicantStateSchema = z.enum(['in-post', 'shadow', 'recommended', 'refused', 'left', 'barred']);

/** How long the parts of one learning step took, ms. */
export const learningPartsSchema = z.strictObject({
  collect: z.number(),
  fit: z.number(),
  parity: z.number(),
  score: z.number(),
  assess: z.number(),
  total: z.number(),
});
export type LearningParts = z.infer<typeof learningPartsSchema>;

/** The newest test of an applicant on evidence. */
export const assessmentSchema = z.strictObject({
  hash: z.string(),
  atMs: z.number(),
  attempt: count,
  delta: share,
  propensity: share,
  n: count,
  bads: count,
  certified: z.boolean(),
  automaticShare: share,
  /** Largest accepted and least rejected score; null = that side is not certified. */
  accept: z.number().nullable(),
  reject: z.number().nullable(),
  missing: z.strictObject({ labels: count.nullable(), hours: z.number().nullable() }).nullable(),
});

export const calibrationSchema = z.strictObject({
  n: count,
  brier: measuredSchema.nullable(),
  /** Score range, what the model's score was taken for, and what was found in it. */
  bins: z.array(
    z.strictObject({ from: z.number(), to: z.number(), predicted: share, found: measuredSchema }),
  ),
});

export const applicantRowSchema = z.strictObject({
  applicant: z.string(),
  name: z.string(),
  from: applicantFromSchema,
  state: applicantStateSchema,
  /** One plain sentence in English. */
  why: z.string(),
  sinceMs: z.number(),
  fit: z.strictObject({ units: count, bad: count }).nullable(),
  assessment: assessmentSchema.nullable(),
  /** Automatic share under the station's budget minus that of the one in post, on the same evidence. */
  gain: measuredSchema.nullable(),
  auc: measuredSchema.nullable(),
  shadow: z.strictObject({ scored: count, faults: count, missed: count }),
  /** Of one unit, ms; null before the first. */
  latencyMs: z.strictObject({ p50: z.number(), p99: z.number() }).nullable(),
  /** Processor time per 1,000 units, s; and with `wattsPerCore` of the configuration the energy, W.h. */
  cpuSecondsPer1000: z.number().nullable(),
  wattHoursPer1000: z.number().nullable(),
  /** With the one in post, at both certified thresholds, or at the median of the ask region where none is. */
  agreement: measuredSchema.nullable(),
  calibration: calibrationSchema.nullable(),
  /** Golden samples that differ, of a refused one. */
  differing: z.array(
    z.strictObject({ sample: z.string(), expected: z.number(), got: z.number().nullable() }),
  ),
});
export type ApplicantRow = z.infer<typeof applicantRowSchema>;

/** GET /api/stations/:id/applicants. */
export const boardSchema = z.strictObject({
  station: z.string(),
  name: z.string(),
  budget: z.strictObject({ escapeRate: share, overkillRate: share, confidence: share }).nullable(),
  /** Best certified share first; who is in post stands first of all. */
  rows: z.array(applicantRowSchema),
  policy: z
    .strictObject({
      leastShadowUnits: count,
      leastGain: share,
      untilAtMs: z.number().nullable(),
      user: z.string(),
      reason: z.string(),
    })
    .nullable(),
  /** Hosts that an applicant of this station wants to ask, and whether an owner has allowed them. */
  hosts: z.array(z.strictObject({ host: z.string(), allowed: z.boolean(), outside: z.boolean() })),
});
export type Board = z.infer<typeof boardSchema>;

/** GET /api/stations/:id/applicants/:applicant/disagreements: units that it and the one in post see differently, newest first. */
export const disagreementsSchema = z.strictObject({
  applicant: z.string(),
  units: z.array(
    z.strictObject({
      unit: z.string(),
      atMs: z.number(),
      inPost: z.strictObject({ score: z.number().nullable(), call: z.enum(['pass', 'reject', 'ask']) }),
      applicant: z.strictObject({ score: z.number().nullable(), call: z.enum(['pass', 'reject', 'ask']) }),
      /** What a person said; null = nobody was asked. */
      label: z.string().nullable(),
      bad: z.boolean().nullable(),
    }),
  ),
});
export type Disagreements = z.infer<typeof disagreementsSchema>;

/** GET /api/stations/:id/learning. */
export const learningSchema = z.strictObject({
  station: z.string(),
  name: z.string(),
  /** `off`: the configuration says so. */
  state: z.enum(['off', 'waits', 'collects', 'fits', 'scores', 'assesses', 'failed']),
  why: z.string(),
  progress: share.nullable(),
  labels: z.strictObject({
    training: z.strictObject({ units: count, bad: count }),
    evidence: z.strictObject({ units: count, bad: count }),
    /** New ones of role training since the last fit, and how many the next fit waits for. */
    fresh: count,
    needed: count,
    /** Of role evidence in the last hour of work; null before the first. */
    evidencePerHour: z.number().nullable(),
  }),
  /** Newest first, at most 20. */
  steps: z.array(
    z.strictObject({
      atMs: z.number(),
      applicant: z.string().nullable(),
      outcome: z.enum(['certified', 'missing', 'refused', 'failed']),
      why: z.string(),
      training: count,
      parts: learningPartsSchema.nullable(),
    }),
  ),
  /** Extra questions on automatic calls that teach most. */
  extra: z.strictObject({ perHour: count, askedToday: count, open: count }),
});
export type Learning = z.infer<typeof learningSchema>;

/** GET /api/stations/:id/labels: how far the answers can be trusted. */
export const labelQualitySchema = z.strictObject({
  station: z.string(),
  name: z.string(),
  readers: z.array(
    z.strictObject({
      user: z.string(),
      name: z.string(),
      answers: count,
      /** Share of double reads on which both said the same. */
      agreement: measuredSchema.nullable(),
      seedsFound: measuredSchema.nullable(),
    }),
  ),
  agreement: measuredSchema.nullable(),
  seeds: z.strictObject({ read: count, missed: count, missUpper: share.nullable() }),
  /** What reader error puts under every bound, escapes per unit; null = not measured: bounds say "agreement with operators". */
  floor: z.number().nullable(),
  suspects: z.array(
    z.strictObject({
      unit: z.string(),
      atMs: z.number(),
      label: z.string(),
      /** Out of fold. */
      probability: share,
      likely: z.string(),
      state: z.enum(['waits', 'asked', 'confirmed', 'changed']),
    }),
  ),
  /** Wrong labels that chance alone would put among as many. */
  expectedByChance: z.number().nullable(),
  groups: z.array(
    z.strictObject({
      group: z.string(),
      units: z.array(z.string()),
      proposedName: z.string(),
      falseAlarm: share,
      state: z.enum(['found', 'named', 'dropped']),
      name: z.string().nullable(),
      atMs: z.number(),
    }),
  ),
});
export type LabelQuality = z.infer<typeof labelQualitySchema>;

const reason = z.string().trim().min(1).max(500);

/** POST /api/stations/:id/applicants/:applicant/hire (right sign). */
export const hireSchema = z.strictObject({ reason });
/** POST …/applicants/:applicant/leave and …/readmit (right sign). */
export const leaveSchema = z.strictObject({ reason });
/** PUT /api/stations/:id/learning/policy (right sign); `active: false` takes it back. */
export const policySchema = z.strictObject({
  active: z.boolean(),
  leastShadowUnits: count.default(200),
  leastGain: share.default(0),
  untilAtMs: z.number().nullable().default(null),
  reason,
});
/** POST /api/stations/:id/labels/:unit/look (right judge): shows a doubted unit once more, blind. */
/** POST /api/stations/:id/groups/:group (right configure): names a group or drops it. */
export const groupActSchema = z.strictObject({
  act: z.enum(['name', 'drop']),
  name: z.string().trim().min(1).max(24).optional(),
});
/** PUT /api/hosts/:host (right govern). */
export const hostActSchema = z.strictObject({ allowed: z.boolean(), reason });
