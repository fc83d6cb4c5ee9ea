import { z } from 'zod';

/** Version of the document that `selvedge replay --json` prints. */
export const REPLAY_SPEC_VERSION = '1';

export const originSchema = z.enum(['live', 'recorded', 'public', 'simulated']);
/** Where data came from. No figure is shown without it. */
export type Origin = z.infer<typeof originSchema>;

export const contractSchema = z.enum(['per-unit', 'per-pass']);
/** `per-unit`: escapes per unit leaving the station; `per-pass`: escapes among automatic passes. */
export type Contract = z.infer<typeof contractSchema>;

export const gateStateNameSchema = z.enum(['shadow', 'ramp', 'open', 'watch', 'closed']);
export type GateStateName = z.infer<typeof gateStateNameSchema>;

const share = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const counts = z.strictObject({ good: count, bad: count });

export const transitionSchema = z.strictObject({
  /** Number of stream units seen when it happened (0 = before the first). */
  unit: count,
  from: gateStateNameSchema,
  to: gateStateNameSchema,
  why: z.string(),
});

export const warningSchema = z.strictObject({ code: z.string(), detail: z.string() });
export type Warning = z.infer<typeof warningSchema>;

/** The JSON document of `selvedge replay` (DESIGN: held stable; fields are only ever added). */
export const replayDocumentSchema = z.strictObject({
  specVersion: z.literal(REPLAY_SPEC_VERSION),
  origin: originSchema,
  recipe: z.string(),
  seed: z.number().int(),
  counts: z.strictObject({ fit: counts, calibrate: counts, stream: counts }),
  model: z.strictObject({
    /** Area under the ROC curve on all units that the fit never saw (calibrate and stream); null where one class is missing. */
    auc: share.nullable(),
    fitMs: z.number().nonnegative(),
    scoreMsMedian: z.number().nonnegative(),
  }),
  classes: z
    .strictObject({
      macroF1: share,
      perClass: z.record(
        z.string(),
        z.strictObject({ precision: share, recall: share, f1: share, units: count }),
      ),
      /** `confusion[truth][call]` = units of the stream. */
      confusion: z.record(z.string(), z.record(z.string(), count)),
    })
    .nullable(),
  gate: z.strictObject({
    state: gateStateNameSchema,
    reason: z.string(),
    /** The largest accepted score; null while nothing is accepted. */
    accept: z.number().nullable(),
    /** The smallest rejected score; null while nothing is rejected. */
    reject: z.number().nullable(),
    certificate: z
      .strictObject({
        test: z.string(),
        n: count,
        /** 1 where only automatic rejects were certified: nothing is promised of escapes. */
        escapeUpper: share,
        overkillUpper: share.nullable(),
        confidence: share,
      })
      .nullable(),
  }),
  stream: z.strictObject({
    units: count,
    automatic: count,
    asked: count,
    automaticShare: share,
    escapes: count,
    escapePerUnit: share,
    escapePerAutoPass: share,
    /** One-sided upper bound of `escapePerUnit` or `escapePerAutoPass` (by contract) from the truth; 1 where there was no trial. */
    escapeUpper: share,
    /** What the audits alone prove at the end, by the contract's denominator. */
    liveUpper: share,
    overkills: count,
    overkillPerUnit: share,
    audits: count,
    transitions: z.array(transitionSchema),
  }),
  interventions: z.strictObject({
    before: z.number().nonnegative(),
    after: z.number().nonnegative(),
    reduction: z.number(),
    interval: z.tuple([z.number(), z.number()]),
  }),
  warnings: z.array(warningSchema),
});
export type ReplayDocument = z.infer<typeof replayDocumentSchema>;

/** What `--json` prints when the run could not be done (exit 2 or 3). */
export const replayErrorSchema = z.strictObject({
  specVersion: z.literal(REPLAY_SPEC_VERSION),
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    file: z.string().nullable(),
    line: z.number().int().nullable(),
  }),
});
export type ReplayError = z.infer<typeof replayErrorSchema>;
