import { dictionary } from '@zxcvbn-ts/language-common';

/** Passwords that many people choose, most of them from leaks; in lower case. */
let common: ReadonlySet<string> | null = null;
const isCommon = (text: string): boolean => {
  common ??= new Set(dictionary['passwords-common']);
  return common.has(text);
};

/** Rows of keys and runs that fingers follow, forwards and backwards. */
const RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm']
  .flatMap((run) => [run, [...run].reverse().join('')])
  .map((run) => run + run);
/** Characters that have to be left of a password once what everybody here knows is taken out of it. */
const LEAST_OWN = 8;
/** A shorter word is part of too many others. */
const SHORTEST_WORD = 3;

/**
 * Why a new password is too easily guessed, or null. After NIST SP 800-63B-4, section 3.1.1.2: a list of what is commonly
 * used, expected or leaked, and words of the context (`words`: the names of the person, the site and the program); no
 * rule about kinds of characters. The list is asked for the whole password, and for what remains of it without digits and
 * marks around it, so that `Password2026!!` is found.
 */
export function weakness(password: string, words: readonly string[]): string | null {
  const text = password.normalize('NFKC').toLowerCase();
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const once = unitOf(text);
  if ([text, core, once, unitOf(core)].some(isCommon))
    return 'Many people use this password, so it is guessed first. Choose another one, for example four words that do not belong together.';
  if ([...once].length < SHORTEST_WORD * 2 || isRun(text))
    return 'The password repeats itself or runs along the keys. Choose another one, for example four words that do not belong together.';
  let own = text;
  for (const word of known(words)) own = own.replaceAll(word, '');
  if (own !== text && [...own.replace(/[^\p{L}\p{N}]/gu, '')].length < LEAST_OWN)
    return 'The password is little more than a name that everybody here knows. Choose another one, for example four words that do not belong together.';
  return null;
}

/** What the text repeats, at least twice (the last time perhaps in part); itself where it repeats nothing. */
function unitOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1)
    if (text.startsWith(text.slice(length))) return text.slice(0, length);
  return text;
}

/** True where the text is made of few runs along the keys. */
function isRun(text: string): boolean {
  let runs = 0;
  for (let at = 0; at < text.length; runs += 1) {
    let length = 1;
    while (at + length < text.length && RUNS.some((run) => run.includes(text.slice(at, at + length + 1))))
      length += 1;
    at += length;
  }
  return text.length >= 4 * runs;
}

/** Names and the words in them, longest first. */
const known = (words: readonly string[]): string[] =>
  [...new Set(words.flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)]))]
    .map((word) => word.normalize('NFKC').toLowerCase())
    .filter((word) => [...word].length >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length);
