import { useEffect, useState } from 'react';
import { NOTHING_SEEN, type Seen } from '../../live/seen.js';
import { useSite } from '../../live/use-site.js';

/** Whoever asked the system for less motion sees a picture change as seldom as this, ms. */
const CALM_MS = 2000;

/** What is seen of the unit that a station is making; nothing new while `held`. */
export function useSeen(station: string, held: boolean): Seen {
  const { live } = useSite();
  const [seen, setSeen] = useState<Seen>(NOTHING_SEEN);
  useEffect(() => {
    if (held) return;
    const { store, stop } = live.watch(station);
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = () => {
      timer = undefined;
      setSeen(store.get());
    };
    take();
    const deaf = store.listen(() => {
      if (!calm || store.get().changedAt === null) take();
      else timer ??= setTimeout(take, CALM_MS);
    });
    return () => {
      clearTimeout(timer);
      deaf();
      stop();
    };
  }, [live, station, held]);
  return seen;
}
