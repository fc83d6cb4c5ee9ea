import { type Quantity, sumOf } from './quantity.js';
import { type ShareInterval, shareOf } from './rate.js';

/** One finished unit and the lots of material that went into it. */
export interface LotUnit {
  readonly unitId: string;
  readonly lots: readonly string[];
  readonly good: boolean;
  /** Good without rework. */
  readonly firstPass: boolean;
  readonly energy: Quantity<'Wh'>;
}

export interface LotRollUp {
  readonly lot: string;
  readonly units: number;
  readonly good: number;
  readonly badShare: ShareInterval | null;
  readonly firstPassYield: ShareInterval | null;
  readonly energy: Quantity<'Wh'>;
}

/**
 * Rule L-6: figures by lot, in the order of the lots' names. A unit made of two lots counts in both, so the rows do not
 * sum to the line's total, and no total is given here.
 *
 * @throws RangeError on a unit seen twice, or first-pass and not good.
 */
export function lotRollUps(units: Iterable<LotUnit>, confidence = 0.95): LotRollUp[] {
  const seen = new Set<string>();
  const byLot = new Map<string, LotUnit[]>();
  for (const unit of units) {
    if (seen.has(unit.unitId)) throw new RangeError(`unit ${unit.unitId} is given twice`);
    if (unit.firstPass && !unit.good) throw new RangeError(`unit ${unit.unitId} is first-pass and not good`);
    seen.add(unit.unitId);
    for (const lot of new Set(unit.lots)) {
      const list = byLot.get(lot);
      if (list === undefined) byLot.set(lot, [unit]);
      else list.push(unit);
    }
  }
  return [...byLot]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([lot, members]) => {
      const good = members.filter((unit) => unit.good).length;
      const firstPass = members.filter((unit) => unit.firstPass).length;
      return {
        lot,
        units: members.length,
        good,
        badShare: shareOf(members.length - good, members.length, confidence),
        firstPassYield: shareOf(firstPass, members.length, confidence),
        energy: sumOf(
          members.map((unit) => unit.energy),
          'Wh',
        ),
      };
    });
}
