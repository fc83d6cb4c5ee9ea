import { eventSchema, type Session, type SiteEvent } from '@selvedge/core/records';
import { type Client, createClient, type Fault } from '../api/client.js';
import { ASK, type Ask } from '../api/paths.js';
import { createServerClock, type ServerClock } from '../api/server-clock.js';
import { type Connection, heardFrom, waitBeforeTry } from './connection.js';
import { createLiveFeed, type LiveFeed } from './live-feed.js';
import { createRefresher, type Refresher, type Timer } from './refresher.js';
import { createStore, type Store } from './store.js';

/** What is known of one question to the server; `value` is the last good answer, kept while a new one is awaited. */
export interface Known<T> {
  readonly value: T | null;
  readonly fault: Fault | null;
}

export interface Watch<T> {
  readonly ask: Ask<T>;
  /** Least time between two questions, ms. */
  readonly everyMs: number;
  /** Which events make it stale. */
  readonly wants: (event: SiteEvent) => boolean;
}

/** The one connection of a page to its site. */
export interface Site {
  readonly client: Client;
  readonly clock: ServerClock;
  readonly session: Store<Known<Session>>;
  readonly connection: Store<Connection>;
  /** Units while they are being made. */
  readonly live: LiveFeed;
  /** Keeps asking while somebody watches. Two watchers of one path share the answers. */
  watch<T>(watch: Watch<T>): { readonly store: Store<Known<T>>; touch(): void; stop(): void };
  /** Asks everything that is watched anew. */
  refresh(): void;
  refreshSession(): Promise<void>;
}

const NOTHING: Known<never> = { value: null, fault: null };
/** Silence that long is checked: a cable that was pulled says nothing. */
const HEARTBEAT_MS = 5000;

interface Watched {
  readonly store: Store<Known<unknown>>;
  readonly refresher: Refresher;
  readonly wants: (event: SiteEvent) => boolean;
  watchers: number;
}

/** Opens the connection: the session at once, the event stream as soon as somebody is signed in. */
export function openSite(): Site {
  const steady = () => performance.now();
  const timer: Timer = {
    now: steady,
    after(ms, run) {
      const id = setTimeout(run, ms);
      return () => clearTimeout(id);
    },
  };
  const clock = createServerClock(steady, () => Date.now());
  const connection = createStore<Connection>({ since: null });
  let lastHeardAt = steady();
  const heard = (reached: boolean) => {
    const at = steady();
    if (reached) lastHeardAt = at;
    connection.set(heardFrom(connection.get(), { reached, at }));
  };
  const client = createClient(
    (input, init) => fetch(input, init),
    heard,
    () => refreshSession(),
  );
  const session = createStore<Known<Session>>(NOTHING);
  const watched = new Map<string, Watched>();

  const load = async <T>(ask: Ask<T>, store: Store<Known<T>>): Promise<void> => {
    const sentAt = steady();
    const result = await client.get(ask);
    if (!result.ok) {
      store.set({ value: store.get().value, fault: result.fault });
      if (result.fault.status === 401 && session.get().value?.user) await refreshSession();
      return;
    }
    const { value } = result;
    if (typeof value === 'object' && value !== null && 'nowMs' in value && typeof value.nowMs === 'number')
      clock.heard(value.nowMs, sentAt, steady());
    store.set({ value, fault: null });
  };

  const refreshSession = async () => {
    await load(ASK.session, session);
    client.setCsrf(session.get().value?.csrf ?? null);
    if (session.get().value?.user) openStream();
    else closeStream();
  };

  const refresh = () => {
    for (const { refresher } of watched.values()) refresher.touch();
  };

  let stream: EventSource | null = null;
  let lastSeq = '';
  let failures = 0;
  const closeStream = () => {
    stream?.close();
    stream = null;
  };
  const openStream = () => {
    if (stream !== null) return;
    const own = new EventSource(lastSeq === '' ? '/api/events' : `/api/events?after=${lastSeq}`);
    stream = own;
    own.onopen = () => {
      failures = 0;
      heard(true);
      refresh();
    };
    // The server says `reload` where it cannot tell everything that was missed.
    own.addEventListener('reload', refresh);
    own.onmessage = ({ data, lastEventId }) => {
      heard(true);
      lastSeq = lastEventId;
      const event = eventSchema.safeParse(parsed(String(data)));
      for (const one of watched.values()) if (!event.success || one.wants(event.data)) one.refresher.touch();
    };
    own.onerror = () => {
      heard(false);
      // The browser tries again by itself (with Last-Event-ID) unless the server refused.
      if (own.readyState !== EventSource.CLOSED || stream !== own) return;
      stream = null;
      timer.after(waitBeforeTry(failures++), () => void refreshSession());
    };
  };

  setInterval(() => {
    if (steady() - lastHeardAt < HEARTBEAT_MS) return;
    if (watched.size > 0) refresh();
    else void refreshSession();
  }, HEARTBEAT_MS);
  addEventListener('offline', () => heard(false));
  addEventListener('online', () => refresh());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') refresh();
  });
  void refreshSession();
  const live = createLiveFeed({
    ...timer,
    open: (path) => new EventSource(path),
    visible: () => document.visibilityState === 'visible',
    onVisible: (changed) => document.addEventListener('visibilitychange', changed),
  });

  return {
    client,
    live,
    clock,
    session,
    connection,
    refresh,
    refreshSession,
    watch<T>({ ask, everyMs, wants }: Watch<T>) {
      const known = watched.get(ask.path);
      const store = (known?.store as Store<Known<T>> | undefined) ?? createStore<Known<T>>(NOTHING);
      const own: Watched = known ?? {
        store: store as Store<Known<unknown>>,
        refresher: createRefresher(timer, everyMs, () => load(ask, store)),
        wants,
        watchers: 0,
      };
      own.watchers++;
      watched.set(ask.path, own);
      let open = true;
      return {
        store,
        touch: () => own.refresher.touch(),
        stop() {
          if (!open) return;
          open = false;
          own.watchers--;
          if (own.watchers > 0) return;
          own.refresher.stop();
          watched.delete(ask.path);
        },
      };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
