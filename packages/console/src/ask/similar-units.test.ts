import { expect, it } from 'vitest';
import { mostMarked } from './similar-units.js';

it('compares the channel in which the unit differs most, and the first where none does', () => {
  expect(mostMarked({ marks: null })).toBe(0);
  expect(
    mostMarked({
      marks: [
        [0, 0],
        [0, 0],
      ],
    }),
  ).toBe(0);
  expect(
    mostMarked({
      marks: [
        [1, -2],
        [0.5, 3],
        [-7, 0],
      ],
    }),
  ).toBe(2);
});
