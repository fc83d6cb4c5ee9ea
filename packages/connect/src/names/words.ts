/** What may not stand in a word of a topic as it is: separators, wildcards, the escape itself, and control characters. */
const UNSAFE = /[/+#%\p{Cc}\ufdd0-\ufdef\ufffe\uffff]/gu;

/**
 * A word as one level of a topic: what is unsafe becomes %XX for each byte of its UTF-8 form (RFC 3986, section 2.1), all
 * else stays, letters of any script too. `also` are further characters to escape. @throws RangeError on an empty word or half a character.
 */
export function escapeWord(word: string, also = ''): string {
  if (word === '') throw new RangeError('a name may have no empty word');
  if (/[\ud800-\udfff]/u.test(word)) throw new RangeError('a name may hold no half of a character');
  const escaped = word.replace(UNSAFE, percent);
  return [...escaped].map((one) => (also.includes(one) ? percent(one) : one)).join('');
}

/** The word of an escaped level; undefined where it is none: empty, with a wildcard, or escaped otherwise than `escapeWord` does. */
export function unescapeWord(level: string, also = ''): string | undefined {
  try {
    const word = level.replace(/(%[0-9A-F]{2})+/g, (run) => decodeURIComponent(run));
    return escapeWord(word, also) === level ? word : undefined;
  } catch {
    return undefined;
  }
}

function percent(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
