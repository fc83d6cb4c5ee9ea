import { z } from 'zod';

const id = z.string().min(1).max(200);
const value = z.union([z.number(), z.boolean(), z.string().max(500)]);
const why = z.string().max(500);

/** What a site writes about the equipment that it reads and writes; spread into `SITE_FACTS`. */
export const EQUIPMENT_FACTS = {
  /** A write that the guard let through, on disk before it is sent. Subject = what it follows from: a unit or a station. */
  'write-intended': z.strictObject({
    write: id,
    connector: id,
    target: id,
    value,
    /** Station whose gate or people asked for it. */
    station: id,
    decision: id,
    release: z.string().max(200),
    /** Under which connection it was armed. */
    epoch: z.string().max(200),
    lease: id.nullable(),
    notAfterMs: z.number(),
    /** Why a person wrote it; their name stands in `decision`. */
    reason: z.string().min(3).max(500).optional(),
  }),
  /** How it ended; `unknown` is a person's matter and is never sent again. */
  'write-ended': z.strictObject({
    write: id,
    station: id,
    target: id,
    outcome: z.enum(['done', 'refused', 'unknown']),
    why,
    readBack: value.nullable(),
  }),
  /** A write that the guard did not let through, and which of its rules said so. */
  'write-refused': z.strictObject({
    /** Only for a verdict that the equipment was not told in its time: a person has to see to the unit. */
    write: id.optional(),
    connector: id,
    target: id,
    value,
    station: id,
    decision: id,
    why: z.string().max(60),
    mode: z.enum(['off', 'shadow', 'advise', 'act']),
    reason: z.string().min(3).max(500).optional(),
  }),
  /** A person looked at the equipment after an unknown outcome. */
  'write-seen': z.strictObject({ write: id, user: id, note: z.string().max(500) }),
  /** What a guard may do; subject = connector. Off until somebody says otherwise. */
  'guard-mode': z.strictObject({
    connector: id,
    mode: z.enum(['off', 'shadow', 'advise', 'act']),
    user: id,
    reason: z.string().min(1).max(500),
  }),
  /** An authority in time to adjust one setting; subject = station. */
  'lease-signed': z.strictObject({
    lease: id,
    connector: id,
    target: id,
    station: id,
    bounds: z.tuple([z.number(), z.number()]),
    maxStep: z.number().positive(),
    minIntervalMs: z.number().nonnegative(),
    untilMs: z.number(),
    rollBack: z.number(),
    user: id,
    reason: z.string().min(1).max(500),
  }),
  /** It ended, and the setting goes back; subject = station. */
  'lease-ended': z.strictObject({
    lease: id,
    station: id,
    why: z.enum(['expired', 'withdrawn', 'replaced', 'harm', 'moved-by-others', 'connection']),
    user: id.nullable(),
  }),
  /**
   * A change of a setting that the model proposes after a unit; subject = unit. `applied`: it was sent; otherwise `why`
   * says what held it back (shadow, the coin of a trial, an interval too wide, the guard).
   */
  proposed: z.strictObject({
    station: id,
    target: id,
    held: z.number().nullable(),
    value: z.number(),
    /** Half-width of its own doubt about what will be left over, in the unit of the tolerance. */
    halfWidth: z.number().nonnegative().nullable(),
    step: z.enum(['SHADOW', 'TRIAL', 'OPEN']),
    applied: z.boolean(),
    coin: z.boolean().nullable(),
    why: z.string().max(60),
  }),
  /** What the gate of a setting was told of one unit's outcome; its state is a fold of these. Subject = unit or station. */
  opening: z.strictObject({
    station: id,
    target: id,
    /** What was signed for it: the largest share out of tolerance, and the doubt. */
    alpha: z.number(),
    delta: z.number(),
    event: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('shadow-proposal'), agreed: z.boolean() }),
      z.strictObject({ kind: z.literal('lease-signed') }),
      z.strictObject({ kind: z.literal('trial-pair'), gain: z.number() }),
      z.strictObject({ kind: z.literal('applied-outcome'), inTolerance: z.boolean() }),
      z.strictObject({ kind: z.literal('epoch-ended') }),
    ]),
  }),
} as const;
