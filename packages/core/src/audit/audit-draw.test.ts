import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { binomialLimit } from '../bounds/binomial.js';
import { auditDraw, type DrawRecord, verifyDraws, wrongDraws } from './audit-draw.js';

const hmac = (secret: Uint8Array, message: string): Uint8Array =>
  createHmac('sha256', secret).update(message).digest();
const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const secret = new TextEncoder().encode('epoch 1');

describe('A-1 audit draw', () => {
  it('is the first eight bytes over 2^64, below 1', () => {
    const fixed = (bytes: number[]) => auditDraw(() => Uint8Array.from(bytes), secret, 'u');
    expect(fixed([0x80, 0, 0, 0, 0, 0, 0, 0])).toBe(0.5);
    expect(fixed([0, 0, 0, 0, 0, 0, 0, 0])).toBe(0);
    expect(fixed([255, 255, 255, 255, 255, 255, 255, 255])).toBeLessThan(1);
    expect(() => fixed([1, 2, 3])).toThrow(RangeError);
  });

  it('is uniform enough that no more units are drawn than chance allows', () => {
    const drawn = Array.from({ length: 5000 }, (_, i) => auditDraw(hmac, secret, `unit:${i}`));
    const below = drawn.filter((u) => u < 0.03).length;
    expect(below).toBeLessThanOrEqual(binomialLimit(5000, 0.03, 0.999));
    expect(5000 - below).toBeLessThanOrEqual(binomialLimit(5000, 0.97, 0.999));
  });
});

const record = (unitId: string, lie = false): DrawRecord => {
  const audited = auditDraw(hmac, secret, unitId) < 0.5;
  return { unitId, propensity: 0.5, audited: audited !== lie };
};

describe('A-2 and A-3 checking the draws', () => {
  const honest = ['a', 'b', 'c', 'd'].map((id) => record(id));

  it('A-2 names a unit that was audited, or spared, against its draw', () => {
    expect(wrongDraws(hmac, secret, honest)).toEqual([]);
    expect(wrongDraws(hmac, secret, [...honest, record('e', true)]).map((r) => r.unitId)).toEqual(['e']);
  });

  it('A-3 believes nothing where the opened secret is not the committed one', () => {
    const check = { hmac, digest, secret, records: honest };
    expect(verifyDraws({ ...check, commitment: digest(secret) })).toEqual({ committed: true, wrong: [] });
    const other = digest(new TextEncoder().encode('epoch 2'));
    expect(verifyDraws({ ...check, commitment: other })).toEqual({ committed: false, wrong: honest });
    expect(verifyDraws({ ...check, commitment: digest(secret).subarray(1) }).committed).toBe(false);
  });
});
