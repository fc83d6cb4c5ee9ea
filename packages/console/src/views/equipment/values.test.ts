import { expect, it } from 'vitest';
import { wordsOf } from '../../language/use-words.js';
import { clockOf, valueInWords } from './values.js';

it('counts down as a clock, and never below zero', () => {
  expect([27_123_000, 3_600_000, 61_000, 9001, 1, -5].map(clockOf)).toEqual([
    '7:32:03',
    '1:00:00',
    '1:01',
    '0:10',
    '0:01',
    '0:00',
  ]);
});

it('writes what equipment holds with its unit as people write it, digits of a 32-bit number', () => {
  const [en, id] = [wordsOf('en'), wordsOf('id')];
  expect(valueInWords(Math.fround(0.3), 'N', en)).toBe('0.3\u00a0N');
  expect(valueInWords(1234.5, 'kW.h', id)).toBe('1.234,5\u00a0kWh');
  expect(valueInWords(351.25, 'Cel', en)).toBe('351.25\u00a0°C');
  expect(valueInWords(4, '1', en)).toBe('4');
  expect(valueInWords(2, 'constructor', en)).toBe('2\u00a0constructor');
  expect([true, 'u1 pass', null].map((value) => valueInWords(value, 'N', en))).toEqual([
    'true',
    'u1 pass',
    'no value',
  ]);
});
