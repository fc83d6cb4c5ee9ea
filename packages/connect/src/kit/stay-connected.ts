import type { Context } from '../contract/connector.js';
import { Backoff } from './backoff.js';
import type { Feed } from './feed.js';
import type { States } from './states.js';

export interface Staying<Connection> {
  /** Begins every epoch: where the peer is. */
  readonly name: string;
  /** A connection on which the peer has answered. @throws Error where there is none; its message is the state's `why`. */
  readonly connect: () => Promise<Connection>;
  /** From when the link is up until the connection is gone; resolves with why. */
  readonly serve: (connection: Connection) => Promise<string>;
  readonly states: States;
  readonly feed: Feed;
  /** Aborted: it ends, once `connect` and `serve` have. */
  readonly signal: AbortSignal;
  readonly context: Pick<Context, 'nowMs' | 'random'>;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
}

/** The one owner of a connection: connects again and again with growing pauses, each time under a new epoch. */
export async function stayConnected<Connection>(staying: Staying<Connection>): Promise<void> {
  const { name, connect, serve, states, feed, signal, context } = staying;
  const { firstPauseMs: firstMs = 200, longestPauseMs: longestMs = 10_000 } = staying;
  const backoff = new Backoff({ random: context.random, firstMs, longestMs });
  for (let count = 1; !signal.aborted; ) {
    try {
      const connection = await connect();
      backoff.reset();
      const epoch = `${name}/${count}/${Math.round(context.nowMs())}`;
      count += 1;
      feed.begin(epoch);
      states.set('up', 'it answers', epoch);
      states.set('down', await serve(connection));
    } catch (error) {
      states.set('down', error instanceof Error ? error.message : String(error));
    }
    await backoff.pause(signal);
  }
}
