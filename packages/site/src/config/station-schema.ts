import { DEFAULT_SETTINGS } from '@selvedge/core';
import { z } from 'zod';
import { applicantSchema, learnSchema } from './learning-schema.js';
import { input, observation, tagName } from './seen-schema.js';
import {
  DAY_MS,
  durationSchema,
  idSchema,
  nameSchema,
  namesSchema,
  pathSchema,
  shareSchema,
} from './words.js';

const choices = z
  .array(
    z.strictObject({
      label: z.string().min(1).max(24).regex(/\S/).meta({
        description: 'Word on the large button; also the name of the class in figures.',
        expects: 'a word or two of at most 24 characters',
        sample: 'scratch',
      }),
      bad: z.boolean().meta({ description: '`false` for the good answer, `true` for every bad class.' }),
      names: namesSchema(24),
    }),
  )
  .min(2)
  .max(6)
  .meta({
    description: 'Answers that a person can give: the good one first, then up to five bad classes.',
    expects: 'a list of 2 to 6 answers, the good one first',
    sample: [
      { label: 'good', bad: false },
      { label: 'scratch', bad: true },
    ],
  });

const model = z
  .strictObject({
    recipe: z.enum(['auto', 'novelty', 'supervised', 'score']).optional().meta({
      description:
        'Fit a model here: `novelty` from good units only, `supervised` from all, `auto` chooses and says why. `score` takes the scores that arrive.',
    }),
    fitUnits: z.number().int().min(20).max(100_000).optional().meta({
      description: 'Judged units that the fit takes, before any evidence is collected. Default: 400.',
      sample: 400,
    }),
    file: pathSchema
      .regex(/\.onnx$/)
      .optional()
      .meta({
        description: 'A model made elsewhere instead: an ONNX file that gives a score, higher = worse.',
        expects: 'the path of a file that ends in .onnx',
        sample: 'models/press-2.onnx',
      }),
    manifest: pathSchema
      .regex(/\.json$/)
      .optional()
      .meta({
        description: 'What `file` takes and gives. Default: the name of the file followed by `.json`.',
        expects: 'the path of a file that ends in .json',
        sample: 'models/press-2.onnx.json',
      }),
  })
  .meta({
    description: 'What makes the score: a recipe that is fitted here, or a file.',
    expects: 'a mapping with `recipe` or `file`',
    sample: { recipe: 'auto' },
    oneOf: ['recipe', 'file'].map((key) => ({
      type: 'object',
      properties: { [key]: { type: 'string' } },
      required: [key],
    })),
  });

const adjust = z
  .strictObject({
    target: tagName.meta({
      description:
        'Tag that is written before the next unit; a write rule with `does: adjust` must allow it.',
      sample: 'cell/force-setpoint',
    }),
    proposal: z.union([tagName, z.number()]).meta({
      description:
        'Tag of the value that is proposed for the next unit; or a number, where the setting is the leave of an inner loop.',
      expects: 'a tag or a number',
    }),
    inForce: tagName.meta({ description: 'Tag of the value that was in force while the unit was made.' }),
    loss: tagName.meta({ description: "Tag of the unit's loss by this setting; smaller is better." }),
    out: tagName.meta({ description: 'Tag that is 1 where the unit is out of tolerance, else 0.' }),
    agreed: tagName.meta({ description: 'Tag that is 1 where the proposal agrees with what people did.' }),
    release: z.string().min(1).max(200).meta({ description: 'Who proposes; stands in every row and lease.' }),
    alpha: z
      .number()
      .gt(0)
      .max(0.5)
      .default(0.05)
      .meta({ description: 'Largest share of corrected units that may be out of tolerance.' }),
    confidence: z.number().min(0.5).lt(1).default(0.95).meta({ description: 'Confidence of both proofs.' }),
    coinEvery: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(6)
      .meta({ description: 'Once open, one pair of units in so many is still decided by the coin.' }),
  })
  .meta({ expects: 'a setting that may be adjusted' });

const energy = z
  .strictObject({
    connector: idSchema.meta({
      description: 'Connector of kind equipment at which the meter hangs.',
      expects: 'the id of a connector',
    }),
    tag: tagName.meta({
      description: 'Counter that only rises, with a unit of energy: W.h, kW.h, MW.h, J, kJ, MJ.',
    }),
    share: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .meta({ description: 'Share of the meter that belongs to this station, where several hang on one.' }),
    mostWatt: z
      .number()
      .positive()
      .default(1e6)
      .meta({ description: 'Largest power that can be; a larger step is a meter that began anew.' }),
    limit: z
      .number()
      .positive()
      .default(2 ** 32)
      .meta({ description: 'Reading after which the counter begins again at 0, in the unit of the tag.' }),
  })
  .meta({ description: 'Meter of the energy that the units of this station take.' });

/** A unit that nobody decided is never let through. */
const otherwise = z.enum(['hold', 'divert']).meta({
  description: 'What becomes of a unit that nobody decided in time. It never passes.',
  expects: 'hold or divert (a unit that nobody decided never passes)',
});

const word = z.union([z.string().min(1).max(500), z.number()]);

