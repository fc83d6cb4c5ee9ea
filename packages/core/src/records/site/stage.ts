import { z } from 'zod';

/** A text in every language of the console. */
export const inLanguagesSchema = z.strictObject({
  en: z.string().min(1).max(300),
  zh: z.string().min(1).max(300),
  id: z.string().min(1).max(300),
});
export type InLanguages = z.infer<typeof inLanguagesSchema>;

/** What a presenter can let happen at a simulated line: a title, and one sentence on what it does. */
export const stageMomentSchema = z.strictObject({
  id: z.string().min(1).max(60),
  title: inLanguagesSchema,
  about: inLanguagesSchema,
});
export type StageMoment = z.infer<typeof stageMomentSchema>;

/** What the stage tells beside its moments, as a name and a value; with an address it is a link. */
export const stageFactSchema = z.strictObject({
  title: inLanguagesSchema,
  /** Numbers are written as the reader writes them. */
  value: z.union([z.string().max(300), z.number(), inLanguagesSchema]),
  /** Of a number; empty where there is none. */
  unit: z.string().max(20).default(''),
  href: z.url({ protocol: /^https?$/ }).optional(),
});
export type StageFact = z.infer<typeof stageFactSchema>;

const cell = z.union([z.string().max(300), z.number(), inLanguagesSchema, z.null()]);

/** What came of a moment so far: a sentence, lines over a common axis, a table. */
export const stageShowSchema = z.strictObject({
  /** Id of the moment that it belongs to. */
  moment: z.string().min(1).max(60),
  title: inLanguagesSchema,
  said: z.array(inLanguagesSchema).max(6),
  charts: z
    .array(
      z.strictObject({
        title: inLanguagesSchema,
        unit: z.string().max(20),
        /** Name of the horizontal axis. */
        across: inLanguagesSchema,
        lines: z
          .array(
            z.strictObject({
              name: inLanguagesSchema,
              points: z.array(z.tuple([z.number(), z.number()])).max(400),
              /** Single readings, not a course. */
              dots: z.boolean(),
            }),
          )
          .max(4),
        limits: z.array(z.strictObject({ name: inLanguagesSchema, at: z.number() })).max(4),
      }),
    )
    .max(3),
  table: z
    .strictObject({ columns: z.array(inLanguagesSchema).max(8), rows: z.array(z.array(cell).max(8)).max(60) })
    .nullable(),
});
export type StageShow = z.infer<typeof stageShowSchema>;

/** GET /api/stage, and the answer to POST /api/stage/:moment. Everything in it is simulated. */
export const stageViewSchema = z.strictObject({
  /** In the order of the story. */
  moments: z.array(
    stageMomentSchema.extend({
      state: z.enum(['ready', 'playing', 'played', 'failed']),
      /** When it was last begun. */
      atMs: z.number().nullable(),
      /** Of a failure, as it was said; else empty. */
      why: z.string(),
    }),
  ),
  facts: z.array(stageFactSchema),
  /** Of moments that were begun, in the order of the story. */
  shows: z.array(stageShowSchema),
});
export type StageView = z.infer<typeof stageViewSchema>;
