import { describe, expect, it } from 'vitest';
import { toldActs } from './told-acts.js';

const act = { type: 'thread-change', seconds: 12.5 };

describe('acts that equipment tells of', () => {
  it('are those of its list, without what else stands in them; an empty text tells of none', () => {
    expect(toldActs(JSON.stringify([act, { ...act, by: 'ada', seconds: 0 }]))).toEqual([
      act,
      { ...act, seconds: 0 },
    ]);
    expect(toldActs('')).toEqual([]);
    expect(toldActs('[]')).toEqual([]);
  });

  it.each([
    ['no text', 7],
    ['nothing', null],
    ['no JSON', '[{'],
    ['no list', JSON.stringify(act)],
    ['a list of nothing', '[null]'],
    ['an act without a type', JSON.stringify([act, { seconds: 1 }])],
    ['an act of an empty type', JSON.stringify([{ ...act, type: '' }])],
    ['a type that is too long', JSON.stringify([{ ...act, type: 'x'.repeat(41) }])],
    ['a type that is a number', JSON.stringify([{ ...act, type: 3 }])],
    ['a time before it began', JSON.stringify([act, { ...act, seconds: -1 }])],
    ['a time that is none', JSON.stringify([{ ...act, seconds: null }])],
    ['a time without end', `[{"type":"x","seconds":1e999}]`],
    ['more acts than anybody does at one unit', JSON.stringify(Array.from({ length: 101 }, () => act))],
  ])('are not believed at all where they are %s', (_, told) => {
    expect(toldActs(told)).toBeNull();
  });
});
