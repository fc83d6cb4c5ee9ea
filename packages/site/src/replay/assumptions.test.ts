import { describe, expect, it } from 'vitest';
import { type AssumptionFacts, assumptions } from './assumptions.js';

const facts: AssumptionFacts = {
  contract: 'per-unit',
  origin: 'recorded',
  orderUnknown: false,
  grouped: false,
  independentUnits: false,
  clustered: false,
  byGroup: false,
};
const texts = (change: Partial<AssumptionFacts>) =>
  assumptions({ ...facts, ...change })
    .map((a) => a.text)
    .join('\n');

describe('assumptions', () => {
  it('says what is assumed of groups, and exactly one of the four', () => {
    expect(texts({})).toContain('Units are independent of each other: one');
    expect(texts({ grouped: true })).toContain('permutation test found none');
    expect(texts({ grouped: true, independentUnits: true })).toContain('The owner of the data set said so');
    expect(texts({ grouped: true, clustered: true })).toContain('one unit per group');
    expect(texts({ grouped: true, clustered: true, byGroup: true })).toContain(
      'each group is one piece of evidence',
    );
  });
  it('adds what the order, the contract and the origin bring', () => {
    expect(texts({ orderUnknown: true })).toContain('seeded shuffle');
    expect(texts({ contract: 'per-pass' })).not.toContain('carried by their rarity');
    expect(texts({ origin: 'simulated' })).toContain('nothing about the method or a real plant');
  });
});
