import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineEffectiveness, type ProductionRecord } from './effectiveness.js';
import { energyPerGood } from './energy.js';
import { interventionRates } from './interventions.js';
import { type LotUnit, lotRollUps } from './lots.js';
import { poissonLower, poissonUpper } from './poisson.js';
import { quantity, sumOf } from './quantity.js';
import { shareOf } from './rate.js';

describe('L-1 quantities and shares', () => {
  it('refuses a quantity that cannot be', () => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => quantity(value, 'Wh')).toThrow(RangeError);
    expect(sumOf([quantity(2, 'Wh'), quantity(3, 'Wh')], 'Wh')).toEqual({ value: 5, unit: 'Wh' });
  });

  it('shows a share with its exact interval, and none of nothing', () => {
    expect(shareOf(0, 0)).toBeNull();
    const share = shareOf(0, 100);
    expect(share?.lower).toBe(0);
    // 1 - .025^(1/100)
    expect(share?.upper).toBeCloseTo(1 - 0.025 ** 0.01, 9);
    expect(() => shareOf(3, 2)).toThrow(RangeError);
    expect(() => shareOf(0.5, 2)).toThrow(RangeError);
    expect(() => shareOf(1, 2, 1)).toThrow(RangeError);
  });
});

const record = (change: Partial<ProductionRecord> = {}): ProductionRecord => ({
  plannedBusyTime: quantity(28_800_000, 'ms'),
  actualProductionTime: quantity(25_200_000, 'ms'),
  plannedRunTimePerUnit: quantity(60_000, 'ms'),
  producedQuantity: 378,
  goodQuantity: 370,
  firstPassQuantity: 350,
  ...change,
});

describe('L-2 effectiveness', () => {
  it('multiplies availability, effectiveness and quality ratio', () => {
    const oee = lineEffectiveness(record());
    expect(oee?.availability).toBeCloseTo(0.875, 12);
    expect(oee?.effectiveness).toBeCloseTo(0.9, 12);
    expect(oee?.qualityRatio.share).toBeCloseTo(370 / 378, 12);
    expect(oee?.oee.value).toBeCloseTo((370 * 60_000) / 28_800_000, 12);
    expect(oee?.firstPassYield.share).toBeCloseTo(350 / 378, 12);
  });

  it('says nothing where nothing was produced', () => {
    const none = { producedQuantity: 0, goodQuantity: 0, firstPassQuantity: 0 };
    expect(lineEffectiveness(record(none))).toBeNull();
  });

  it('names what cannot be', () => {
    const refuse = (change: Partial<ProductionRecord>, why: RegExp) =>
      expect(() => lineEffectiveness(record(change))).toThrow(why);
    refuse({ goodQuantity: 379 }, /379 good units of 378/);
    refuse({ firstPassQuantity: 371 }, /371 first-pass units of 370/);
    refuse({ actualProductionTime: quantity(28_800_001, 'ms') }, /exceeds the planned busy time/);
    refuse({ actualProductionTime: quantity(0, 'ms') }, /in no time/);
    refuse({ producedQuantity: 1.5 }, /whole number/);
  });

  it('its losses and the good time sum to the planned time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (produced, goodShare, availability) => {
          const good = Math.floor(produced * goodShare);
          const change = { producedQuantity: produced, goodQuantity: good, firstPassQuantity: 0 };
          const actual = quantity(28_800_000 * availability, 'ms');
          const oee = lineEffectiveness(record({ ...change, actualProductionTime: actual }));
          const losses = oee?.losses;
          const sum =
            (losses?.availability.value ?? 0) +
            (losses?.effectivenessMs ?? 0) +
            (losses?.quality.value ?? 0) +
            good * 60_000;
          expect(sum).toBeCloseTo(28_800_000, 3);
          expect(oee?.oee.lower).toBeLessThanOrEqual(oee?.oee.value ?? 0);
          expect(oee?.oee.upper).toBeGreaterThanOrEqual(oee?.oee.value ?? 0);
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });
});

