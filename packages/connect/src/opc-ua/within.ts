/** What is thrown where a wait was longer than its deadline, or was called off. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/**
 * The promise's value, or `TooLate` after `ms` or when the signal is aborted. The promise itself goes on; its late failure
 * is nobody's business any more.
 */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  promise.catch(() => {});
  let stop = (): void => {};
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new TooLate(`${what}: no answer within ${ms} ms`)), ms);
    const called = (): void => reject(new TooLate(`${what}: called off`));
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', called);
    };
    if (signal?.aborted) called();
    else signal?.addEventListener('abort', called, { once: true });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop();
  }
}
