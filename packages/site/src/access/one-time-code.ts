import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Crockford's base 32: no letter in it is taken for a digit. 12 of them are 60 bits. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 3;
const GROUP = 4;

/** `XXXX-XXXX-XXXX`, from the system's own randomness. */
export function makeCode(): string {
  const letters = [...randomBytes(GROUPS * GROUP)].map((byte) => LETTERS[byte % LETTERS.length]);
  return Array.from({ length: GROUPS }, (_, i) => letters.slice(i * GROUP, (i + 1) * GROUP).join('')).join(
    '-',
  );
}

/** Whether a person meant the code: case, spaces and hyphens are free, O is 0, I and L are 1. In constant time. */
export function sameCode(typed: string, code: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const meant = typed
    .slice(0, 100)
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-–—]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return timingSafeEqual(digest(meant), digest(code.replaceAll('-', '')));
}
