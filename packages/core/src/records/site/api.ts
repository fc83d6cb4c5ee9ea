import { z } from 'zod';
import { contractSchema, gateStateNameSchema, originSchema } from '../replay-document.js';
import { troubleSchema } from '../said/trouble.js';
import { dispositionSchema, SITE_FACTS } from './facts.js';
import { roleSchema } from './roles.js';

/**
 * What the site's server says and hears: the console and every other client read these, OpenAPI is made from them.
 * Times are epoch ms of the server's clock, shares and rates 0..1.
 */

const share = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const interval = z.tuple([z.number(), z.number()]);

export const userSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  active: z.boolean(),
});
export type User = z.infer<typeof userSchema>;

/** Languages of the console. */
export const languageSchema = z.enum(['en', 'zh', 'id']);
export type ConsoleLanguage = z.infer<typeof languageSchema>;

/** What a word of the plant (an answer, a channel, a kind of intervention) is called in a language of the console. */
export const namesSchema = z.strictObject({
  en: z.string().optional(),
  zh: z.string().optional(),
  id: z.string().optional(),
});
export type Names = z.infer<typeof namesSchema>;

/** GET /api/session: who is looking, and what the console needs before anything else. */
export const sessionSchema = z.strictObject({
  site: z.string(),
  origin: originSchema,
  /** The plant's, of the IANA list: every time is shown in it, wherever the browser stands. */
  timeZone: z.string(),
  /** True until the first owner is made with the one-time code of the terminal. */
  needsOwner: z.boolean(),
  user: userSchema.nullable(),
  /** To be sent as `x-csrf-token` with everything but GET. */
  csrf: z.string().nullable(),
  /** Languages that the console offers; the first one for whoever has not chosen. */
  languages: z.array(languageSchema).min(1),
  /** Ways to sign in beside the password: passkeys where browsers have them, the name of the identity provider. */
  ways: z.strictObject({ passkey: z.boolean(), oidc: z.string().nullable() }),
  /** Words of the plant that have names in other languages, by the word as the record keeps it; none before the sign-in. */
  words: z.record(z.string(), namesSchema).default({}),
  /** Kinds of interventions of the plant's own that a person may enter, beside those that the console knows. */
  interventions: z.array(z.string()).default([]),
  nowMs: z.number(),
});
export type Session = z.infer<typeof sessionSchema>;

/** A new one; NIST SP 800-63B-4, section 3.1.1.2: 15 characters where it is the only factor, no rule on their kinds. */
const password = z.string().min(15).max(200);
export const setupSchema = z.strictObject({ code: z.string(), name: z.string().min(1).max(80), password });
export const signInSchema = z.strictObject({ name: z.string(), password: z.string().max(200) });
export const newUserSchema = z.strictObject({ name: z.string().min(1).max(80), role: roleSchema, password });

/** Answers of a station: the good one first, then its bad classes. At most six, as large buttons. */
export const choiceSchema = z.strictObject({ label: z.string(), bad: z.boolean() });

export const stationCardSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  line: z.string(),
  state: gateStateNameSchema,
  /** One plain sentence in English; the console translates what it knows. */
  reason: z.string(),
  /** Of today's units. */
  units: count,
  automatic: count,
  automaticShare: share,
  audits: count,
  queue: count,
  /** Units that no answer reached in time, today. */
  overdue: count,
  /** Median time from unit to unit over the last 100 since the site was started; null with fewer than six of them. */
  taktMs: z.number().nullable(),
  /** Labelled units collected in this epoch, and how many are planned. */
  evidence: z.strictObject({ labels: count, planned: count.nullable(), bad: count }),
  /** Judged units of a certificate that the configuration proposes to whoever signs; null = none. */
  proposedUnits: count.nullable(),
  budget: z
    .strictObject({
      escapeRate: share,
      overkillRate: share,
      confidence: share,
      contract: contractSchema,
      signedBy: z.string(),
      reason: z.string(),
      atMs: z.number(),
    })
    .nullable(),
  liveUpper: share.nullable(),
  auditRate: share,
  model: z.strictObject({ name: z.string(), hash: z.string() }).nullable(),
  /** Workers, connectors: what is down. */
  troubles: z.array(troubleSchema),
  /** Its units can be seen while they are being made: GET /api/live. False in a report, which shows what was. */
  live: z.boolean(),
});
export type StationCard = z.infer<typeof stationCardSchema>;

export const unitLineSchema = z.strictObject({
  seq: count,
  id: z.string(),
  station: z.string(),
  atMs: z.number(),
  /** Null while a question about it is open. */
  disposition: dispositionSchema.nullable(),
  by: z.enum(['gate', 'person', 'deadline']).nullable(),
  label: z.string().nullable(),
});
export type UnitLine = z.infer<typeof unitLineSchema>;

export const interventionRowSchema = z.strictObject({
  type: z.string(),
  /** Judgements are counted apart from every other touch. */
  verdict: z.boolean(),
  count,
  seconds: z.number(),
  per100Good: z.number().nullable(),
  interval: interval.nullable(),
});

