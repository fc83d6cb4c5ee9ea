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

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
