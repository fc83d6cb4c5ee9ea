/** One thing that was looked at. */
export interface Finding {
  /** Stable, for machines: e.g. `disk-latency`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'fault';
  /** What was seen, with what was measured. */
  readonly what: string;
  /** What follows from it, and what to do; null where it is ok. */
  readonly means: string | null;
  readonly cure: string | null;
}

export const ok = (check: string, what: string): Finding => ({
  ...{ check, state: 'ok', what, means: null, cure: null },
});

export const finding = (
  check: string,
  state: 'warning' | 'fault',
  what: string,
  { means, cure }: { readonly means: string; readonly cure: string },
): Finding => ({ check, state, what, means, cure });

/** What a system says when it will not write, and what helps; null where it says something else. */
export function cureOf(error: unknown, folder: string): string | null {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'sqlite-too-old')
    return 'Install the dependencies anew (npm ci): the driver brings its own SQLite';
  if (code === 'ENOSPC' || code === 'EDQUOT' || /disk is full/.test(message))
    return `Make room on the disk of ${folder}: take away what is not of the site (df -h ${folder})`;
  if (code === 'EROFS' || /readonly/.test(message))
    return `Mount the disk of ${folder} for writing, or give the user of the site the right to write there`;
  if (code === 'EACCES' || code === 'EPERM')
    return `Run it as the user of the site, or give this one the right to write in ${folder}`;
  return null;
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
