import { z } from 'zod';
import { contractSchema, gateStateNameSchema, originSchema } from '../replay-document.js';
import { dispositionSchema } from './facts.js';

/**
 * The evidence report of a period of a site: made from the rows of its journal alone, so that anybody who has them can
 * make it again and compare. Times are epoch ms of the site's clock, shares and rates 0..1, a list is in the order of the
 * journal unless it says otherwise. A changed meaning is a new `specVersion`.
 */

const rate = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** k of n with its exact two-sided interval (rule L-1). */
const shareSchema = z.strictObject({
  share: rate,
  lower: rate,
  upper: rate,
  confidence: rate,
  of: count,
});
export type ReportShare = z.infer<typeof shareSchema>;

/** Per 100 good units, with the exact interval of a Poisson count at 95 % (rule L-4). */
const per100Schema = z.strictObject({ value: z.number(), lower: z.number(), upper: z.number() }).nullable();

const touchSchema = z.strictObject({
  type: z.string(),
  /** A call on a unit: never added to the others. */
  verdict: z.boolean(),
  count,
  /** Person-seconds. */
  seconds: z.number().nonnegative(),
  per100Good: per100Schema,
});

/** What people did while a gate left everything to them, or while it decided. */
const phaseSchema = z.strictObject({
  units: count,
  goodUnits: count,
  /** Units that a person judged, and units shown once more. */
  judgements: count,
  judgementsPerUnit: z.number().nonnegative().nullable(),
  /** Touches that are no verdict. */
  other: z.strictObject({ count, seconds: z.number().nonnegative(), per100Good: per100Schema }),
});

const gateSchema = z.strictObject({
  state: gateStateNameSchema,
  reason: z.string(),
  epoch: count,
  /** The signed escape budget of the epoch. */
  escapeRate: rate,
  /** What the labels of this epoch prove alone, at every moment at once (rule G-6); null without a threshold to speak of. */
  liveUpper: rate.nullable(),
  /** What may be promised now: by the certificate until the audits prove it alone; null = nothing. */
  promised: z
    .strictObject({ source: z.enum(['certificate', 'live']), upper: rate, atMs: z.number().nullable() })
    .nullable(),
  /** Whether that lies within the budget; null as above. */
  provenByAudits: z.boolean().nullable(),
  /** Audits without a further fault until they prove it alone; null = they never will, or nothing is decided. */
  answersNeeded: count.nullable(),
  auditRate: rate,
});

const drawsSchema = z.strictObject({
  epoch: count,
  /** SHA-256 of the secret, and the row that fixed it before the first draw. */
  commitment: hash,
  committedSeq: count,
  /** Null while the epoch goes on: its secret is still one. */
  opened: z
    .strictObject({
      seq: count,
      secret: hash,
      /** The opened secret is the one that was committed. */
      fits: z.boolean(),
      /** Draws of the whole epoch that were made again from it, and those that came out otherwise. */
      checked: count,
      wrong: count,
    })
    .nullable(),
});

const stationReportSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  line: z.string(),
  safety: z.boolean(),
  units: z.strictObject({
    /** Taken from equipment, and decided on: the gate's call or the question. */
    arrived: count,
    decided: count,
    /** Decided by the gate; those whose audit is over are among them. */
    automatic: count,
    /** Asked of a person and answered. */
    asked: count,
    /** Nobody answered in time: the safe default. */
    defaulted: count,
    /** Whose question was open at the end: not told apart, so that an audit stays blind. */
    waiting: count,
    /** Without a score: a person decided. */
    noScore: count,
  }),
  automaticShare: shareSchema.nullable(),
  released: z.strictObject({
    pass: count,
    reject: count,
    hold: count,
    divert: count,
    /** Of all of them, those of which the equipment may not have heard. */
    unknown: count,
  }),
  interventions: z.array(touchSchema),
  /** Answers that were taken over from before the site was here: no touch of this period. */
  takenOver: count,
  before: phaseSchema,
  after: phaseSchema,
  /** 1 - judgements per unit while the gate decided; one judgement per unit is what there was before. */
  reduction: z.strictObject({ value: rate, lower: rate, upper: rate }).nullable(),
  errors: z.strictObject({
    /** Automatic passes that somebody found bad later. */
    escapes: count,
    /** Audited or asked units that a person called good and somebody found bad later. */
    misread: count,
    /** Automatic rejects that an audit called good. */
    overkills: count,
    /** Automatic passes that an audit called bad before they left. */
    stopped: count,
    /** At most 100. */
    findings: z.array(
      z.strictObject({
        seq: count,
        atMs: z.number(),
        unit: z.string(),
        where: z.enum(['end-of-line', 'customer']),
        label: z.string(),
        kind: z.enum(['escape', 'misread', 'other']),
      }),
    ),
  }),
  /** At the end of the period. */
  gate: gateSchema.nullable(),
  /** Epochs that ended in the period, each as it was at its end. */
  ended: z.array(gateSchema.extend({ endedSeq: count })),
  transitions: z.array(
    z.strictObject({
      seq: count,
      atMs: z.number(),
      from: gateStateNameSchema,
      to: gateStateNameSchema,
      why: z.string(),
    }),
  ),
  /** The budget in force when the period began, if any, and those signed in it. */
  signatures: z.array(
    z.strictObject({
      seq: count,
      atMs: z.number(),
      escapeRate: rate,
      overkillRate: rate,
      confidence: rate,
      contract: contractSchema,
      plannedUnits: count.nullable(),
      by: z.string(),
      reason: z.string(),
    }),
  ),
  /** The certificate in force when the period began, if any, and those made in it. */
  certificates: z.array(
    z.strictObject({
      seq: count,
      atMs: z.number(),
      epoch: count,
      n: count,
      bads: count,
      test: z.string().nullable(),
      threshold: z.number().nullable(),
      escapeUpper: rate.nullable(),
      overkillUpper: rate.nullable(),
      hash,
    }),
  ),
  /** Of automatic calls, those whose question is over. */
  audits: z.strictObject({ drawn: count, done: count, overdue: count, notBlind: count }),
  draws: z.array(drawsSchema),
  readers: z.strictObject({
    /** Known-bad units read blind in the gate's epoch; below `needed` every bound says "agreement with operators". */
    seeds: z.strictObject({ read: count, missed: count, needed: count }),
    /** Upper bound of the share of bad units that readers miss: the floor below which no bound can go; null below `needed`. */
    missUpper: rate.nullable(),
    meaning: z.enum(['truth', 'agreement with operators']),
    /** Second reads of the period. */
    pairs: count,
    agreed: count,
    kappa: z.number().nullable(),
    kappaInterval: z.tuple([z.number(), z.number()]).nullable(),
  }),
  /** Terms of ISO 22400-2: PQ, GQ, quality ratio, first pass yield. */
  yield: z.strictObject({
    produced: count,
    good: count,
    reworked: count,
    qualityRatio: shareSchema.nullable(),
    firstPassYield: shareSchema.nullable(),
  }),
  /** The names of what an OEE needs and the journal does not have. */
  oeeMissing: z.array(z.enum(['plannedBusyTime', 'actualProductionTime', 'plannedRunTimePerUnit'])),
  /** Null: no meter. Sum of `energyWattHour` in the context of the units that left. */
  energy: z
    .strictObject({
      metered: count,
      wattHour: z.number().nonnegative(),
      perGoodWattHour: z.number().nonnegative().nullable(),
      /** Null: nobody named a factor with its year and source. */
      carbon: z
        .strictObject({
          gramPerWattHour: z.number().nonnegative(),
          year: count,
          source: z.string(),
          gram: z.number().nonnegative(),
          perGoodGram: z.number().nonnegative().nullable(),
        })
        .nullable(),
    })
    .nullable(),
  /** By name; at most 200. Empty where units carry no lot. */
  lots: z.array(
    z.strictObject({
      lot: z.string(),
      units: count,
      good: count,
      badShare: shareSchema.nullable(),
      firstPassYield: shareSchema.nullable(),
    }),
  ),
  lotsNotShown: count,
});
export type StationReport = z.infer<typeof stationReportSchema>;