describe('L-3 interventions', () => {
  const touch = (type: string, seconds: number) => ({ type, time: quantity(seconds, 's') });
  const list = [touch('verdict', 2), touch('rework', 60), touch('align', 9), touch('align', 11)];

  it('keeps verdict touches apart from all others', () => {
    const rates = interventionRates(list, { goodUnits: 200 });
    expect(rates.verdict.count).toBe(1);
    expect(rates.verdict.perHundredGood?.value).toBe(0.5);
    expect(rates.other.count).toBe(3);
    expect(rates.other.time).toEqual({ value: 80, unit: 's' });
    expect(rates.byType.map((r) => [r.type, r.count, r.time.value])).toEqual([
      ['align', 2, 20],
      ['rework', 1, 60],
    ]);
    const named = (types: string[]) =>
      interventionRates(
        types.map((type) => touch(type, 1)),
        { goodUnits: 1 },
      ).byType.map((r) => r.type);
    expect(named(['b', 'a', 'c'])).toEqual(['a', 'b', 'c']);
    expect(named(['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  });

  it('has no rate without a good unit', () => {
    expect(interventionRates([], { goodUnits: 0 }).verdict.perHundredGood).toBeNull();
    expect(() => interventionRates([], { goodUnits: -1 })).toThrow(RangeError);
  });
});

describe('L-4 interval of a count', () => {
  // Garwood's exact limits: 0 -> 3.689 and 10 -> 4.795, 18.390 at .025 each (chi-square quantiles halved).
  it('agrees with the published limits', () => {
    expect(poissonLower(0, 0.025)).toBe(0);
    expect(poissonUpper(0, 0.025)).toBeCloseTo(-Math.log(0.025), 9);
    expect(poissonLower(10, 0.025)).toBeCloseTo(4.795389, 5);
    expect(poissonUpper(10, 0.025)).toBeCloseTo(18.390356, 5);
  });
});

describe('L-5 energy', () => {
  const factor = { gramPerWattHour: 0.4, source: 'grid operator, yearly table', validYear: 2025 };

  it('carries the factor and its source along', () => {
    const used = energyPerGood(quantity(1000, 'Wh'), 50, factor);
    expect(used.perGood).toEqual({
      energy: { value: 20, unit: 'Wh' },
      carbon: { value: 8, unit: 'gCO2e' },
    });
    expect(used.factor.source).toBe(factor.source);
    expect(energyPerGood(quantity(1, 'Wh'), 0, factor).perGood).toBeNull();
  });

  it('refuses a factor that nobody published', () => {
    expect(() => energyPerGood(quantity(1, 'Wh'), 1, { ...factor, source: ' ' })).toThrow(/source/);
    expect(() => energyPerGood(quantity(1, 'Wh'), 1, { ...factor, gramPerWattHour: -1 })).toThrow(RangeError);
  });
});

describe('L-6 lots', () => {
  const unit = (unitId: string, lots: string[], good: boolean, firstPass = good): LotUnit => ({
    unitId,
    lots,
    good,
    firstPass,
    energy: quantity(2, 'Wh'),
  });

  it('counts a unit once in each of its lots', () => {
    const rows = lotRollUps([
      unit('1', ['b', 'a', 'a'], true),
      unit('2', ['a'], false),
      unit('3', ['a'], true, false),
    ]);
    expect(rows.map((r) => [r.lot, r.units, r.good, r.energy.value])).toEqual([
      ['a', 3, 2, 6],
      ['b', 1, 1, 2],
    ]);
    expect(rows[0]?.badShare?.share).toBeCloseTo(1 / 3, 12);
    expect(rows[0]?.firstPassYield?.share).toBeCloseTo(1 / 3, 12);
    expect(lotRollUps([unit('1', ['a', 'b'], true)]).map((r) => r.lot)).toEqual(['a', 'b']);
  });

  it('refuses a unit that is given twice or contradicts itself', () => {
    expect(() => lotRollUps([unit('1', [], true), unit('1', [], true)])).toThrow(/twice/);
    expect(() => lotRollUps([unit('1', [], false, true)])).toThrow(/first-pass/);
  });
});
