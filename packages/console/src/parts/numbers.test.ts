import { expect, it } from 'vitest';
import { fromPercent, inWords, numberOf, signedOf } from './numbers.js';
import { sentence } from './sentence.js';

it('reads numbers as people of any plant type them', () => {
  expect(numberOf(' 0,5 ')).toBe(0.5);
  expect(numberOf('600')).toBe(600);
  for (const text of ['', 'x', '1e9', '-1', '1.2.3', '1,000.5', 'Infinity'])
    expect(numberOf(text)).toBeNull();
  expect(fromPercent('0.5')).toBe(0.005);
  expect(fromPercent('95 %')).toBe(0.95);
});

it('says a rate as so many in so many', () => {
  expect(inWords(0.005)).toEqual({ bad: 5, units: 1000 });
  expect(inWords(0.05)).toEqual({ bad: 5, units: 100 });
  expect(inWords(0.00012)).toEqual({ bad: 1.2, units: 10_000 });
});

it('ends a sentence as its script does', () => {
  expect(sentence('no evidence yet')).toBe('No evidence yet.');
  expect(sentence('尚无证据')).toBe('尚无证据。');
  expect(sentence('Why?')).toBe('Why?');
  expect(sentence('')).toBe('');
});

it('reads numbers below zero where a setting may be there', () => {
  expect(['-1,5', ' −0.25', '12', '--1', '-', '1-', '1e3'].map(signedOf)).toEqual([
    -1.5,
    -0.25,
    12,
    null,
    null,
    null,
    null,
  ]);
});
