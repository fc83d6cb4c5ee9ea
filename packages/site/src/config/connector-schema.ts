import { PROTOCOLS, tagSchema, writeRuleSchema } from '@selvedge/connect';
import { z } from 'zod';
import { idSchema, pathSchema, sizeSchema } from './words.js';

const id = idSchema.meta({ description: 'Name of the connector; stations read from it by this name.' });

const folder = z
  .strictObject({
    id,
    kind: z.literal('folder'),
    path: pathSchema.meta({
      description: 'Folder into which equipment writes its files. The site reads there and changes nothing.',
      sample: '/srv/press-2/out',
    }),
    watch: z.boolean().default(true).meta({
      description:
        '`true`: go on with every file that comes. `false`: read what is there once, as for a recording.',
    }),
  })
  .meta({ title: 'folder', description: 'Files that equipment writes into a folder.' });

const http = z
  .strictObject({
    id,
    kind: z.literal('http'),
    path: z
      .string()
      .max(120)
      .regex(/^\/in(\/[a-z0-9]+(-[a-z0-9]+)*)+$/)
      .meta({
        expects: '`/in/` and a name of lower-case letters, digits and hyphens',
        description:
          'Equipment posts a unit to `/api`, this path and the `stream` of a station, with a token that has the right to bring units: `/api/in/press-2/camera-1`.',
        sample: '/in/press-2',
      }),
    largest: sizeSchema
      .prefault('20 MB')
      .meta({ description: 'Largest body of one post; a larger one is refused.', sample: '20 MB' }),
  })
  .meta({ title: 'http', description: 'Units that equipment posts to this site.' });

const simulator = z
  .strictObject({
    id,
    kind: z.literal('simulator'),
    pack: idSchema.meta({
      expects: 'the name of a pack with a simulator',
      description: 'Pack whose simulator makes the units. The origin of such a site is `simulated`.',
      sample: 'example-pack',
    }),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1)
      .meta({ description: 'Every random choice comes from it: the same seed, the same units.' }),
    unitsPerMinute: z
      .number()
      .min(0.1)
      .max(60_000)
      .default(30)
      .meta({ description: 'Units that come to each station in a minute.' }),
  })
  .meta({ title: 'simulator', description: 'Units made by the simulator of a pack.' });

const equipment = z
  .strictObject({
    id,
    kind: z.literal('equipment'),
    speaks: z
      .string()
      .min(1)
      .max(200)
      .meta({
        expects: `a protocol (${PROTOCOLS.join(', ')}) or the name of a module that exports a connector`,
        description:
          'Protocol of the equipment. Its connector runs in a process of its own; a module of another maker is named like a package.',
        sample: 'opc-ua',
      }),
    settings: z
      .record(z.string(), z.unknown())
      .default({})
      .meta({
        description:
          'Settings of that protocol; see the page on connectors. A secret stands there by its name only: an environment variable, or a file below `secrets` in the folder of the site.',
        sample: { endpoint: 'opc.tcp://press-2:4840' },
      }),
    tags: z
      .array(tagSchema)
      .max(5000)
      .default([])
      .meta({ description: 'Values of the equipment that are read or written.', expects: 'a list of tags' }),
    writes: z.array(writeRuleSchema).default([]).meta({
      description:
        'The allow-list: what may be written, and within what. Nothing else ever is, and nothing at all until a person turns the guard on in the console.',
    }),
  })
  .meta({
    title: 'equipment',
    description: 'Machines and controllers that are read, and written through the guard.',
  });

export const connectorSchema = z
  .discriminatedUnion('kind', [folder, http, simulator, equipment])
  .meta({ expects: 'a connector: a mapping with `id`, `kind` and the settings of that kind' });

export type ConnectorConfig = z.output<typeof connectorSchema>;
export type ConnectorKind = ConnectorConfig['kind'];

/** What `input` of a station may select, by the kind of its connector. */
export const SELECTS: Readonly<Record<ConnectorKind, readonly string[]>> = {
  folder: ['subfolder', 'pattern', 'frame'],
  http: ['stream'],
  simulator: ['stream'],
  equipment: ['trigger', 'unit', 'series', 'row', 'picture', 'lot', 'context', 'interventions'],
};
