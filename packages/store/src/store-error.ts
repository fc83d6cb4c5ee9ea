/** What went wrong with the record, as one of a few words that a supervisor can act on. */
export type StoreErrorCode =
  | 'sqlite-too-old'
  | 'not-durable'
  | 'newer-schema'
  | 'cannot-migrate'
  | 'not-a-journal'
  | 'journal-locked'
  | 'cannot-commit'
  | 'too-many-waiting'
  | 'closed'
  | 'not-shipped'
  | 'blob-missing'
  | 'blob-damaged';

/** A promise of the store that could not be kept. `retry` says whether the same call may succeed later. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly retry: 'never' | 'later';

  constructor(
    code: StoreErrorCode,
    message: string,
    { retry = 'never', cause }: { retry?: 'never' | 'later'; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.retry = retry;
  }
}
