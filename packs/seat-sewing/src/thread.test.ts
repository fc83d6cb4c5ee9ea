import { describe, expect, it } from 'vitest';
import { PRIORS, prior } from './priors.js';
import { afterWrap, balancedLogRatio, lockPoint, logBobbinTension, threadOfStitch } from './thread.js';

describe('the thread', () => {
  it('obeys the capstan equation', () => {
    expect(afterWrap(100, Math.PI, 0.2)).toBeCloseTo(100 * Math.exp(0.2 * Math.PI), 9);
  });
  it('pulls the lock point up with the needle tension and keeps it in the material', () => {
    expect(lockPoint(1, 1)).toBe(0.5);
    expect(lockPoint(1.2, 1)).toBeGreaterThan(0.5);
    expect(lockPoint(9, 1)).toBe(1);
  });
  it('gives a tighter bobbin thread when the bobbin runs out', () => {
    expect(logBobbinTension(0)).toBeCloseTo(Math.log(prior('bobbinTension')) + prior('bobbinEmptyRise'), 12);
    expect(logBobbinTension(1)).toBeCloseTo(Math.log(prior('bobbinTension')), 12);
  });
  it('is balanced over a whole bobbin: the mean lock point of nominal thread is the middle', () => {
    const points = Array.from({ length: 1000 }, (_, i) => {
      const left = (i + 0.5) / 1000;
      const needle = Math.log(afterWrap(prior('needleTension'), prior('wrapAngle'), prior('friction')));
      return lockPoint(needle - logBobbinTension(left), balancedLogRatio());
    });
    expect(points.reduce((a, b) => a + b, 0) / 1000).toBeCloseTo(0.5, 3);
  });
  it('needs the surface length and twice the depth: 4 mm over 2.6 mm locked in the middle takes 6.6 mm', () => {
    expect(threadOfStitch(4, 2.6, 0.5)).toBeCloseTo(6.6, 9);
  });
});

describe('the priors', () => {
  it('name unit and source', () => {
    for (const p of Object.values(PRIORS)) expect(p.unit.length * p.source.length).toBeGreaterThan(0);
  });
});
