import { z } from 'zod';

/**
 * The small words of a configuration. `expects` says in plain words what belongs there: messages and the reference page
 * are made from it, and it is left out of the published JSON schema. `sample` is one good value (zod drops `examples`
 * of whatever holds a transformation).
 */

export const idSchema = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  .meta({
    expects: 'lower-case letters, digits and single hyphens, beginning with a letter, at most 40',
    sample: 'press-2',
  });

export const nameSchema = z
  .string()
  .min(1)
  .max(80)
  .regex(/\S/)
  .meta({ expects: 'a name of 1 to 80 characters', sample: 'Press 2' });

const SIZE = /^(\d{1,12}(?:\.\d{1,6})?) ?(kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
const BYTES: Readonly<Record<string, number>> = {
  ...{ kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/** Bytes of a size as people write it, e.g. `20 GB`; null where it is none. */
export function bytesOf(text: string): number | null {
  const [, number, unit] = SIZE.exec(text) ?? [];
  const factor = BYTES[unit ?? ''];
  const bytes = Math.round(Number(number) * (factor ?? Number.NaN));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

/** A size in text; its output is bytes. */
export const sizeSchema = z
  .string()
  .regex(SIZE)
  .refine((text) => bytesOf(text) !== null)
  .transform((text) => bytesOf(text) ?? 0)
  .meta({
    expects: 'a size with its unit (kB, MB, GB, TB or KiB, MiB, GiB, TiB)',
    sample: '20 GB',
  });

/** A path of this machine; made absolute against the folder of the configuration. */
export const pathSchema = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^~\0][^\0]*$/)
  .meta({
    expects: 'a path, absolute or relative to the folder of this file (`~` is not understood)',
    sample: './data',
  });

/** The name of an environment variable. The secret itself never stands in the file. */
export const envNameSchema = z
  .string()
  .max(80)
  .regex(/^[A-Z_][A-Z0-9_]*$/)
  .meta({
    expects:
      'the NAME of an environment variable (capital letters, digits, underscores), never the secret itself',
    sample: 'SELVEDGE_OIDC_SECRET',
  });

/** An address of the web without a user and password in it. */
export const urlSchema = z
  .string()
  .max(300)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  })
  .meta({
    expects: 'an address that begins with https:// (http:// only for localhost), without user and password',
    sample: 'https://selvedge.plant.example',
  });

/** True for addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** What a word is called in the languages of the console. @param longest letters that have room where it is shown */
export const namesSchema = (longest: number) => {
  const one = (language: string) =>
    z
      .string()
      .min(1)
      .max(longest)
      .regex(/\S/)
      .optional()
      .meta({
        description: `In ${language}.`,
        expects: `a word or two of at most ${longest} characters`,
      });
  return z
    .strictObject({ en: one('English'), zh: one('Simplified Chinese'), id: one('Indonesian') })
    .optional()
    .meta({
      description:
        'What people read in other languages; the word itself stays in the record. One word has one name at a site.',
      expects: 'a mapping of en, zh, id to a word each',
    });
};

export const shareSchema = z.number().min(0).max(1);

export const DAY_MS = 24 * 3600 * 1000;
/** A duration in ms. */
export const durationSchema = (leastMs: number, mostMs: number) =>
  z
    .number()
    .int()
    .min(leastMs)
    .max(mostMs)
    .meta({ expects: `a whole number of milliseconds from ${leastMs} to ${mostMs}` });
