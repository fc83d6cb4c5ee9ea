import { type MouseEvent, useSyncExternalStore } from 'react';
import { pathOf, type Route, routeOf } from './router.js';

const MOVED = 'selvedge:moved';

/** Goes to another view without loading the page anew. */
export function go(route: Route, how: 'push' | 'replace' = 'push'): void {
  const path = pathOf(route);
  if (path !== location.pathname) history[`${how}State`](null, '', path);
  dispatchEvent(new Event(MOVED));
  if (how === 'push') scrollTo(0, 0);
}

function listen(changed: () => void): () => void {
  addEventListener('popstate', changed);
  addEventListener(MOVED, changed);
  return () => {
    removeEventListener('popstate', changed);
    removeEventListener(MOVED, changed);
  };
}

let last: { path: string; route: Route } | null = null;

function current(): Route {
  if (last?.path !== location.pathname) last = { path: location.pathname, route: routeOf(location.pathname) };
  return last.route;
}

/** The view that the address names. */
export const useRoute = (): Route => useSyncExternalStore(listen, current);

/** Attributes of a link within the console: it stays a real link (new tab, copy) and moves without loading. */
export function linkTo(route: Route): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: pathOf(route),
    onClick: (event) => {
      if (event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(route);
    },
  };
}
