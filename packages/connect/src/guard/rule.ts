import { z } from 'zod';

/** As the guard reads it: what only another kind of expression takes would fail at every write. */
function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

const id = z.string().min(1).max(200);
const value = z.union([z.number(), z.boolean(), z.string().max(500)]);

/** A check of a mapping that runs though places within it are wrong. */
const WHENEVER = {
  when: ({ value: rule }: { readonly value: unknown }) => typeof rule === 'object' && rule !== null,
};

/** What a machine may do to a target; the words of the gate's authority. */
export const AUTHORITIES = ['none', 'advise', 'add-stop', 'dismiss', 'adjust', 'act'] as const;
export type Authority = (typeof AUTHORITIES)[number];

/**
 * One entry of the allow-list: a tag that may be written at all, and within what. Everything that is not listed is
 * refused, and every limit holds whoever asks.
 */
export const writeRuleSchema = z
  .strictObject({
    target: id.meta({ description: 'Tag that may be written; it must be `rw`.' }),
    does: z.enum(['add-stop', 'dismiss', 'adjust', 'act']).meta({
      description:
        'What a write to it amounts to: `add-stop` holds or stops something, `dismiss` lets a unit go on, `adjust` changes a setting and needs a lease, `act` moves something.',
    }),
    gates: z.array(id).min(1).meta({ description: 'Stations whose gate may ask for it.' }),
    releases: z
      .union([z.literal('any'), z.array(id).min(1)])
      .default('any')
      .meta({
        description: 'Models whose decisions may be written; `any`: whichever the gate is signed for.',
      }),
    range: z
      .tuple([z.number(), z.number()])
      .refine(([least, most]) => least <= most, 'the first must not exceed the second')
      .optional()
      .meta({ description: 'Least and largest number that may be written.' }),
    values: z.array(value).min(1).optional().meta({ description: 'The only values that may be written.' }),
    pattern: z
      .string()
      .max(200)
      .refine((text) => isPattern(text), 'no regular expression')
      .optional()
      .meta({
        description:
          'Text that may be written: a regular expression that has to fit from the first letter to the last.',
        expects: 'a regular expression',
      }),
    maxStep: z
      .number()
      .positive()
      .optional()
      .meta({ description: 'Largest change against what the equipment holds.' }),
    minIntervalMs: z
      .number()
      .int()
      .min(0)
      .default(0)
      .meta({ description: 'Least time between two writes to it.' }),
    interlocks: z
      .array(
        z.strictObject({
          tag: id.meta({ description: 'Tag that is looked at.' }),
          is: value.meta({ description: 'The value that it must hold.' }),
        }),
      )
      .default([])
      .meta({ description: 'Tags that must be good, fresh and hold this value, or nothing is written.' }),
    readBackMs: z
      .number()
      .int()
      .min(0)
      .max(60_000)
      .default(2000)
      .meta({ description: 'Time in which the equipment must hold the value; 0: it is not read back.' }),
    tolerance: z.number().min(0).default(0).meta({ description: 'How far a read-back number may be off.' }),
    safety: z.boolean().default(false).meta({
      description: 'A safety matter: only `stop` may ever be written, whatever else is configured or signed.',
    }),
    stop: value.optional().meta({ description: 'The value that stops; the only one for a safety target.' }),
  })
  .superRefine((rule, context) => {
    const wrong = (path: string, what: string, cure: string): void => {
      context.addIssue({ code: 'custom', path: [path], message: `${what}: ${cure}`, params: { what, cure } });
    };
    if (rule.range === undefined && rule.values === undefined && rule.pattern === undefined)
      wrong(
        'range',
        'is missing',
        'Write range: [least, most] for a number, values: with all that may be written, or pattern: for text',
      );
    if (rule.does === 'adjust' && (rule.range === undefined || rule.maxStep === undefined))
      wrong('maxStep', 'is missing', 'A setting that is adjusted needs range and maxStep');
    if (rule.safety === true && rule.does !== 'add-stop')
      wrong('does', `is ${rule.does} at a safety target`, 'Write add-stop: no model may do more there');
    if (rule.safety === true && rule.stop === undefined)
      wrong('stop', 'is missing at a safety target', 'Write the one value that stops');
    // Also where another place of the rule is wrong: all faults are told at once.
  }, WHENEVER)
  .meta({ title: 'write', description: 'A tag that Selvedge may write, and within what limits.' });

export type WriteRule = z.output<typeof writeRuleSchema>;

/** Off by default. `shadow`: everything is judged and written down, nothing is sent. `advise`: it is also shown to people. */
export const GUARD_MODES = ['off', 'shadow', 'advise', 'act'] as const;
export type GuardMode = (typeof GUARD_MODES)[number];
