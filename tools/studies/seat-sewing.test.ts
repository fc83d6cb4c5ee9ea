import { adviserGainsAt, drawPlant, PRIORS, pidGainsAt } from '@selvedge/pack-seat-sewing';
import { describe, expect, it } from 'vitest';
import { unavoidable } from '../studies-kit/seat-sewing-floor.js';
import { ARMS, runPlant } from '../studies-kit/seat-sewing-plant.js';
import { at, pairedInterval, plantRow, summary } from '../studies-kit/seat-sewing-summary.js';
import { VERDICT_PLAN, type VerdictUnit, verdictGate } from '../studies-kit/seat-sewing-verdict.js';
import { separableCma } from '../studies-kit/separable-cma.js';

/** Development plants, never held-out ones; hand-set gains, so that a new tuning changes nothing here. */
const small = (seed: number, outside: 'sticky-hide' | null = null) =>
  runPlant({
    seed,
    outside,
    coversPerMachine: 192,
    gains: { pid: pidGainsAt(), adviser: adviserGainsAt() },
    verdict: { ...VERDICT_PLAN, skip: 0, fit: 150, certify: 100 },
  });

describe('the seat-sewing study in small', () => {
  const plants = [small(2000), small(2004), small(2009, 'sticky-hide')];

  it('is the same for the same plant', () => {
    expect(small(2000)).toEqual(plants[0]);
  });
  it('counts the same covers in every arm, by block, type and label', () => {
    for (const { arms, covers } of plants)
      for (const arm of ARMS) {
        const { acts, blocks, labels, reached } = arms[arm];
        const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
        expect(sum(Object.values(labels))).toBe(covers);
        expect(sum(blocks)).toBe(sum(Object.values(acts).map((a) => a.count)));
        expect(sum(reached)).toBeLessThanOrEqual(sum(blocks));
        expect(acts['re-sew']?.count).toBe(covers - (labels.good ?? 0));
        expect(blocks).toHaveLength(16);
      }
  });
  it('touches no safety seam and passes none', () => {
    for (const { gates, verdict } of plants) {
      expect(gates.every((g) => g.touchedSafety === 0)).toBe(true);
      expect(verdict.safetyUnits).toBeGreaterThan(0);
      expect(verdict.safetyPassed).toBe(0);
    }
  });
  it('applies corrections in the trial and is the incumbent before it', () => {
    for (const { gates } of plants)
      for (const gate of gates) {
        expect(gate.transitions[0]?.to).toBe('trial');
        expect(gate.applied).toBeGreaterThan(0);
      }
  });
  it('says whether each demand is met', () => {
    const { acceptance, correctionGates } = summary(plants);
    expect(acceptance.coversAPlant.met).toBe(false);
    expect(acceptance.outside.plants).toHaveLength(1);
    expect(acceptance.safety.met).toBe(true);
    for (const states of Object.values(correctionGates))
      expect(Object.values(states as Record<string, number>).reduce((a, b) => a + b, 0)).toBe(6);
    const { gateAgainstPid, reachableShareOfPid } = plantRow(plants[0]!);
    const [low = 1, high = 0] = gateAgainstPid.interval;
    expect(low).toBeLessThanOrEqual(high);
    expect(reachableShareOfPid).toBeGreaterThan(0);
    expect(reachableShareOfPid).toBeLessThan(1);
  });
});

describe('what nothing avoids', () => {
  it('is the back-tacks alone where thread neither breaks nor skips, and grows by two acts a break', () => {
    const plant = drawPlant(2000);
    const without = { ...plant.constants, breakHazard: 0, skipHazard: 0 };
    const missing = 100 * PRIORS.missingBackTackRate.value;
    expect(unavoidable({ ...plant, constants: without }, 64)).toBeCloseTo(missing, 9);
    const breaks = unavoidable({ ...plant, constants: { ...without, breakHazard: 1e-6 } }, 64) - missing;
    expect(breaks).toBeCloseTo(100 * 2 * 300e-6, 3);
  });
});

describe('paired interval', () => {
  it('holds the true ratio, and is narrower than unpaired noise because blocks stay together', () => {
    const from = Array.from({ length: 100 }, (_, i) => 10 + (i % 10) * 5);
    const [low, high] = pairedInterval(
      from,
      from.map((x) => 0.8 * x),
      1,
    );
    expect(low).toBeCloseTo(-0.2, 9);
    expect(high).toBeCloseTo(-0.2, 9);
    expect(at([1, 2, 3, 4], 0.5)).toBe(2.5);
  });
});

describe('the verdict gate of the study', () => {
  it('opens on a score that tells and stays shut on one that does not', () => {
    const units = (tells: boolean): VerdictUnit[] =>
      Array.from({ length: 3000 }, (_, i) => {
        const bad = i % 12 === 0;
        const features = new Float32Array(15).fill(0);
        features[0] = ((i * 7919) % 1000) / 1000 + (bad && tells ? 5 : 0);
        return { features, group: `g${i >> 2}`, safety: i % 4 === 3, paired: false, bad };
      });
    const plan = { ...VERDICT_PLAN, skip: 0, fit: 400, certify: 1000 };
    const good = verdictGate(units(true), 1, plan);
    expect(good.opened).toBe(true);
    expect(good.automatic).toBeGreaterThan(0.5 * good.stream);
    expect(good.escapes).toBe(0);
    expect(good.safetyPassed).toBe(0);
    const blind = verdictGate(units(false), 1, plan);
    expect(blind.automatic).toBeLessThan(0.2 * blind.stream);
  });
});

describe('separable CMA-ES', () => {
  it('finds the bottom of a badly scaled bowl from the same seed alike', async () => {
    const bowl = () =>
      separableCma({
        dimensions: 8,
        sigma: 0.5,
        generations: 200,
        population: 12,
        seed: 1,
        evaluate: async (all) =>
          all.map((x) => x.reduce((sum, v, i) => sum + 10 ** (i / 2) * (v - 0.3) ** 2, 0)),
      });
    const { best, value } = await bowl();
    expect(value).toBeLessThan(1e-8);
    expect(best[0]).toBeCloseTo(0.3, 3);
    expect((await bowl()).best).toEqual(best);
  });
});
