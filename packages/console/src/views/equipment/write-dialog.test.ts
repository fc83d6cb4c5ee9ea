import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../language/use-words.js';
import type { Connector } from './marks.js';
import { typedValue } from './write-dialog.js';

const rule = (more: Partial<Connector['rules'][number]>): Connector['rules'][number] => ({
  ...{ target: 'x', does: 'act', safety: false, range: '', limits: null, maxStep: null },
  ...{ values: null, pattern: null, stop: null, stations: ['press'] },
  ...more,
});
const words = wordsOf('en');
const typed = (of: Connector['rules'][number], text: string, held: unknown = null) => {
  const { value, wrong } = typedValue(of, { typed: text, held, unit: 'N' }, words);
  return value ?? wrong;
};

describe('a value that is written by hand', () => {
  it('is a number within the limits and no further away than a step', () => {
    const force = rule({ limits: [80, 140], maxStep: 4 });
    expect(typed(force, ' 112,5 ', 110)).toBe(112.5);
    expect(typed(force, '114', 110)).toBe(114);
    expect(typed(force, '114.5', 110)).toBe(
      'That is more than 4\u00a0N away from 110\u00a0N: go there in steps.',
    );
    expect(typed(force, '141', 139)).toBe('The value lies outside of what may be written: 80 to 140\u00a0N.');
    for (const text of ['', 'much', '1e2', 'NaN'])
      expect(typed(force, text)).toBe('A number is missing or out of range.');
    // Where it is not known what the equipment holds, the site decides.
    expect(typed(force, '140', null)).toBe(140);
  });

  it('is a text that fits from the first letter to the last, or one that is listed', () => {
    const name = rule({ pattern: '[A-Z]{2}\\d+', range: '[A-Z]{2}\\d+' });
    expect(typed(name, 'AB12')).toBe('AB12');
    expect(typed(name, 'xAB12')).toBe('It has to fit: [A-Z]{2}\\d+');
    const either = rule({ limits: [0, 9], stop: 'halt', values: [99] });
    expect([typed(either, 'halt'), typed(either, '99'), typed(either, '7')]).toEqual(['halt', 99, 7]);
  });
});