/** Every touch of one side of the ledger together, with the exact interval of its count. */
const touchSumSchema = interventionRowSchema.omit({ type: true, verdict: true });
/** Judgements, and everything else that people do, are never one figure. */
export const touchSumsSchema = z.strictObject({ others: touchSumSchema, judgements: touchSumSchema });
export type TouchSums = z.infer<typeof touchSumsSchema>;

/** GET /api/line */
export const lineViewSchema = z.strictObject({
  seq: count,
  atMs: z.number(),
  dayStartMs: z.number(),
  stations: z.array(stationCardSchema),
  goodUnits: count,
  interventions: z.array(interventionRowSchema),
  touchSums: touchSumsSchema,
  /** A presenter can play moments here: GET /api/stage. */
  stage: z.boolean(),
  lastUnits: z.array(unitLineSchema),
  journal: z.strictObject({ state: z.enum(['writing', 'failing']), waiting: count, most: count }),
});
export type LineView = z.infer<typeof lineViewSchema>;

const seriesView = z.strictObject({
  kind: z.literal('series'),
  channels: z.array(z.strictObject({ name: z.string(), unit: z.string() })),
  /** One list a channel. */
  values: z.array(z.array(z.number())),
});
const imageView = z.strictObject({
  kind: z.literal('image'),
  href: z.string(),
  width: count,
  height: count,
});
const goneView = z.strictObject({ kind: z.literal('gone'), why: z.string() });

/** What was seen of a unit, to be drawn. GET /api/units/:id/observation */
export const observationViewSchema = z.discriminatedUnion('kind', [
  seriesView,
  imageView,
  z.strictObject({ kind: z.literal('map'), width: count, height: count, cells: z.string() }),
  z.strictObject({
    kind: z.literal('row'),
    names: z.array(z.string()).nullable(),
    values: z.array(z.number().nullable()),
  }),
  /** A trace and a picture of one unit; each may be gone for itself. */
  z.strictObject({
    kind: z.literal('pair'),
    series: z.discriminatedUnion('kind', [seriesView, goneView]),
    image: z.discriminatedUnion('kind', [imageView, goneView]),
  }),
  goneView,
]);
export type ObservationView = z.infer<typeof observationViewSchema>;