const output = z
  .strictObject({
    target: tagName.meta({
      description:
        'Tag of the same connector that the call on a unit is written to; it must stand under its `writes`.',
      sample: 'cell/verdict',
    }),
    words: z
      .strictObject({
        pass: word.default('{unit} pass').meta({ description: 'For a unit that may go on.' }),
        reject: word.default('{unit} reject').meta({ description: 'For a unit that is bad.' }),
        hold: word.default('{unit} hold').meta({ description: 'For a unit that waits for somebody.' }),
        divert: word.default('{unit} divert').meta({ description: 'For a unit that is led aside.' }),
      })
      .prefault({})
      .meta({ description: "What is written for each; `{unit}` stands for the unit's identity." }),
    withinMs: durationSchema(10, 600_000).default(2000).meta({
      description: 'A call that cannot be written so soon is not written any more.',
    }),
  })
  .meta({ description: 'Where equipment is told what becomes of a unit. Without it nobody is told.' });

const takt = z
  .strictObject({
    deadlineMs: durationSchema(10, DAY_MS).meta({
      description: 'From the arrival of a unit to its automatic call. A unit that is later goes to a person.',
      sample: 1500,
    }),
    otherwise,
  })
  .meta({
    description: 'How long the line waits, and what happens when nobody decides.',
    sample: { deadlineMs: 1500, otherwise: 'hold' },
  });

const ask = z
  .strictObject({
    deadlineMs: durationSchema(1000, DAY_MS).meta({
      description: 'From the question to `takt.otherwise`, where nobody answers. At most 24 hours.',
      sample: 60_000,
    }),
    undoMs: durationSchema(0, 60_000).default(2000).meta({
      description: 'An answer can be taken back so long; then it leaves for the equipment.',
    }),
  })
  .meta({ description: 'Questions to people.', sample: { deadlineMs: 60_000 } });

const gate = z
  .strictObject({
    safety: z.boolean().default(false).meta({
      description:
        'A safety class: the gate may add a stop, never pass a unit, whatever else is configured or signed.',
    }),
    plannedUnits: z.number().int().min(60).max(1_000_000).nullable().default(null).meta({
      description:
        'Judged units of the certificate, proposed to whoever signs the budget. `null`: the gate opens by its ramp alone.',
      sample: 600,
    }),
    auditFloorAccept: z.number().min(0.01).max(1).default(DEFAULT_SETTINGS.auditFloorAccept).meta({
      description: 'Least share of automatic passes that is audited. Audits never stop.',
    }),
    auditFloorReject: z.number().min(0.01).max(1).default(DEFAULT_SETTINGS.auditFloorReject).meta({
      description: 'Least share of automatic rejects that is audited.',
    }),
    weightedAudits: z.boolean().default(DEFAULT_SETTINGS.weightedAudits).meta({
      description: 'Audit more where the score is close to the threshold, after the first bad audit.',
    }),
    overdueMs: durationSchema(60_000, DAY_MS).default(DEFAULT_SETTINGS.overdueMs).meta({
      description:
        'An audit without an answer counts as wrong after so long; many of them close the gate. Not below `ask.deadlineMs`.',
    }),
    expiryDays: z
      .number()
      .int()
      .min(1)
      .max(DEFAULT_SETTINGS.expiryMs / DAY_MS)
      .default(DEFAULT_SETTINGS.expiryMs / DAY_MS)
      .meta({ description: 'The evidence has to be renewed within so many days.' }),
  })
  .meta({
    description:
      'The settings of the gate that an owner may change. The budget is not among them: a person signs it in the console.',
  });

export const stationSchema = z
  .strictObject({
    id: idSchema.meta({
      description: 'Name of the station in the journal. Never give it to another place later.',
    }),
    name: nameSchema.meta({ description: 'What people read on the screen.' }),
    line: idSchema.meta({
      description: 'Line on which it stands.',
      expects: 'the id of a line',
      sample: 'line-1',
    }),
    part: nameSchema.optional().meta({
      description: 'What is made here. A proof speaks about this part only: another one begins a new epoch.',
      sample: 'cover',
    }),
    observation,
    choices,
    input,
    model,
    output: output.optional(),
    energy: energy.optional(),
    live: z
      .array(
        z.strictObject({
          tag: tagName.meta({
            description: 'Tag of the same connector; a list is drawn as a trace that grows.',
          }),
          name: nameSchema.meta({ description: 'What people read beside it.', sample: 'Force' }),
        }),
      )
      .max(8)
      .default([])
      .meta({ description: 'What people see of a unit while it is being made.' }),
    adjust: z.array(adjust).max(16).default([]).meta({
      description:
        'Settings of the equipment that may be adjusted from unit to unit: first in shadow, then under a signed lease by the coin, then open.',
    }),
    takt,
    ask,
    gate: gate.prefault({}),
    queue: z
      .strictObject({
        most: z.number().int().min(1).max(10_000).default(1000).meta({
          description:
            'Units that may wait for their decision at once. More are refused with "later", so that the equipment or the connector keeps them.',
        }),
      })
      .prefault({})
      .meta({ description: 'What may wait at this station: a slow model is seen and not hidden in memory.' }),
    doubleReadShare: shareSchema.default(0.1).meta({
      description: 'Share of audits that a second person reads as well, unknowing: it measures the readers.',
    }),
    learn: learnSchema,
    applicants: z.array(applicantSchema).max(8).default([]).meta({
      description: 'Models that apply for the post beside those that are fitted here; all run in shadow.',
    }),
    seedShare: z.number().min(0).max(0.2).default(0).meta({
      description: 'Share of questions that show a known bad unit from the library instead of a live one.',
    }),
  })
  .meta({ expects: 'a station: a mapping with `id`, `name`, `line` and so on' });

export type StationSettings = z.output<typeof stationSchema>;
