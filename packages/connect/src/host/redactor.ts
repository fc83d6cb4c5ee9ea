const HIDDEN = '•••';
/** A shorter text hides in half of all words. */
const SHORTEST = 4;
/** A line of a longer secret, as of a key in PEM. */
const SHORTEST_LINE = 12;
const DEEPEST = 6;

/** User and password in an address. */
const CREDENTIALS = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,300}@/gi;

/** Takes the secrets that a process was given out of what it says. */
export class Redactor {
  /** Longest first: one may be a part of another. */
  #pieces: readonly string[] = [];

  /** Remembers a secret in the forms in which libraries print it: as it is, line by line, in an address, in base64. */
  learn(secret: string): void {
    const lines = secret.split(/\r?\n/).map((line) => line.trim());
    const long = lines.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
    const whole = secret.trim();
    const forms = [whole, encodeURIComponent(whole), Buffer.from(whole).toString('base64')];
    const json = JSON.stringify(whole).slice(1, -1);
    const pieces = new Set([
      ...this.#pieces,
      ...[...forms, json].filter((one) => one.length >= SHORTEST),
      ...long,
    ]);
    this.#pieces = [...pieces].sort((a, b) => b.length - a.length);
  }

  text(said: string): string {
    const hidden = this.#pieces.reduce((text, piece) => text.replaceAll(piece, HIDDEN), said);
    return hidden.replace(CREDENTIALS, `$1${HIDDEN}@`);
  }

  /** Plain data, text by text. */
  data<T>(said: T, depth = 0): T {
    if (typeof said === 'string') return this.text(said) as T;
    if (typeof said !== 'object' || said === null || said instanceof Uint8Array || depth > DEEPEST)
      return said;
    if (Array.isArray(said)) return said.map((one) => this.data(one, depth + 1)) as T;
    return Object.fromEntries(
      Object.entries(said).map(([name, value]) => [name, this.data(value, depth + 1)]),
    ) as T;
  }
}
