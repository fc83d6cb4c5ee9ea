import { expect, it } from 'vitest';
import { heardFrom, waitBeforeTry } from './connection.js';

it('knows since when the server is gone, and forgets it when it is back', () => {
  let connection = heardFrom({ since: null }, { reached: false, at: 10 });
  connection = heardFrom(connection, { reached: false, at: 20 });
  expect(connection).toEqual({ since: 10 });
  connection = heardFrom(connection, { reached: true, at: 30 });
  expect(connection).toEqual({ since: null });
  // No change, no new value: nothing is drawn anew.
  expect(heardFrom(connection, { reached: true, at: 40 })).toBe(connection);
});

it('waits longer each time, and never longer than fifteen seconds', () => {
  expect([0, 1, 2, 3, 4, 50].map(waitBeforeTry)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
});
