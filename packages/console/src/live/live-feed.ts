import { liveTagsOfSchema, liveValuesOfSchema } from '@selvedge/core/records';
import { waitBeforeTry } from './connection.js';
import { NOTHING_SEEN, type Seen, withTags, withValues } from './seen.js';
import { createStore, type Store } from './store.js';

/** Units while they are being made, of every station that somebody looks at, in one stream. */
export interface LiveFeed {
  /** False while nothing arrives. */
  readonly up: Store<boolean>;
  /** What was seen stays known after the last watcher went, and with it the scale. */
  watch(station: string): { readonly store: Store<Seen>; stop(): void };
}

/** The part of a browser that is used here. */
export interface FeedPlace {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly open: (path: string) => EventSource;
  readonly visible: () => boolean;
  /** Calls when `visible` changed. */
  readonly onVisible: (changed: () => void) => void;
}

/** Views that come and go together open one stream. */
const GATHER_MS = 50;

/** Opens a stream only while somebody watches and the page is seen; it comes back by itself. */
export function createLiveFeed(place: FeedPlace): LiveFeed {
  const up = createStore(false);
  const stores = new Map<string, Store<Seen>>();
  const watched = new Map<string, number>();
  let stream: EventSource | null = null;
  let path = '';
  let failures = 0;
  let cancel: (() => void) | null = null;

  const close = () => {
    stream?.close();
    stream = null;
    path = '';
    up.set(false);
  };
  const plan = (ms: number) => {
    cancel?.();
    cancel = place.after(ms, () => {
      cancel = null;
      sync();
    });
  };
  const sync = () => {
    const stations = [...watched.keys()].sort();
    if (stations.length === 0 || !place.visible()) {
      close();
      return;
    }
    const wanted = `/api/live?${stations.map((one) => `station=${encodeURIComponent(one)}`).join('&')}`;
    if (wanted === path) return;
    close();
    path = wanted;
    const own = place.open(wanted);
    stream = own;
    own.onopen = () => {
      failures = 0;
      up.set(true);
    };
    own.addEventListener('tags', ({ data }) => {
      const told = liveTagsOfSchema.safeParse(parsed(data));
      if (told.success) change(told.data.station, (seen) => withTags(seen, told.data.tags));
    });
    own.onmessage = ({ data }) => {
      const told = liveValuesOfSchema.safeParse(parsed(data));
      if (told.success) change(told.data.station, (seen) => withValues(seen, told.data.values, place.now()));
    };
    own.onerror = () => {
      if (stream !== own) return;
      up.set(false);
      // The browser tries again by itself unless the server refused.
      if (own.readyState !== own.CLOSED) return;
      close();
      plan(waitBeforeTry(failures++));
    };
  };
  const storeOf = (station: string): Store<Seen> => {
    const store = stores.get(station) ?? createStore(NOTHING_SEEN);
    stores.set(station, store);
    return store;
  };
  const change = (station: string, to: (seen: Seen) => Seen) => {
    const store = storeOf(station);
    store.set(to(store.get()));
  };
  place.onVisible(() => plan(0));

  return {
    up,
    watch(station) {
      watched.set(station, (watched.get(station) ?? 0) + 1);
      plan(GATHER_MS);
      let open = true;
      return {
        store: storeOf(station),
        stop() {
          if (!open) return;
          open = false;
          const left = (watched.get(station) ?? 1) - 1;
          if (left > 0) watched.set(station, left);
          else watched.delete(station);
          plan(GATHER_MS);
        },
      };
    },
  };
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return null;
  }
}
