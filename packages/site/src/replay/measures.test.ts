import { describe, expect, it } from 'vitest';
import { classReport, median, rocAuc } from './measures.js';

describe('rocAuc', () => {
  it('counts pairs, ties as half, and leaves NaN out', () => {
    // pairs (bad, good): .8>.1, .8>.8 tie, .4>.1, .4<.8 -> (1 + .5 + 1 + 0) / 4
    expect(rocAuc([0.1, 0.8, 0.8, 0.4, Number.NaN], [false, false, true, true, true])).toBe(0.625);
  });
  it('is null where one class is missing', () => {
    expect(rocAuc([1, 2], [true, true])).toBeNull();
  });
});

describe('classReport', () => {
  it('agrees with a confusion matrix worked by hand', () => {
    const r = classReport(['a', 'a', 'b', 'b', 'good'], ['a', 'b', 'b', 'b', 'good']);
    expect(r.confusion.a).toEqual({ a: 1, b: 1, good: 0 });
    expect(r.perClass.a!.f1).toBeCloseTo(2 / 3, 12);
    expect(r.perClass.b!.f1).toBeCloseTo(0.8, 12);
    expect(r.macroF1).toBeCloseTo((2 / 3 + 0.8 + 1) / 3, 12);
  });
});

describe('median', () => {
  it('takes the middle or the mean of the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});