/** One open question: nothing in it tells why it is asked. */
export const questionSchema = z.strictObject({
  id: z.string(),
  station: z.string(),
  stationName: z.string(),
  unit: z.string(),
  askedAtMs: z.number(),
  deadlineAtMs: z.number(),
  otherwise: dispositionSchema,
  choices: z.array(choiceSchema),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
export type Question = z.infer<typeof questionSchema>;

/** GET /api/questions: soonest deadline first. */
export const questionsSchema = z.strictObject({
  seq: count,
  nowMs: z.number(),
  questions: z.array(questionSchema),
});

export const answerSchema = z.strictObject({
  label: z.string(),
  by: SITE_FACTS.answered.shape.by,
  tookMs: z.number().nonnegative(),
});
/** POST /api/questions/:id/answer */
export const answeredSchema = z.strictObject({
  undoUntilMs: z.number(),
  /** Only after the answer: what the model said, where it looked, and whether it agreed. */
  after: z.strictObject({
    score: z.number().nullable(),
    agreed: z.boolean().nullable(),
    /** For a series: how far each reading is from a typical good one, one list a channel. */
    marks: z.array(z.array(z.number())).nullable(),
    heatHref: z.string().nullable(),
    /** Past cases of the station with the nearest scores: how people judged them and what became of them. */
    similar: z.array(
      z.strictObject({
        unit: z.string(),
        label: z.string(),
        bad: z.boolean(),
        disposition: dispositionSchema.nullable(),
        distance: z.number(),
      }),
    ),
  }),
});
export type Answered = z.infer<typeof answeredSchema>;

/** GET /api/stations/:id/proof */
export const proofViewSchema = z.strictObject({
  station: stationCardSchema,
  epoch: count,
  certificate: z
    .strictObject({
      atMs: z.number(),
      n: count,
      bads: count,
      test: z.string(),
      threshold: z.number().nullable(),
      upper: share.nullable(),
      confidence: share,
      hash: z.string(),
    })
    .nullable(),
  /** `agreement` until enough seeded units measure the readers. */
  meaning: z.enum(['truth', 'agreement']),
  seeds: z.strictObject({ read: count, missed: count, needed: count }),
  /** Whether the readers are measured here at all: shares of the configuration, 0 = never. */
  measured: z.strictObject({ doubleReadShare: share, seedShare: share }),
  /** Audits that a second reader judged blind: how many, how many alike, and Scott's kappa with its 95 % interval. */
  readers: z
    .strictObject({
      pairs: count,
      agreed: count,
      kappa: z.number().min(-1).max(1).nullable(),
      interval: interval.nullable(),
    })
    .optional(),
  curve: z.array(z.strictObject({ share, escapeUpper: share, escapeRate: share })),
  live: z.array(
    z.strictObject({
      atMs: z.number(),
      seq: count,
      state: gateStateNameSchema,
      auditRate: share,
      liveUpper: share,
      automaticShare: share,
    }),
  ),
  drift: z.array(z.strictObject({ seq: count, level: z.number(), spread: z.number(), harm: z.number() })),
  levels: z.strictObject({
    alarmLog10: z.number(),
    closeLog10: z.number(),
    harmWatchLog10: z.number(),
    harmCloseLog10: z.number(),
  }),
  transitions: z.array(
    z.strictObject({
      seq: count,
      atMs: z.number(),
      from: gateStateNameSchema,
      to: gateStateNameSchema,
      why: z.string(),
    }),
  ),
  before: z.strictObject({ judgementsPerUnit: z.number(), units: count }),
  after: z.strictObject({ judgementsPerUnit: z.number(), units: count }),
  reduction: share.nullable(),
  reductionInterval: interval.nullable(),
  audits: count,
  auditsBad: count,
  findings: count,
});
export type ProofView = z.infer<typeof proofViewSchema>;

/** GET /api/units/:id: everything that happened to it, in order. */
export const unitViewSchema = z.strictObject({
  id: z.string(),
  part: z.string().nullable(),
  lot: z.string().nullable(),
  /** A question about it waits for its first answer: until then the model's call is kept back. */
  waits: z.boolean(),
  events: z.array(
    z.strictObject({
      seq: count,
      atMs: z.number(),
      kind: z.string(),
      station: z.string().nullable(),
      user: z.string().nullable(),
      body: z.record(z.string(), z.unknown()),
      hash: z.string(),
    }),
  ),
});
export type UnitView = z.infer<typeof unitViewSchema>;

/** POST /api/stations/:id/sign */
export const signSchema = z.strictObject({
  escapeRate: z.number().gt(0).lt(1),
  overkillRate: z.number().min(0).lt(1),
  confidence: z.number().gt(0.5).lt(1),
  contract: contractSchema,
  plannedUnits: z.number().int().min(60).nullable(),
  reason: z.string().min(3).max(500),
});
/** POST /api/stations/:id/close and /new-epoch */
export const reasonSchema = z.strictObject({ reason: z.string().min(3).max(500) });

/** POST /api/findings */
export const findingSchema = z.strictObject({
  unit: z.string(),
  where: SITE_FACTS.found.shape.where,
  label: z.string(),
  note: z.string().max(500),
});
/** GET /api/seeds: the library of known-bad units, newest first. */
export const seedsSchema = z.strictObject({
  seeds: z.array(
    z.strictObject({
      unit: z.string(),
      station: z.string(),
      label: z.string(),
      /** Null: two readers called it bad without knowing of each other. */
      by: z.string().nullable(),
      atMs: z.number(),
      read: count,
      missed: count,
    }),
  ),
});
/** POST /api/seeds and /api/seeds/remove. `station`: where it was seen; the last one where left out. */
export const seedSchema = z.strictObject({
  unit: z.string().min(1).max(200),
  station: z.string().min(1).max(200).optional(),
});
export const seedRemovalSchema = seedSchema.extend({ reason: z.string().min(3).max(500) });

/** POST /api/interventions */
export const interventionSchema = z.strictObject({
  station: z.string(),
  type: z.string().min(1).max(40),
  seconds: z.number().nonnegative().max(86_400),
});

/** GET /api/shift?fromMs&toMs: to print. */
export const shiftReportSchema = z.strictObject({
  site: z.string(),
  origin: originSchema,
  fromMs: z.number(),
  toMs: z.number(),
  stations: z.array(
    z.strictObject({
      card: stationCardSchema,
      units: count,
      good: count,
      bad: count,
      /** Held or diverted. */
      held: count,
      /** No word on them yet. */
      open: count,
      automatic: count,
      asked: count,
      audits: count,
      auditsBad: count,
      overdue: count,
      findings: count,
      answersSecondsMedian: z.number().nullable(),
      transitions: z.array(z.strictObject({ atMs: z.number(), to: gateStateNameSchema, why: z.string() })),
    }),
  ),
  interventions: z.array(interventionRowSchema),
  touchSums: touchSumsSchema,
  head: z.strictObject({ epoch: count, seq: count, hash: z.string() }),
});
export type ShiftReport = z.infer<typeof shiftReportSchema>;

/** One line of the event stream (GET /api/events, server-sent events; the id is the seq). Views are then asked for anew. */
export const eventSchema = z.strictObject({
  seq: count,
  atMs: z.number(),
  kind: z.string(),
  subject: z.string().nullable(),
  station: z.string().nullable(),
});
export type SiteEvent = z.infer<typeof eventSchema>;

/** What every refusal says. */
export const errorSchema = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string() }),
});
