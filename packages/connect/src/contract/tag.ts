import { z } from 'zod';
import { SCALAR_TYPES } from './value.js';

const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\p{L}\p{N}_.-]+(\/[\p{L}\p{N}_.-]+)*$/u)
  .meta({ description: 'Name of the tag: words between slashes, stable for ever.' });

/** Order of the bytes ABCD of a 32-bit value in two registers; 64-bit values follow the same rule. */
export const WORD_ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type WordOrder = (typeof WORD_ORDERS)[number];

/** One value of the equipment that Selvedge reads or writes. */
export const tagSchema = z
  .strictObject({
    tag: name,
    address: z.string().min(1).max(500).meta({ description: 'Where it is, in the words of the protocol.' }),
    type: z.enum(SCALAR_TYPES).meta({
      description:
        'Type that the equipment says, of the value or of the items of a list. What is scaled is read as a `double`.',
    }),
    array: z.boolean().default(false).meta({ description: 'A list of values of `type`.' }),
    unit: z.string().max(40).default('1').meta({ description: 'UCUM unit; `1` for a plain number.' }),
    scale: z
      .number()
      .refine((scale) => scale !== 0, 'must not be 0: every reading would be the offset')
      .default(1)
      .meta({ description: 'value = raw x scale + offset.' }),
    offset: z.number().default(0).meta({ description: 'Added after `scale`.' }),
    wordOrder: z.enum(WORD_ORDERS).default('ABCD').meta({
      description: 'Order of the bytes of a number in two or more registers, where a protocol has registers.',
    }),
    sampleMs: z
      .number()
      .int()
      .min(10)
      .max(3_600_000)
      .default(1000)
      .meta({ description: 'How often the equipment looks at it.' }),
    deadband: z.number().min(0).default(0).meta({ description: 'Smaller changes are not told.' }),
    staleMs: z
      .number()
      .int()
      .min(20)
      .max(86_400_000)
      .default(10_000)
      .meta({ description: 'Without news from its connection for so long, its value counts for nothing.' }),
    access: z
      .enum(['r', 'rw'])
      .default('r')
      .meta({ description: '`rw`: it may be written, where a write rule allows it.' }),
    range: z
      .tuple([z.number(), z.number()])
      .refine(([least, most]) => least <= most, 'the first must not exceed the second')
      .optional()
      .meta({ description: 'Physical range; a value outside is `uncertain`, and is never written.' }),
  })
  .meta({ title: 'tag', description: 'One value of the equipment.' });

export type Tag = z.output<typeof tagSchema>;
