/** One edit of the example configuration, and everything that is said of it. */
export interface ConfigEdit {
  readonly name: string;
  /** `*`: the whole text. */
  readonly find: string;
  readonly write: string;
  /** In the order of the file, without its name. */
  readonly said: readonly string[];
}

export const edit = (name: string, find: string, write: string, ...said: string[]): ConfigEdit => ({
  name,
  find,
  write,
  said,
});
