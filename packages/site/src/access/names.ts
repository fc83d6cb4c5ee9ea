/** Letters that look like Latin ones, so that a name in another alphabet cannot pass for one that is there already. */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['АВЕЅІЈКМНОРСТУХ', 'ABESIJKMHOPCTYX'],
    ['аеѕіјорсухԁԛԝһ', 'aesijopcyxdqwh'],
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
    ['αινορυχ', 'aivopux'],
    ['01ı|', 'olll'],
    ['iI', 'll'],
  ].flatMap(([from = '', to = '']) => [...from].map((letter, i) => [letter, [...to][i] ?? letter])),
);
/** Alphabets whose letters pass for one another: a name is written in one of them. */
const ALPHABETS = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'].map(
  (script) => new RegExp(`\\p{Script=${script}}`, 'u'),
);
const LONGEST = 80;

export type CleanName =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly why: string };

/** As it is kept and shown: NFKC, single spaces. */
const spelled = (raw: string): string => raw.normalize('NFKC').trim().replace(/\s+/gu, ' ');

/** What two spellings of one name have in common: sign-in is by this. */
export const nameKey = (raw: string): string => spelled(raw).toLowerCase();

/** What two names have in common that a person cannot tell apart (after Unicode TR 39, for the letters that matter here). */
export function nameLooks(raw: string): string {
  const latin = (text: string) => [...text].map((letter) => LOOK_ALIKES[letter] ?? letter).join('');
  // Twice: capitals of other alphabets, then what the small letters look like.
  return latin(latin(spelled(raw)).toLowerCase());
}

/**
 * A user's name as it may stand in the record: 1 to 80 letters, digits, spaces and . ' - _ @ + of one alphabet, no
 * invisible or direction-changing characters, no markup.
 */
export function cleanName(raw: string): CleanName {
  const name = spelled(raw);
  const length = [...name].length;
  if (length === 0 || length > LONGEST)
    return { ok: false, why: `A name has 1 to ${LONGEST} characters, this one has ${length}.` };
  const strange = /[^\p{L}\p{M}\p{N} .'’\-_@+·]/u.exec(name)?.[0];
  if (strange !== undefined) {
    const code = (strange.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return {
      ok: false,
      why: `A name may not hold the character U+${code}. Use letters, digits and . ' - _ @ +`,
    };
  }
  if (!/[\p{L}\p{N}]/u.test(name)) return { ok: false, why: 'A name needs a letter or a digit.' };
  if (/\p{M}{4}/u.test(name) || /^\p{M}/u.test(name))
    return { ok: false, why: 'A name has too many accents on one letter.' };
  if (ALPHABETS.filter((alphabet) => alphabet.test(name)).length > 1)
    return { ok: false, why: 'A name mixes letters of alphabets that look alike. Write it in one alphabet.' };
  return { ok: true, name };
}
