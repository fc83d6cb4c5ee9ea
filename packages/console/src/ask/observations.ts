import type { ObservationView } from '@selvedge/core/records';
import type { Client, Fault } from '../api/client.js';
import { ASK } from '../api/paths.js';
import { createStore, type Store } from '../live/store.js';

/** What was seen of the units that are on the screen, come next, or were just answered. */
export interface Observations {
  /**
   * Starts fetching where it has not been; the store fills by itself.
   *
   * @param station where it was seen; the last one where left out
   */
  of(unit: string, station?: string): Store<Seen>;
}

export interface Seen {
  readonly view: ObservationView | null;
  readonly fault: Fault | null;
}

/** Units kept: those ahead, the last answers and what was alike. The oldest goes first. */
const KEPT = 24;

/** @param decode makes a picture ready to be painted; failing is no harm, the page loads it then. */
export function createObservations(
  client: Pick<Client, 'get'>,
  decode: (href: string) => Promise<void>,
): Observations {
  const kept = new Map<string, Store<Seen>>();
  return {
    of(unit, station) {
      const ask = ASK.observation(unit, station);
      const known = kept.get(ask.path);
      // A fetch that failed is tried again when the unit is looked at anew.
      if (known && known.get().fault === null) return known;
      const store = known ?? createStore<Seen>({ view: null, fault: null });
      kept.delete(ask.path);
      kept.set(ask.path, store);
      for (const old of kept.keys()) {
        if (kept.size <= KEPT) break;
        kept.delete(old);
      }
      void client.get(ask).then(async (result) => {
        if (!result.ok) {
          store.set({ view: null, fault: result.fault });
          return;
        }
        const view = result.value;
        const picture = view.kind === 'pair' ? view.image : view;
        if (picture.kind === 'image') await decode(picture.href).catch(() => undefined);
        store.set({ view, fault: null });
      });
      return store;
    },
  };
}

/** Fetches and decodes a picture before it is shown. */
export async function decodePicture(href: string): Promise<void> {
  const image = new Image();
  image.src = href;
  await image.decode();
}
