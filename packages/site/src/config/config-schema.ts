import { originSchema } from '@selvedge/core/records';
import { z } from 'zod';
import { TOLD } from '../publish/publisher.js';
import { accessSchema } from './access-schema.js';
import { connectorSchema } from './connector-schema.js';
import { listenSchema } from './listen-schema.js';
import { stationSchema } from './station-schema.js';
import { idSchema, nameSchema, namesSchema, pathSchema, sizeSchema } from './words.js';

/** Classes of content that retention knows, as observations are called. */
export const CONTENT_CLASSES = ['image', 'series', 'map', 'row'] as const;

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
};

const site = z
  .strictObject({
    id: idSchema.meta({
      description: 'Name of this plant in its log and wherever several plants meet.',
      sample: 'north-plant',
    }),
    name: nameSchema.meta({ description: 'What people read on the screen.', sample: 'North plant' }),
    origin: originSchema.meta({
      description:
        'Where the data comes from; stands beside every figure. `simulated` where a simulator makes the units.',
    }),
    dayStart: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .default('06:00')
      .meta({
        description: 'When the first shift begins: "today" on the screens counts from then.',
        expects: 'a time of day with two digits each, 00:00 to 23:59',
        sample: '06:00',
      }),
    timezone: z.string().refine(isTimeZone).meta({
      description: 'Time zone of the plant.',
      expects: 'a name of the IANA time zone list',
      sample: 'Europe/Berlin',
    }),
    languages: z
      .array(z.enum(['en', 'zh', 'id']))
      .min(1)
      .max(3)
      .default(['en'])
      .meta({
        description:
          'Languages that the console offers; the first one for whoever has not chosen in their browser.',
        expects: 'a list of en, zh, id',
        sample: ['en', 'zh'],
      }),
  })
  .meta({
    description: 'The plant.',
    sample: { id: 'north-plant', name: 'North plant', origin: 'live', timezone: 'Europe/Berlin' },
  });

const budget = (what: string) => sizeSchema.optional().meta({ description: `What ${what} may take.` });

const retention = z
  .strictObject({
    budgets: z
      .strictObject({
        image: budget('pictures'),
        series: budget('traces'),
        map: budget('maps'),
        row: budget('long rows'),
      })
      .prefault({})
      .meta({
        description:
          'Disk that each class of content may take; the oldest that nobody pinned goes first. Without a budget content stays until the disk is short.',
        sample: { image: '20 GB' },
      }),
    first: z
      .array(z.enum(CONTENT_CLASSES))
      .max(CONTENT_CLASSES.length)
      .default([...CONTENT_CLASSES])
      .meta({
        description:
          'What goes first when free space falls below `softFloor`. A class that is not named stays.',
        expects: 'a list of image, series, map, row',
      }),
    softFloor: sizeSchema.prefault('5 GB').meta({
      description: 'Free space below which content is thinned, whatever the budgets.',
      sample: '5 GB',
    }),
    hardFloor: sizeSchema
      .refine((bytes) => bytes >= 100e6)
      .prefault('1 GB')
      .meta({
        description: 'Free space below which the gates close: the record itself would be in danger.',
        expects: 'a size with its unit, at least 100 MB',
        sample: '1 GB',
      }),
  })
  .meta({ description: 'How much disk the content may take. Rows of the journal are never given up.' });

const publish = z
  .strictObject({
    connector: idSchema.meta({
      description: 'Connector of kind equipment that tells others, one that can publish (`mqtt-json`).',
      expects: 'the id of a connector',
    }),
    enterprise: nameSchema.meta({
      description: 'First word of every name (ISA-95).',
      sample: 'Acme',
    }),
    area: nameSchema.default('main').meta({ description: 'Part of the site in which its lines stand.' }),
    kinds: z
      .array(z.enum(TOLD))
      .min(1)
      .default([...TOLD])
      .meta({ description: 'Rows of the journal that others are told of.' }),
  })
  .meta({ expects: 'a destination: a mapping with `connector` and `enterprise`' });

/** The whole file. Cross checks between sections stand in `cross-checks.ts`. */
export const configSchema = z
  .strictObject({
    site,
    folder: pathSchema.meta({
      description: 'Where the journal and all content are kept, on a local disk.',
      sample: './data',
    }),
    listen: listenSchema.prefault({}),
    publish: z.array(publish).max(8).default([]).meta({
      description:
        'Who else is told what happens here. The journal is the outbox: after an outage everything follows, in order.',
    }),
    lines: z
      .array(
        z.strictObject({
          id: idSchema.meta({ description: 'Name of the line.', sample: 'line-1' }),
          name: nameSchema.meta({ description: 'What people read.', sample: 'Line 1' }),
        }),
      )
      .min(1)
      .max(100)
      .meta({
        description: 'Production lines, in the order in which they are shown.',
        sample: [{ id: 'line-1', name: 'Line 1' }],
      }),
    connectors: z
      .array(connectorSchema)
      .min(1)
      .max(200)
      .meta({
        description: 'What brings units to the stations.',
        sample: [{ id: 'press-2', kind: 'folder', path: '/srv/press-2' }],
      }),
    stations: z.array(stationSchema).min(1).max(200).meta({
      description: 'Places where something is decided, in flow order.',
      expects: 'a list of stations, in flow order (see docs/site-config.md)',
    }),
    interventions: z
      .array(
        z.strictObject({
          type: idSchema.max(40).meta({
            description: 'Name in the record, as people enter it or equipment tells it.',
            sample: 'clean-lens',
          }),
          names: namesSchema(40),
        }),
      )
      .max(24)
      .default([])
      .meta({
        description:
          'Kinds of interventions of this plant, beside those that the console knows: people can enter them by hand, and read them in their language.',
        sample: [{ type: 'clean-lens', names: { en: 'lens cleaned', id: 'lensa dibersihkan' } }],
      }),
    retention: retention.prefault({}),
    access: accessSchema.prefault({}),
  })
  .meta({ expects: 'a mapping with site, folder, lines, connectors and stations' });

export type ConfigFile = z.output<typeof configSchema>;
