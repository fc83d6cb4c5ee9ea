/** Reading what others say, without believing it. */

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** @throws Error that says whose answer it is. */
export function parsed(body: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Error(`${what} is no whole JSON: ${excerpt(body)}`);
  }
  const record = recordOf(value);
  if (record === null) throw new Error(`${what} is no JSON object: ${excerpt(body)}`);
  return record;
}

const SHOWN = 200;

/** The first 200 characters on one line, without control characters. */
export function excerpt(text: string | Uint8Array): string {
  const whole = typeof text === 'string' ? text : Buffer.from(text.subarray(0, 4 * SHOWN)).toString('utf8');
  return Array.from(whole.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim())
    .slice(0, SHOWN)
    .join('');
}
