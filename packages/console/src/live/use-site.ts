import type { SiteEvent } from '@selvedge/core/records';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Ask } from '../api/paths.js';
import type { Known, Site } from './site.js';
import type { Store } from './store.js';

export const SiteContext = createContext<Site | null>(null);

/** The page's connection. */
export function useSite(): Site {
  const site = useContext(SiteContext);
  if (site === null) throw new Error('used outside of SiteContext');
  return site;
}

export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.listen, store.get, store.get);

const NOTHING: Known<never> = { value: null, fault: null };
const any = () => true;

/**
 * An answer of the server that stays true while it is looked at.
 * @param pollMs asked so often although no row of the journal says that it changed; not at all where left out
 */
export function useLive<T>(
  ask: Ask<T>,
  {
    everyMs = 500,
    pollMs,
    wants = any,
  }: { everyMs?: number; pollMs?: number; wants?: (event: SiteEvent) => boolean } = {},
): Known<T> {
  const site = useSite();
  const [known, setKnown] = useState<{ path: string; known: Known<T> }>({ path: ask.path, known: NOTHING });
  // The path stands for the whole question: a schema or filter made anew on every drawing asks nothing anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const { store, touch, stop } = site.watch({ ask, everyMs, wants });
    const take = () => setKnown({ path: ask.path, known: store.get() });
    take();
    const deaf = store.listen(take);
    const poll = pollMs === undefined ? undefined : setInterval(touch, pollMs);
    return () => {
      clearInterval(poll);
      deaf();
      stop();
    };
  }, [site, ask.path]);
  return known.path === ask.path ? known.known : NOTHING;
}

/** The server's time, epoch ms, anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const { clock } = useSite();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    setNow(clock.now());
    const id = setInterval(() => setNow(clock.now()), everyMs);
    return () => clearInterval(id);
  }, [clock, everyMs]);
  return now;
}
