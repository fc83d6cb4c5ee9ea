import { z } from 'zod';

/**
 * An `applicant` is named by the hash of what makes it the same: its graph, or the settings of what is asked over the
 * network. What a site writes of models that apply for a station's post, and of learning. See `docs/decisions/0029`. All have the
 * station as their subject unless they say otherwise.
 */

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().min(1).max(200);
const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const side = z.record(z.string(), z.unknown()).nullable();

/** Where an applicant comes from: fitted here, an ONNX file, a server of the Open Inference Protocol, a language model. */
export const applicantFromSchema = z.enum(['fit', 'file', 'open-inference', 'language']);
export type ApplicantFrom = z.infer<typeof applicantFromSchema>;

export const LEARNING_FACTS = {
  /**
   * The secret that fixes each unit's role was made; only its SHA-256 is told. A unit (or its lot) whose draw lies below
   * `evidenceShare` is evidence and is never trained on; every other is training and never evidence.
   */
  'roles-committed': z.strictObject({
    station: id,
    hash,
    evidenceShare: share,
    by: z.enum(['unit', 'lot']),
  }),
  /** A model applies for the post: it is scored in shadow from here on. */
  applied: z.strictObject({
    station: id,
    applicant: id,
    name: z.string(),
    from: applicantFromSchema,
    /** The graph's bytes by hash; null for one that is asked over the network, whose settings then stand in `asked`. */
    model: hash.nullable(),
    /** Where it is asked and what makes it the same applicant: host, model name, prompt hash. No secrets. */
    asked: z.record(z.string(), z.string()).nullable(),
    recipe: z.string(),
    parity: z.string(),
    input: z.enum(['series', 'image', 'map', 'row', 'pair']),
    inputShape: z.array(count),
    classes: z.array(z.string()).nullable(),
    middle: z.number(),
    /** What makes a fitted one again, byte by byte: null for one made elsewhere. */
    fit: z
      .strictObject({
        seed: count,
        /** Units of role training that were judged up to this row, and SHA-256 over their names and labels in order. */
        untilSeq: count,
        units: count,
        bad: count,
        unitsHash: hash,
        tookMs: z.number().nonnegative(),
      })
      .nullable(),
  }),
  /** Refused before it began: its graph differs from the fitted recipe, or cannot be run or asked. */
  'application-refused': z.strictObject({
    station: id,
    applicant: id,
    name: z.string(),
    from: applicantFromSchema,
    why: z.string(),
    /** Golden samples whose scores differ, at most 20. */
    differing: z.array(
      z.strictObject({ sample: z.string(), expected: z.number(), got: z.number().nullable() }),
    ),
  }),
  /** What an applicant said of some units, after they were decided without it; at most 256 a row. */
  'shadow-scored': z.strictObject({
    station: id,
    applicant: id,
    units: z
      .array(
        z.strictObject({
          unit: id,
          score: z.number().nullable(),
          fault: z.string().nullable(),
          classCall: z.string().nullable(),
        }),
      )
      .max(256),
    /** Units that it was too slow for since the row before: they were let go without it. */
    missed: count,
    /** Wall time of the batch, ms. */
    tookMs: z.number().nonnegative(),
    /** Time on a processor of this machine, ms; null where that is not known (a server). */
    cpuMs: z.number().nonnegative().nullable(),
  }),
  /** An applicant tested on evidence: certified, or how much is missing. */
  assessed: z.strictObject({
    station: id,
    applicant: id,
    /** The how-manieth test on this evidence, and the delta that it may spend. */
    attempt: z.number().int().positive(),
    delta: share,
    /** Lowest propensity of the labels; 1 = complete. Those with a higher one were thinned to it. */
    propensity: share,
    /** Rows between which the units were decided. */
    fromSeq: count,
    untilSeq: count,
    n: count,
    bads: count,
    accept: side,
    reject: side,
    watch: z.strictObject({ perGroup: z.boolean(), every: z.number().int().positive() }).nullable(),
    /** Automatic share on the evidence under the certified sides; 0 where none is. */
    automaticShare: share,
    /** Against who was in post, at both certified thresholds on the same units; null where nobody decided or nothing is certified. */
    against: z
      .strictObject({
        model: hash,
        share,
        difference: z.number().min(-1).max(1),
        interval: z.array(z.number()).length(2),
        n: count,
      })
      .nullable(),
    /**
     * Labels of role evidence that are missing as far as its scores promise (null: they never keep this budget, or nobody
     * knows), and hours at the present pace. Null = certified.
     */
    missing: z
      .strictObject({ labels: count.nullable(), hours: z.number().nonnegative().nullable() })
      .nullable(),
    hash,
  }),
  /** A certified applicant that is better than what is in post waits for a signature. */
  recommended: z.strictObject({ station: id, applicant: id, assessed: hash, why: z.string() }),
  /** An applicant got the post. The rows of the model, the new epoch and the certificate stand in the same commit. */
  hired: z.strictObject({
    station: id,
    applicant: id,
    /** Hash of the model that was in post before; null = none. */
    before: hash.nullable(),
    assessed: hash,
    by: z.enum(['signature', 'policy']),
    /** Who signed it, or the policy under which it opened. */
    user: id,
    reason: z.string(),
  }),
  /**
   * An applicant left: withdrawn by a person, replaced by a newer fit, or dismissed because its gate was closed by harm
   * while it was in post. A barred one is not hired again until a person lifts it.
   */
  dismissed: z.strictObject({
    station: id,
    applicant: id,
    why: z.enum(['withdrawn', 'replaced', 'harm', 'faults', 'readmitted']),
    barred: z.boolean(),
    user: id.nullable(),
    note: z.string(),
  }),
  /** A person lets the learner open what it certifies by itself, inside the budget that is signed already. */
  'learning-policy': z.strictObject({
    station: id,
    /** False: taken back. */
    active: z.boolean(),
    /** Units that an applicant must have been in shadow for. */
    leastShadowUnits: count,
    /** Least gain of the certified automatic share. */
    leastGain: share,
    untilAtMs: z.number().nullable(),
    user: id,
    reason: z.string().min(1),
  }),
  /** A judged unit whose label is doubted was shown once more, and what came of it. Subject = unit. */
  'second-look': z.strictObject({
    station: id,
    question: id.nullable(),
    /** Probability of the given label out of fold. */
    probability: share,
    before: z.string(),
    /** Null: not read yet. */
    after: z.string().nullable(),
    user: id.nullable(),
  }),
  /** Bad units that no known class explains, gathered; the newest row of a group holds. */
  'class-group': z.strictObject({
    station: id,
    group: id,
    units: z.array(id).max(200),
    proposedName: z.string(),
    /** Chance of such a group where there is none. */
    falseAlarm: share,
    state: z.enum(['found', 'named', 'dropped']),
    name: z.string().nullable(),
    user: id.nullable(),
  }),
  /** An owner lets the site send observations to a host outside of this machine, or takes that back. Subject = host. */
  'host-allowed': z.strictObject({ host: id, allowed: z.boolean(), user: id, reason: z.string().min(1) }),

  /** A robot or machine action was proposed, ruled on by the gate like a verdict; subject = unit (the episode). */
  'act-proposed': z.strictObject({
    station: id,
    action: z.string().min(1).max(200),
    /** Probability that it fails, higher = worse; the score of the gate. */
    score: z.number().nullable(),
  }),
  /** How the action ended: by itself, or taken over by a person (an intervention with its seconds). Subject = unit. */
  'act-ended': z.strictObject({
    station: id,
    outcome: z.enum(['succeeded', 'failed', 'taken-over', 'not-done']),
    seconds: z.number().nonnegative(),
    user: id.nullable(),
    /** The recorded episode by hash; null where none was kept. */
    episode: hash.nullable(),
  }),
} as const;
