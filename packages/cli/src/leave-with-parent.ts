const PATIENCE_MS = 10_000;

/** A process that another one of ours started ends when that one is gone, however it went. */
export function leaveWithParent(stop: AbortController): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => {
    stop.abort();
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
  });
  // Listening alone keeps no process alive.
  process.channel.unref();
}
