/** Where a person is in the console; one value for every view. */
export type Route =
  | { readonly view: 'line' | 'ask' | 'equipment' | 'shift' | 'people' | 'sign-in' | 'setup' }
  | { readonly view: 'station' | 'unit'; readonly id: string }
  | { readonly view: 'nowhere'; readonly path: string };

const PLAIN = {
  '/': 'line',
  '/ask': 'ask',
  '/equipment': 'equipment',
  '/shift': 'shift',
  '/people': 'people',
  '/sign-in': 'sign-in',
  '/setup': 'setup',
} as const;

/** The route of a path (without query). Ids are percent-encoded; a broken encoding leads nowhere, never to a throw. */
export function routeOf(path: string): Route {
  const clean = path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
  if (Object.hasOwn(PLAIN, clean)) return { view: PLAIN[clean as keyof typeof PLAIN] };
  const found = /^\/(station|unit)\/([^/]+)$/.exec(clean);
  const id = found?.[2] === undefined ? null : decoded(found[2]);
  if (found && id !== null) return { view: found[1] === 'unit' ? 'unit' : 'station', id };
  return { view: 'nowhere', path };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The path of a route: `routeOf(pathOf(r))` is `r` again. */
export function pathOf(route: Route): string {
  switch (route.view) {
    case 'line':
      return '/';
    case 'station':
    case 'unit':
      return `/${route.view}/${encodeURIComponent(route.id)}`;
    case 'nowhere':
      return route.path;
    default:
      return `/${route.view}`;
  }
}
