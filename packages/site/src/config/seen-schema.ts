import { z } from 'zod';
import { idSchema, namesSchema, pathSchema } from './words.js';

/** What is seen of a unit, and where it comes from. */

const names = z.string().min(1).max(60);

const channels = z
  .array(
    z.strictObject({
      name: names.meta({ description: 'What is measured.', sample: 'force' }),
      unit: z.string().min(1).max(20).meta({ description: 'Its unit; "1" where it has none.', sample: 'kN' }),
      names: namesSchema(60),
    }),
  )
  .min(1)
  .max(64)
  .meta({
    description: 'Channels of the trace, in the order in which they arrive.',
    sample: [{ name: 'force', unit: 'kN' }],
  });

export const observation = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('series'), channels })
      .meta({ title: 'series', description: 'A recorded trace of one or more channels.' }),
    z.strictObject({ kind: z.literal('image') }).meta({
      title: 'image',
      description: 'A picture (PNG, JPEG, TIFF, BMP).',
    }),
    z.strictObject({ kind: z.literal('pair'), channels }).meta({
      title: 'pair',
      description:
        'A trace and a picture of the same unit, judged together. A unit of which one is missing goes to a person.',
    }),
    z.strictObject({ kind: z.literal('map') }).meta({
      title: 'map',
      description: 'A small grid of codes: outside, good place, bad place.',
    }),
    z
      .strictObject({
        kind: z.literal('row'),
        columns: z
          .array(names)
          .min(1)
          .max(256)
          .meta({
            description: 'Names of the numbers, in the order in which they arrive.',
            sample: ['force', 'depth'],
          }),
      })
      .meta({ title: 'row', description: 'Some numbers in a fixed order.' }),
    z
      .strictObject({
        kind: z.literal('score'),
        direction: z
          .enum(['higher-worse', 'lower-worse'])
          .default('higher-worse')
          .meta({ description: 'Which end of the score is bad.' }),
      })
      .meta({ title: 'score', description: 'One number made elsewhere; no model is fitted here.' }),
  ])
  .meta({
    description: 'What is seen of one unit.',
    expects: 'what is seen of a unit: a mapping with `kind` and the settings of that kind',
    sample: { kind: 'image' },
  });

export const tagName = z.string().min(1).max(200);

function hasOneGroup(text: string): boolean {
  try {
    return (new RegExp(`(?:${text})|`, 'u').exec('')?.length ?? 0) === 2;
  } catch {
    return false;
  }
}

export const input = z
  .strictObject({
    connector: idSchema.meta({
      description: 'Connector that brings the units.',
      expects: 'the id of a connector',
    }),
    subfolder: pathSchema.regex(/^[^/]/).optional().meta({
      description:
        'Folder connectors: the folder below `path` that belongs to this station. Default: `path` itself.',
      expects: 'a folder below the path of the connector',
      sample: 'camera-1',
    }),
    pattern: z
      .string()
      .min(1)
      .max(120)
      .regex(/^[^/\\\0]+$/)
      .optional()
      .meta({
        description:
          'Folder connectors: names of the files that belong to this station; `*` stands for any characters. Default: `*`.',
        expects: 'a file name, `*` for any characters, without folders',
        sample: '*_top.png',
      }),
    frame: z
      .string()
      .min(1)
      .max(120)
      .refine(hasOneGroup, 'no regular expression with a group of digits')
      .optional()
      .meta({
        description:
          "Folder connectors: where names carry the camera's own number of the picture, a regular expression whose first group is that number. Numbers that never come are counted as dropped frames.",
        expects: 'a regular expression whose first group is the number of the frame',
        sample: 'cam1_(\\d+)',
      }),
    stream: idSchema.optional().meta({
      description:
        'HTTP connectors and simulators: name of the stream that belongs to this station. Default: the id of the station.',
      sample: 'camera-1',
    }),
    trigger: tagName.optional().meta({
      description: 'Equipment: tag that changes when a unit is complete; best a number that counts upwards.',
      sample: 'cell/cycle',
    }),
    unit: tagName
      .optional()
      .meta({ description: "Equipment: tag of the unit's identity.", sample: 'cell/unit' }),
    series: z
      .array(tagName)
      .min(1)
      .max(64)
      .optional()
      .meta({
        description:
          'Equipment: one tag a channel, each a list of numbers, in the order of `observation.channels`.',
        sample: ['cell/force'],
      }),
    row: z
      .array(tagName)
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'Equipment: one tag a column, in the order of `observation.columns`.' }),
    picture: tagName.optional().meta({ description: 'Equipment: tag of the bytes of a picture.' }),
    lot: tagName.optional().meta({ description: 'Equipment: tag of the lot of the material.' }),
    context: z
      .array(tagName)
      .max(40)
      .optional()
      .meta({ description: 'Equipment: tags that people see beside the unit.' }),
    interventions: tagName.optional().meta({
      description:
        'Equipment: tag with what people did by hand since the unit before, as JSON: `[{"type": "realign", "seconds": 12}]`.',
      sample: 'cell/interventions',
    }),
  })
  .meta({
    description: 'Where the units of this station come from. No two stations read the same input.',
    sample: { connector: 'press-2' },
  });
