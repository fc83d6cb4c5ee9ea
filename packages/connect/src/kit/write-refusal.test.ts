import { describe, expect, it } from 'vitest';
import type { LinkState } from '../contract/connector.js';
import { type Tag, tagSchema } from '../contract/tag.js';
import type { Scalar } from '../contract/value.js';
import { arm } from '../guard/armed.js';
import { writeRefusal } from './write-refusal.js';

const state: LinkState = { state: 'up', why: '', epoch: 'e1' };
const refusal = (value: Scalar, more: Partial<Tag>): string | undefined => {
  const tag: Tag = { ...tagSchema.parse({ tag: 't', address: 'a', type: 'double', access: 'rw' }), ...more };
  const by = { decision: 'd', release: 'r', gate: 'g', notAfterMs: 10 };
  const armed = arm({ id: 'c', target: 't', value, ...by }, 'e1', new Uint8Array(32));
  return writeRefusal(armed, tag, { state, nowMs: 5 })?.why;
};

describe('what every write is asked', () => {
  it('lets a value pass that its scale and offset bring back', () => {
    for (const scale of [1, 0.1, 0.001, 10, 1e-6, -0.5])
      for (const offset of [0, -40, 1000])
        for (const value of [0, 12.5, -3, 99.9]) expect(refusal(value, { scale, offset })).toBeUndefined();
  });

  it.each([
    ['a scale of 0', { scale: 0 }],
    ['a scale near 0', { scale: 1e-320 }],
    ['an offset beside which the value is nothing', { offset: 1e18 }],
    ['a scale that is none', { scale: Number.NaN }],
  ])('refuses a bounded value that %s makes an unbounded or another one', (_, more) => {
    expect(refusal(5, { range: [0, 10], ...more })).toMatch(/scale and offset/);
  });

  it('refuses a number that is none, also where the tag has no range', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(refusal(value, {})).toMatch(/finite/);
  });

  it('refuses what a float of the peer would make endless', () => {
    expect(refusal(1e39, { type: 'float' })).toMatch(/float/);
    expect(refusal(100, { type: 'float', scale: 1e-38 })).toMatch(/float/);
    expect(refusal(100, { type: 'float', scale: 1e-30 })).toBeUndefined();
  });

  it('a tag whose scale is 0 is none', () => {
    expect(tagSchema.safeParse({ tag: 't', address: 'a', type: 'double', scale: 0 }).success).toBe(false);
  });
});