export const siteReportSchema = z.strictObject({
  specVersion: z.literal('1'),
  site: z.strictObject({ id: z.string(), name: z.string(), timezone: z.string() }),
  /** Of every figure; where a site changed its origin in the period, the weaker one. */
  origin: originSchema,
  period: z.strictObject({ fromMs: z.number(), toMs: z.number() }),
  journal: z.strictObject({
    /** The last row that this report knows. Whoever has a row of this number and hash has the same journal. */
    head: z.strictObject({ epoch: count, seq: count, atMs: z.number(), hash }),
    /** First and last row of the period; null where there is none. */
    rows: z.strictObject({ from: count, to: count, count, epochFrom: count, epochTo: count }).nullable(),
    /** Rows before this one were shipped and dropped. */
    keptFrom: count,
    clockSteps: count,
    versions: z.array(z.string()),
  }),
  /** The site's own key as its journal names it; null where it has none yet. */
  key: z.strictObject({ publicKey: z.string(), fingerprint: hash }).nullable(),
  stations: z.array(stationReportSchema),
});
export type SiteReport = z.infer<typeof siteReportSchema>;

/**
 * What makes a report verifiable: a digest of each figure, the hash of each file beside it, and the site's signature
 * over both. Ed25519 (RFC 8032) over the UTF-8 of `selvedge-report-1`, a line feed, and the lines of `sealLines`.
 */
export const reportSealSchema = z.strictObject({
  madeAtMs: z.number(),
  /** Of the program that made it. */
  version: z.string(),
  language: z.enum(['en', 'zh', 'id']),
  /** SHA-256 over the path, a zero byte and the JSON of each figure: names what was changed. */
  figures: z.record(z.string(), hash),
  /** SHA-256 of each other file of the report. */
  files: z.record(z.string(), hash),
  /** SHA-256 of the lines that are signed. */
  root: hash,
  /** Null: the site had no key, or whoever made the report could not read it. */
  signature: z.strictObject({ publicKey: z.string(), fingerprint: hash, value: z.string() }).nullable(),
});
export type ReportSeal = z.infer<typeof reportSealSchema>;

/** `report.json`. */
export const sealedReportSchema = z.strictObject({ report: siteReportSchema, seal: reportSealSchema });
export type SealedReport = z.infer<typeof sealedReportSchema>;

/** One line of `decisions.csv`, in this order of columns. */
export const DECISION_COLUMNS = [
  'seq',
  'time',
  'station',
  'unit',
  'lot',
  'origin',
  'score',
  'call',
  'by',
  'state',
  'epoch',
  'audit',
  'propensity',
  'draw',
  'question',
  'answer',
  'disposition',
  'certificate',
  'why',
] as const;

/** One line of `interventions.csv`. */
export const INTERVENTION_COLUMNS = [
  'seq',
  'time',
  'station',
  'subject',
  'origin',
  'type',
  'verdict',
  'seconds',
] as const;

/** Dispositions in the order in which they are shown. */
export const DISPOSITIONS = dispositionSchema.options;
