import { z } from 'zod';
import { contractSchema, gateStateNameSchema, originSchema } from '../replay-document.js';
import { EQUIPMENT_FACTS } from './equipment-facts.js';
import { LEARNING_FACTS } from './learning-facts.js';
import { roleSchema } from './roles.js';

/**
 * Everything that a site writes into its journal, by kind. A body is plain JSON of the schema named here; the row itself
 * carries the time, and the subject (a unit, a station, a user). Kinds are added, never changed: a changed meaning is
 * a new kind.
 */

const share = z.number().min(0).max(1);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().min(1).max(200);

/** Content of one observation, kept by hash. */
export const observationRefSchema = z.strictObject({
  kind: z.enum(['series', 'image', 'map', 'row', 'score', 'pair']),
  /**
   * Content in the blob store, of a pair that of its series; null where the observation is a score or a short row kept
   * in `values`.
   */
  blob: hash.nullable(),
  bytes: z.number().int().nonnegative(),
  /** Channels of a series, of a pair too; null for other kinds. */
  channels: z.number().int().positive().nullable(),
  /** A row or a score that is small enough to stand in the journal. */
  values: z.array(z.number().nullable()).max(256).nullable(),
  /** A pair's other part: the picture of the same unit. */
  picture: z.strictObject({ blob: hash, bytes: z.number().int().nonnegative() }).optional(),
});
export type ObservationRef = z.infer<typeof observationRefSchema>;

/** What a unit may become when nobody decides in time, or when a person stops it. */
export const dispositionSchema = z.enum(['pass', 'reject', 'hold', 'divert']);
export type Disposition = z.infer<typeof dispositionSchema>;

const decisionSchema = z.strictObject({
  station: id,
  /** Null where no score could be made, and why. */
  score: z.number().nullable(),
  noScore: z.string().nullable(),
  /** What the gate's state function was handed, so that the state can be folded from the rows. */
  draw: share,
  pLevel: share.nullable(),
  pSpread: share.nullable(),
  scope: z.string(),
  lot: z.string().nullable(),
  /** What it decided. Epoch 0: there was no gate, since nobody had signed a budget. */
  epoch: z.number().int().nonnegative(),
  call: z.enum(['pass', 'reject', 'ask']),
  by: z.enum(['gate', 'person']),
  region: z.enum(['accept', 'between', 'reject']),
  position: z.number().int().positive().nullable(),
  audit: z.boolean(),
  propensity: share,
  why: z.string(),
  state: gateStateNameSchema,
  certificate: hash.nullable(),
  model: hash.nullable(),
  /** From the unit's arrival to the decision. */
  tookMs: z.number().nonnegative(),
  classCall: z.string().nullable(),
});

const readingSchema = z.strictObject({ user: id, label: z.string(), bad: z.boolean() });

