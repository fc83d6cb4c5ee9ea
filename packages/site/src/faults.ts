/** Input that cannot be used: what is wrong and what to change, with the place. The command exits 2 on it. */
export class InputFault extends Error {
  override readonly name = 'InputFault';
  readonly code: string;
  readonly file: string | null;
  readonly line: number | null;

  constructor({
    code,
    message,
    file = null,
    line = null,
    cause,
  }: { code: string; message: string; file?: string | null; line?: number | null; cause?: unknown }) {
    super(message, { cause });
    this.code = code;
    this.file = file;
    this.line = line;
  }
}

/**
 * A message with a file named by its place in the data set and not by where the set lies on this machine: the
 * same data give the same report wherever they are.
 */
export const placeless = (message: string, path: string, source: string): string =>
  message.replaceAll(path, source);
