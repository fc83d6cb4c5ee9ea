import { drawPlant, type LedgerRow, type Made, plantSeed, SewingMachine } from '@selvedge/pack-seat-sewing';
import { describe, expect, it } from 'vitest';
import { curveTold, cutTold, seamTold, skippedUnit, threadTold } from './told.js';

/** Covers of machine 1 of a plant as its ledger would have them, one a second; every other one corrected where `corrects`. */
function sewn(
  seed: number,
  covers: number,
  options: {
    readonly corrects?: boolean;
    readonly at?: number;
    readonly moment?: (machine: SewingMachine) => void;
  },
): LedgerRow[] {
  const { corrects = true, at = -1, moment } = options;
  const machine = new SewingMachine(drawPlant(plantSeed(seed, 'a')), 0);
  let trim = 0;
  return Array.from({ length: covers }, (_, n): Made => {
    if (n === at) moment?.(machine);
    const on = corrects && n % 2 === 0;
    machine.start(on ? { steering: 1, trim } : { steering: 0, trim: 0 });
    while (!machine.sew().done);
    const seam = machine.finish();
    trim = seam.proposedTrim ?? 0;
    return {
      ...{ kind: 'made', atMs: 1000 * n, machine: 'm1', unit: `a1-m1-${n}`, cycle: n + 1 },
      ...{ safety: seam.safety, label: seam.truth.label, part: seam.part, learnt: seam.learnt },
      acts: seam.acts.map(({ type, seconds }) => ({ type, seconds })),
      ...{ steering: seam.leave.steering, trim: seam.leave.trim, hide: seam.hide, spool: seam.spool },
      ...{ threadLot: seam.threadLot, traces: '' },
      ...{ lockError: seam.truth.lockError, curveError: seam.truth.curveError },
    };
  });
}
const since = (at: number) => ({ fromMs: 1000 * at, toMs: Number.POSITIVE_INFINITY });

describe('what is told of a moment', () => {
  it('a change of thread moves the lock off its middle; under the lease it is nearer to it, over five plants', () => {
    const at = 60;
    const lockOf = (some: LedgerRow[]): number =>
      some.slice(at, at + 4).reduce((sum, row) => sum + (row.kind === 'made' ? row.lockError : 0), 0);
    let [moved, corrected, leftAlone] = [0, 0, 0];
    for (const seed of [1, 2, 3, 4, 5]) {
      const rows = sewn(seed, 160, { at, moment: (machine) => machine.newThread(1.4) });
      // The same covers of the same plant with the old thread; these are safety seams, at which nothing is corrected.
      moved += lockOf(rows) - lockOf(sewn(seed, at + 4, {}));
      const told = threadTold(rows, since(at));
      expect(told.before.n).toBe(12);
      expect(told.corrected.n + told.leftAlone.n).toBe(told.after.n);
      expect(told.largestTrimCentinewton).toBeLessThanOrEqual(40);
      expect(told.points.filter(({ cover }) => cover < 0)).toHaveLength(12);
      corrected += told.corrected.mean ?? Number.NaN;
      leftAlone += told.leftAlone.mean ?? Number.NaN;
    }
    expect(moved).toBeGreaterThan(0);
    expect(corrected).toBeLessThan(leftAlone);
    // Without another thread there is nothing to tell.
    expect(threadTold(sewn(3, 80, {}), since(at)).after.n).toBe(0);
  });

  it('no cover is called corrected where no lease was used', () => {
    const at = 60;
    const rows = sewn(3, 120, { at, corrects: false, moment: (machine) => machine.newThread(1.4) });
    expect(threadTold(rows, since(at))).toMatchObject({
      corrected: { n: 0, mean: null },
      correctedMinusLeftAlone: null,
      largestTrimCentinewton: 0,
    });
  });

  it('the error on a curve that the template misses falls from cover to cover where it is corrected', () => {
    const at = 64;
    const rows = sewn(2, 200, { at, moment: (machine) => machine.newTemplate(0.5) });
    const told = curveTold(rows, since(at));
    expect(told.points[0]?.learnt).toBe(0);
    expect(told.corrected.slope?.interval[1]).toBeLessThan(0);
    expect(told.corrected.last.mean).toBeLessThan(told.corrected.first.mean ?? 0);
    expect(told.correctedMinusLeftAlone?.interval[1]).toBeLessThan(0);
    // Who is left alone uses nothing of what was learnt: the fall there, if any, is not that of the others.
    expect(told.leftAlone.slope?.slope).toBeGreaterThan(told.corrected.slope?.slope ?? 0);
    expect(curveTold(sewn(2, 80, {}), since(at)).points).toEqual([]);
  });

  it('a skipped stitch is asked for until one was skipped, and only then', () => {
    const at = 20;
    const rows = sewn(4, 60, { at, moment: (machine) => machine.skipNext() });
    const found = skippedUnit(rows, since(at));
    expect(found).toMatchObject({ label: 'skip', machine: 'm1' });
    expect(Number(found?.unit.split('-')[2])).toBeLessThan(at + 12);
    expect(skippedUnit(rows, since(Number(found?.unit.split('-')[2]) + 20))).toBe(null);
  });

  it('a cut tells what was sewn without the broker and what became of it', () => {
    const [one] = sewn(1, 1, {}) as [Made];
    const made = (machine: string, n: number, atMs: number): LedgerRow => ({
      ...one,
      ...{ machine, unit: `a1-${machine}-${n}`, atMs },
    });
    const told = (machine: string, n: number, atMs: number): LedgerRow => ({
      ...{ kind: 'told', machine, unit: `a1-${machine}-${n}`, verdict: 'pass', late: true, atMs },
    });
    const rows = [
      ...[made('m2', 1, 500), told('m2', 1, 900), made('m2', 2, 1500), made('m2', 3, 2500)],
      ...[made('m1', 1, 1600), told('m1', 1, 1700), told('m2', 2, 4000), made('m2', 4, 4500)],
    ];
    expect(cutTold(rows, { fromMs: 1000, backMs: 3000, toMs: 9000 })).toMatchObject({
      ...{ seconds: 2, sewnWithout: 2, verdictsWithout: 0, toldAfterwards: 1, waiting: 1 },
      otherMachine: { sewn: 1, verdicts: 1 },
    });
  });

  it('the seams that were sewn slowly are the first of each machine after the moment', () => {
    const begun = (machine: string, n: number, atMs: number): LedgerRow => ({
      ...{ kind: 'begun', machine, unit: `${machine}-${n}`, part: '0', safety: false, atMs },
    });
    const rows = [
      begun('m1', 1, 1),
      begun('m1', 2, 20),
      begun('m2', 1, 21),
      begun('m1', 3, 30),
      begun('m1', 4, 40),
    ];
    expect(seamTold(rows, { fromMs: 10, toMs: 100 })).toEqual({
      timeFactor: 4,
      units: ['m1-2', 'm1-3', 'm2-1'],
    });
  });
});