export const SITE_FACTS = {
  /** The site's process began; subject null. */
  started: z.strictObject({ version: z.string(), node: z.string(), config: hash, sqlite: z.string() }),
  stopped: z.strictObject({ why: z.string() }),
  /** The disk fell below the hard floor and the gates of these stations close; subject null. */
  'space-short': z.strictObject({
    freeBytes: z.number().nonnegative(),
    floorBytes: z.number().nonnegative(),
    closed: z.array(id),
  }),
  /** There is room again; the gates stay closed until a person begins anew. Subject null. */
  'space-back': z.strictObject({ freeBytes: z.number().nonnegative() }),
  /** What the site says of itself; written when it differs from the last one. Subject null. */
  described: z.strictObject({
    site: id,
    name: z.string(),
    origin: originSchema,
    timezone: z.string(),
    dayStart: z.string(),
    stations: z.array(z.strictObject({ id, name: z.string(), line: z.string(), safety: z.boolean() })),
  }),
  /** The public half of a new key of the site (Ed25519, SPKI in base64) and its SHA-256; subject null. */
  'key-made': z.strictObject({ publicKey: z.string(), fingerprint: hash }),
  /** The wall clock moved against the steady one. */
  'clock-stepped': z.strictObject({ byMs: z.number() }),

  /** A unit came to a station; subject = unit. */
  arrived: z.strictObject({
    station: id,
    observation: observationRefSchema,
    context: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    lot: z.string().nullable(),
    part: z.string().nullable(),
    /** When the equipment said that it happened; the row has when the site took it. */
    sourceAtMs: z.number().nullable(),
    deadlineAtMs: z.number(),
  }),
  /** The gate's call; subject = unit. */
  decided: decisionSchema,
  /** A question to a person; subject = unit. Its reason is never shown before the answer. */
  asked: z.strictObject({
    station: id,
    question: id,
    reason: z.enum(['ask', 'audit', 'shadow', 'second-read', 'seed', 'no-score', 'teach', 'second-look']),
    deadlineAtMs: z.number(),
    otherwise: dispositionSchema,
    /**
     * A unit that is shown once more, for a second read or as a seed. The subject of this row and of what is said on the
     * question is then a name made for the question, so that the unit's own record does not move.
     */
    again: z
      .strictObject({
        unit: id,
        /** The unit whose context is shown; a seed borrows that of a live unit. */
        contextOf: id,
        /** The live unit whose draw brought it along: the epoch's secret says afterwards that nobody chose. */
        besides: id,
        /** Users who have judged the unit before, or may remember it: it is not theirs to answer. */
        notFor: z.array(id),
      })
      .optional(),
  }),
  /** Somebody asked for the model's view before answering: that answer is no blind evidence. Subject = unit. */
  'help-shown': z.strictObject({ station: id, question: id, user: id }),
  /**
   * An answer; subject = unit. The first on a question is the evidence (`counts`); a later one changes what becomes of
   * the unit and is never evidence.
   */
  answered: z.strictObject({
    station: id,
    question: id,
    user: id,
    bad: z.boolean(),
    label: z.string(),
    blind: z.boolean(),
    counts: z.boolean(),
    by: z.enum(['touch', 'keyboard', 'pedal', 'api']),
    tookMs: z.number().nonnegative(),
  }),
  /** An answer taken back within its undo window; subject = unit. */
  undone: z.strictObject({ station: id, question: id, user: id }),
  /** Nobody answered in time; subject = unit. */
  overdue: z.strictObject({ station: id, question: id, otherwise: dispositionSchema }),
  /** Nobody answered a question on a unit shown once more: no evidence, and nothing becomes of the unit. */
  lapsed: z.strictObject({ station: id, question: id }),
  /** An audited unit was read blind by a second user; subject = unit. Says how readers agree, no evidence of a gate. */
  'second-read': z.strictObject({
    station: id,
    question: id,
    first: readingSchema,
    second: readingSchema.extend({ blind: z.boolean() }),
  }),
  /** A known-bad unit was read; subject = unit. Written with the gate's own row of it. */
  'seed-read': z.strictObject({
    station: id,
    question: id,
    user: id,
    label: z.string(),
    missed: z.boolean(),
    blind: z.boolean(),
  }),
  /** A known-bad unit entered the library of seeds, or left it; subject = unit. */
  'seed-added': z.strictObject({
    station: id,
    label: z.string(),
    /** Null: two readers called it bad without knowing of each other. */
    by: id.nullable(),
    /** Users who have judged it: they may remember it. */
    seenBy: z.array(id),
  }),
  'seed-removed': z.strictObject({ station: id, by: id, reason: z.string() }),
  /** What the unit became, and whether the equipment took it; subject = unit. */
  released: z.strictObject({
    station: id,
    disposition: dispositionSchema,
    by: z.enum(['gate', 'person', 'deadline']),
    outcome: z.enum(['done', 'unknown', 'not-sent']),
  }),
  /** An unplanned act of a person; subject = unit or station. */
  intervened: z.strictObject({
    station: id,
    type: z.string().min(1),
    seconds: z.number().nonnegative(),
    user: id.nullable(),
    verdict: z.boolean(),
  }),
  /** A unit found bad downstream; subject = unit. */
  found: z.strictObject({
    station: id,
    where: z.enum(['end-of-line', 'customer']),
    label: z.string(),
    user: id,
    counted: z.boolean(),
    note: z.string(),
  }),

  /** A person signed the risk that a gate may take; subject = station. Begins an epoch. */
  signed: z.strictObject({
    station: id,
    escapeRate: share,
    overkillRate: share,
    confidence: share,
    contract: contractSchema,
    plannedUnits: z.number().int().positive().nullable(),
    user: id,
    reason: z.string().min(1),
    /** The whole plan that the gate was begun with: what was signed, the station's settings, the ramp's threshold. */
    plan: z.record(z.string(), z.unknown()),
  }),
  /** SHA-256 of an epoch's audit secret, before its first draw; and the secret when the epoch is over. Subject = station. */
  'secret-committed': z.strictObject({ station: id, epoch: z.number().int(), hash }),
  'secret-revealed': z.strictObject({ station: id, epoch: z.number().int(), secret: hash }),
  /** Evidence of a gate; subject = station. */
  certified: z.strictObject({
    station: id,
    n: z.number().int().nonnegative(),
    bads: z.number().int().nonnegative(),
    accept: z.record(z.string(), z.unknown()).nullable(),
    reject: z.record(z.string(), z.unknown()).nullable(),
    /** The martingale's unit of observation, chosen on the same scores; null = the scores are not watched. */
    watch: z.strictObject({ perGroup: z.boolean(), every: z.number().int().positive() }).nullable(),
    hash,
    /** True: made from evidence of before this epoch, for who was hired on it; the epoch begins on probation. */
    assessed: z.boolean().optional(),
  }),
  /** Other events of the gate that changed its state (a tick, a closing, a new epoch, a seed); subject = station. */
  gate: z.strictObject({ station: id, event: z.record(z.string(), z.unknown()) }),
  /** The gate changed its state; follows from the rows before and is written for people. Subject = station. */
  transition: z.strictObject({
    station: id,
    from: gateStateNameSchema,
    to: gateStateNameSchema,
    why: z.string(),
  }),
  alarm: z.strictObject({ station: id, what: z.string(), why: z.string() }),
  /** The model of a station; subject = station. */
  'model-installed': z.strictObject({
    station: id,
    /** The graph's hash, and where its bytes are kept. */
    model: hash,
    name: z.string(),
    recipe: z.string(),
    parity: z.string(),
    input: z.enum(['series', 'image', 'map', 'row', 'pair']),
    inputShape: z.array(z.number().int().nonnegative()),
    classes: z.array(z.string()).nullable(),
    /** Median score of good fit units out of fold: the second martingale ranks the distance from it. */
    middle: z.number(),
    /** Where the ramp of an epoch may begin, fixed before its first label. */
    rampThreshold: z.number().nullable(),
  }),
  /** State of a connector or a worker; subject = its name. */
  part: z.strictObject({ part: id, state: z.enum(['up', 'down', 'restarting']), why: z.string() }),

  ...EQUIPMENT_FACTS,
  ...LEARNING_FACTS,

  /** Users and rights; subject = user. Passwords and keys are not in the journal. */
  'user-added': z.strictObject({ user: id, name: z.string(), role: roleSchema, by: id.nullable() }),
  'user-changed': z.strictObject({
    user: id,
    role: roleSchema.nullable(),
    active: z.boolean().nullable(),
    by: id,
  }),
  'signed-in': z.strictObject({ user: id, how: z.enum(['password', 'passkey', 'oidc', 'code']) }),
  /** A session ended: by oneself, by a new sign-in in its place, unused, at its longest, crowded out, by a clock set back. */
  'signed-out': z.strictObject({
    user: id,
    why: z.enum(['own', 'renewed', 'idle', 'longest', 'crowded', 'clock']),
  }),
  'sign-in-refused': z.strictObject({ user: z.string(), why: z.string() }),
  /** A way to sign in was set or taken away; subject = user. */
  'credential-changed': z.strictObject({
    user: id,
    what: z.enum(['password', 'passkey-added', 'passkey-removed', 'oidc-linked']),
    by: id,
  }),
  /** Somebody known asked for what is not theirs to do; subject = who asked. */
  'right-refused': z.strictObject({ by: id, right: z.string(), route: z.string() }),
  'token-made': z.strictObject({ token: id, name: z.string(), rights: z.array(z.string()), by: id }),
  'token-revoked': z.strictObject({ token: id, by: id }),
  'settings-changed': z.strictObject({ what: z.string(), by: id, hash }),
} as const;

export type SiteFactKind = keyof typeof SITE_FACTS;
export type SiteFactBody<K extends SiteFactKind> = z.infer<(typeof SITE_FACTS)[K]>;
