import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathOf, type Route, routeOf } from './router.js';

describe('router', () => {
  it('knows every view by its path', () => {
    const views = ['/', '/ask', '/shift', '/people', '/sign-in', '/setup'].map((p) => routeOf(p).view);
    expect(views).toEqual(['line', 'ask', 'shift', 'people', 'sign-in', 'setup']);
    expect(routeOf('/ask/')).toEqual({ view: 'ask' });
    expect(routeOf('/station/s1')).toEqual({ view: 'station', id: 's1' });
  });

  it('leads nowhere from what it does not know, and never throws', () => {
    for (const path of ['/unit', '/unit/', '/unit/a/b', '/unit/%E0%A4%A', '/constructor', '/__proto__', ''])
      expect(routeOf(path).view).toBe('nowhere');
  });

  it('brings any id there and back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('station' as const, 'unit' as const),
        fc.string({ minLength: 1, unit: 'grapheme' }),
        (view, id) => {
          const route: Route = { view, id };
          expect(routeOf(pathOf(route))).toEqual(route);
        },
      ),
      { seed: 1 },
    );
  });
});
