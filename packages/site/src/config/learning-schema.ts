import { z } from 'zod';
import { durationSchema, nameSchema, pathSchema } from './words.js';

/** How a station learns, and who else applies for its post. `docs/applicants.md`. */

const url = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[^\s/?#]+[^\s?#]*$/)
  .meta({
    description: 'Where it is asked. A host outside of this machine needs the leave of an owner first.',
    expects: 'an address that begins with http:// or https://, without a query',
    sample: 'http://127.0.0.1:8000',
  });

const tokenSecret = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/)
  .max(100)
  .optional()
  .meta({
    description: 'Environment variable with the token that is sent; the token itself never stands here.',
    expects: 'the name of an environment variable in capitals',
    sample: 'MODEL_TOKEN',
  });

const name = nameSchema.meta({
  description: 'What people read on the board. No two applicants of a station have the same.',
  sample: 'Maker A',
});

export const applicantSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('file'),
        name,
        file: pathSchema.regex(/\.onnx$/).meta({
          description: 'An ONNX file that gives a score.',
          expects: 'the path of a file that ends in .onnx',
          sample: 'models/maker-a.onnx',
        }),
        manifest: pathSchema
          .regex(/\.json$/)
          .optional()
          .meta({
            description: 'What `file` takes and gives. Default: the name of the file followed by `.json`.',
            expects: 'the path of a file that ends in .json',
            sample: 'models/maker-a.onnx.json',
          }),
      })
      .meta({ title: 'file', description: 'A model made elsewhere: an ONNX file with a small manifest.' }),
    z
      .strictObject({
        kind: z.literal('open-inference'),
        name,
        url,
        model: z.string().min(1).max(200).meta({ description: 'Its name there.', sample: 'press-2' }),
        version: z
          .string()
          .min(1)
          .max(60)
          .optional()
          .meta({ description: 'Its version there. Default: the one that the server takes.', sample: '3' }),
        tokenSecret,
      })
      .meta({
        title: 'open-inference',
        description: 'A server that speaks the Open Inference Protocol v2 over HTTP.',
      }),
    z
      .strictObject({
        kind: z.literal('language'),
        name,
        url,
        model: z.string().min(1).max(200).meta({ description: 'Its name there.', sample: 'qwen2.5vl' }),
        prompt: z.string().min(1).max(10_000).meta({
          description: 'What a bad unit looks like, as you would tell a new colleague.',
          sample: 'A good part has one smooth rise of force. Anything else is bad.',
        }),
        tokenSecret,
        timeoutMs: durationSchema(1000, 600_000).default(30_000).meta({
          description: 'An answer that takes longer is none.',
        }),
      })
      .meta({
        title: 'language',
        description: 'A language or vision-language model behind an OpenAI-compatible interface.',
      }),
  ])
  .meta({
    description: 'A model that applies for the post.',
    expects: 'a model that applies: a mapping with `kind`, `name` and the settings of that kind',
    sample: { kind: 'file', name: 'Maker A', file: 'models/maker-a.onnx' },
  });

export const learnSchema = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      description: 'Fit new candidates from answers. They run in shadow until a person hires one.',
    }),
    recipe: z.enum(['auto', 'novelty', 'supervised']).default('auto').meta({
      description: 'What is fitted; `auto` chooses and says why.',
    }),
    evidenceShare: z.number().min(0.1).max(0.9).default(0.5).meta({
      description:
        'Share of the units (or lots) whose answers prove and never teach. Changing it begins the evidence anew.',
    }),
    rolesBy: z.enum(['lot', 'unit']).default('lot').meta({
      description:
        'What is either evidence or training as a whole: the lot of a unit where it has one, or each unit.',
    }),
    fitUnits: z.number().int().min(40).max(100_000).default(200).meta({
      description: 'Answers of role training before the first candidate.',
    }),
    growth: z.number().min(0.05).max(10).default(0.25).meta({
      description: 'A new candidate is fitted when there are so many more, as a share of the last fit’s.',
    }),
    margin: z.number().min(0).max(0.5).default(0.01).meta({
      description: 'Least gain of the automatic share for which a change is recommended.',
    }),
    extraPerHour: z.number().min(0).max(1000).default(0).meta({
      description:
        'Extra questions an hour on automatic calls that teach most. Never evidence; the unit waits for the answer.',
    }),
    wattsPerCore: z.number().positive().max(1000).optional().meta({
      description: 'Power of one busy core of this machine, W: the board then shows energy.',
      sample: 12,
    }),
  })
  .prefault({})
  .meta({ description: 'Learning from answers.' });
