import { describe, expect, it } from 'vitest';
import { sampledTrace } from './sampled-trace.js';

describe('sampledTrace', () => {
  it('keeps all points of a short stream', () => {
    const t = sampledTrace<number>(10);
    for (const x of [1, 2, 3]) t.offer(x);
    expect(t.points()).toEqual([1, 2, 3]);
  });
  it('stays below its limit, evenly spaced, first and last kept', () => {
    const t = sampledTrace<number>(100);
    for (let i = 0; i < 12_345; i++) t.offer(i);
    const points = t.points();
    expect(points.length).toBeLessThanOrEqual(101);
    expect(points[0]).toBe(0);
    expect(points.at(-1)).toBe(12_344);
    const gaps = new Set(points.slice(1, -1).map((p, i) => p - points[i]!));
    expect(gaps.size).toBe(1);
  });
});
