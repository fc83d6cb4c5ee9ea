import { z } from 'zod';
import { EQUIPMENT_FACTS } from './equipment-facts.js';

const id = z.string().min(1).max(200);
const plain = z.union([z.number(), z.boolean(), z.string()]);
const value = z.union([plain, z.null()]);
const mode = z.enum(['off', 'shadow', 'advise', 'act']);

/** A lease as people see it. */
export const leaseViewSchema = EQUIPMENT_FACTS['lease-signed'].extend({
  fromMs: z.number(),
  /** The connection changed: it waits until the equipment was seen to hold what was left there. */
  suspended: z.boolean(),
});
export type LeaseView = z.infer<typeof leaseViewSchema>;

/** How far the gate of a setting is: GATE section 11. */
export const openingViewSchema = z.strictObject({
  station: id,
  target: id,
  unit: z.string(),
  step: z.enum(['SHADOW', 'TRIAL', 'OPEN']),
  authority: z.enum(['none', 'advise', 'adjust']),
  boundShare: z.number(),
  /** Shadow proposals on which people agreed, of all. */
  agreed: z.strictObject({ k: z.number(), n: z.number() }),
  /** Trial pairs in which the corrected unit was better, of all with a difference. */
  better: z.strictObject({ k: z.number(), n: z.number() }),
  /** Applied corrections that left the unit out of tolerance, of all; with the upper bound of that share. */
  out: z.strictObject({ k: z.number(), n: z.number() }),
  outUpper: z.number(),
  /** Further pairs, and further corrected units, that open it at best; 0: that half is proved. */
  needs: z.strictObject({ pairs: z.number().int(), outcomes: z.number().int() }),
  alpha: z.number(),
  confidence: z.number(),
});
export type OpeningView = z.infer<typeof openingViewSchema>;

/**
 * GET /api/stations/:id/live, server-sent events: what is measured while a unit is being made, as far as it changed. A
 * list is the whole of it so far; null: no good value.
 */
export const liveValuesSchema = z.strictObject({
  atMs: z.number(),
  values: z.record(z.string(), z.union([value, z.array(z.number().nullable())])),
});
export type LiveValues = z.infer<typeof liveValuesSchema>;

/** What a station shows while a unit is being made, in the order of its settings. */
export const liveTagSchema = z.strictObject({ tag: id, name: z.string(), unit: z.string() });

/**
 * GET /api/live?station=…&station=…, server-sent events: several stations in one stream, because a browser opens no more
 * than six to a server. For each station an event `tags`, then its values as they change.
 */
export const liveTagsOfSchema = z.strictObject({ station: id, tags: z.array(liveTagSchema) });
export type LiveTagsOf = z.infer<typeof liveTagsOfSchema>;
export const liveValuesOfSchema = liveValuesSchema.extend({ station: id });
export type LiveValuesOf = z.infer<typeof liveValuesOfSchema>;

/** One tag now. */
export const tagViewSchema = z.strictObject({
  tag: id,
  unit: z.string(),
  /** Null: no value, a list, or bytes; `size` then says how many. */
  value,
  size: z.number().int().nullable(),
  quality: z.enum(['good', 'uncertain', 'bad']),
  status: z.string().nullable(),
  atMs: z.number().nullable(),
  writable: z.boolean(),
});

export const writeViewSchema = z.strictObject({
  write: id,
  atMs: z.number(),
  target: id,
  value,
  station: id,
  decision: z.string(),
  lease: z.string().nullable(),
  /** Null: under way. `held`: it was not sent; among the doubts, a verdict that the equipment was not told in its time. */
  outcome: z.enum(['done', 'refused', 'unknown', 'held']).nullable(),
  why: z.string(),
  /** Who looked after an unknown outcome. */
  seenBy: z.string().nullable(),
});
export type WriteView = z.infer<typeof writeViewSchema>;

/** GET /api/equipment */
export const equipmentViewSchema = z.strictObject({
  connectors: z.array(
    z.strictObject({
      id,
      speaks: z.string(),
      state: z.enum(['connecting', 'up', 'degraded', 'down']),
      why: z.string(),
      restarts: z.number().int(),
      gaps: z.number().int(),
      /** Share of one core that its process uses; null where it does not run. */
      cpuShare: z.number().nullable(),
      mode,
      modeBy: z.string().nullable(),
      modeReason: z.string().nullable(),
      tags: z.array(tagViewSchema),
      rules: z.array(
        z.strictObject({
          target: id,
          does: z.enum(['add-stop', 'dismiss', 'adjust', 'act']),
          safety: z.boolean(),
          /** What may be written, as text. */
          range: z.string(),
          /** Least and largest number, and largest change; null where the rule has none. */
          limits: z.tuple([z.number(), z.number()]).nullable(),
          maxStep: z.number().nullable(),
          /** The only values, the pattern of a text, and the value that stops; null where the rule has none. */
          values: z.array(plain).nullable(),
          pattern: z.string().nullable(),
          stop: plain.nullable(),
          /** Stations whose gate may ask for it. */
          stations: z.array(id),
        }),
      ),
      leases: z.array(leaseViewSchema),
      openings: z.array(openingViewSchema),
      /** The last ones, newest first. */
      writes: z.array(writeViewSchema),
      /** Nobody can say whether they happened, or nobody was told, and nobody has looked yet: the oldest, and how many. */
      doubts: z.array(writeViewSchema),
      doubtsInAll: z.number().int(),
    }),
  ),
});
export type EquipmentView = z.infer<typeof equipmentViewSchema>;

const reason = z.string().min(3).max(500);

/** POST /api/equipment/:connector/mode */
export const modeWishSchema = z.strictObject({ mode, reason });

/** POST /api/equipment/:connector/leases */
export const leaseWishSchema = z.strictObject({
  target: id,
  station: id,
  bounds: z.tuple([z.number(), z.number()]),
  maxStep: z.number().positive(),
  minIntervalMs: z.number().nonnegative().default(0),
  /** How long it lasts, at most 24 hours. */
  hours: z.number().positive().max(24),
  rollBack: z.number(),
  reason,
});

/** POST /api/equipment/:connector/write: by hand, within the rules. */
export const writeWishSchema = z.strictObject({
  target: id,
  station: id,
  value: z.union([z.number(), z.boolean(), z.string().max(500)]),
  reason,
});
export const writtenSchema = z.strictObject({
  sent: z.boolean(),
  outcome: z.enum(['done', 'refused', 'unknown']).nullable(),
  why: z.string(),
  /** What the equipment held afterwards; null where it was not read. */
  readBack: value,
});

/** GET /api/equipment/:connector/doubts?after=…&limit=…: all of them, the oldest first; `next` is the `after` of the next page. */
export const doubtsPageSchema = z.strictObject({
  doubts: z.array(writeViewSchema),
  next: z.number().int().nullable(),
});

/** POST /api/writes/:id/seen: after an unknown outcome somebody looked at the equipment. */
export const writeSeenSchema = z.strictObject({ note: z.string().max(500).default('') });
