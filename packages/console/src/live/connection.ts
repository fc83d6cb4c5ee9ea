/** Whether the server is there. `since` = steady ms of the first failure after the last success, null while all is well. */
export interface Connection {
  readonly since: number | null;
}

/** Folds what was heard: the stream and single questions both speak for the server. */
export function heardFrom(
  connection: Connection,
  heard: { readonly reached: boolean; readonly at: number },
): Connection {
  if (heard.reached) return connection.since === null ? connection : { since: null };
  return connection.since === null ? { since: heard.at } : connection;
}

/** Wait before the stream is opened again, ms: doubling from one to fifteen seconds. */
export const waitBeforeTry = (failures: number): number =>
  Math.min(15_000, 1000 * 2 ** Math.max(0, failures));
