import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import { keepNames, type NamedGroup } from './group-names.js';
import { type Distance, novelGroups, unexplained } from './novel-class.js';

type Place = readonly number[];
const between =
  (places: readonly Place[]): Distance =>
  (a, b) =>
    Math.hypot(...places[a]!.map((x, i) => x - places[b]![i]!));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const cloud = (seed: number, n: number, centre: number, spread: number, dimensions = 4): Place[] => {
  const normal = normals(seed);
  return Array.from({ length: n }, () =>
    Array.from({ length: dimensions }, () => centre + spread * normal()),
  );
};

describe('what a known class explains', () => {
  it('LN-8 units like a class are explained, units far from all are not', () => {
    const places = [
      ...cloud(1, 60, 0, 1),
      ...cloud(2, 60, 8, 1),
      ...cloud(3, 10, 0, 1),
      ...cloud(4, 10, 4, 0.2),
    ];
    const odd = range(120, 140);
    const classes = [range(0, 60), range(60, 120)];
    const left = unexplained({ odd, classes, distance: between(places) });
    expect(left.filter((unit) => unit >= 130)).toEqual(range(130, 140));
    expect(left.filter((unit) => unit < 130).length).toBeLessThanOrEqual(2);
  });

  it('LN-8 of units of a known class about `level` stay unexplained: 100 sets', () => {
    let left = 0;
    for (let run = 0; run < 100; run += 1) {
      const places = cloud(200 + run, 70, 0, 1);
      left += unexplained({ odd: range(60, 70), classes: [range(0, 60)], distance: between(places) }).length;
    }
    expect(left).toBeLessThanOrEqual(binomialLimit(1000, 0.07, 0.999));
  });

  it('LN-8 a class of few explains what is not farther than all of its members; one of a single member or none nothing', () => {
    const places: Place[] = [[0], [1], [2], [1.5], [5]];
    const distance = between(places);
    expect(unexplained({ odd: [3, 4], classes: [[0, 1, 2]], distance })).toEqual([4]);
    expect(unexplained({ odd: [3, 4], classes: [[0]], distance })).toEqual([3, 4]);
    expect(unexplained({ odd: [3, 4], classes: [[], []], distance })).toEqual([3, 4]);
    expect(() => unexplained({ odd: [], classes: [], distance, level: 0 })).toThrow(RangeError);
  });
});

describe('groups among odd units', () => {
  it('LN-9 a group in noise is found, whole and alone', () => {
    const places = [...cloud(5, 8, 3, 0.3), ...cloud(6, 20, 0, 2), ...cloud(7, 200, 0, 2)];
    const [group, ...others] = novelGroups({
      odd: range(0, 28),
      background: range(28, 228),
      distance: between(places),
      rng: uniforms(1),
    });
    expect(others).toEqual([]);
    expect(group?.p).toBeLessThanOrEqual(0.01);
    expect(group?.units.filter((unit) => unit < 8)).toHaveLength(8);
    expect(group?.units.length).toBeLessThanOrEqual(10);
  });

  it('LN-9 two groups are two', () => {
    const places = [...cloud(8, 8, 5, 0.3), ...cloud(9, 8, -5, 0.3), ...cloud(10, 150, 0, 2)];
    const found = novelGroups({
      odd: range(0, 16),
      background: range(16, 166),
      distance: between(places),
      rng: uniforms(2),
    });
    expect(found.map(({ units }) => units).sort((a, b) => a[0]! - b[0]!)).toEqual([
      range(0, 8),
      range(8, 16),
    ]);
  });

  it('LN-9 where there is no group one is found in at most `falseAlarm` of 300 sets', () => {
    const runs = 300;
    let alarms = 0;
    for (let run = 0; run < runs; run += 1) {
      // A cloud of uneven density: half of it is four times as dense.
      const places = [...cloud(700 + run, 45, 0, 1, 2), ...cloud(1700 + run, 45, 3, 4, 2)];
      const rng = uniforms(run);
      const dealt = range(0, 90).map((unit) => ({ unit, key: rng() }));
      const order = dealt.sort((a, b) => a.key - b.key).map(({ unit }) => unit);
      const found = novelGroups({
        odd: order.slice(0, 25),
        background: order.slice(25),
        distance: between(places),
        rng,
        falseAlarm: 0.05,
        permutations: 99,
      });
      if (found.length > 0) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(binomialLimit(runs, 0.05, 0.999));
  });

  it('LN-9 lone outliers around a cloud make no group', () => {
    const normal = normals(11);
    const outliers = range(0, 12).map((i) => [20 * Math.cos(i / 2 + normal() / 9), 20 * Math.sin(i / 2)]);
    const places: Place[] = [...outliers, ...cloud(12, 100, 0, 1, 2)];
    const options = {
      odd: range(0, 12),
      background: range(12, 112),
      distance: between(places),
      rng: uniforms(3),
    };
    expect(novelGroups(options)).toEqual([]);
  });

  it('LN-9 too few odd units, or nothing to compare with, make no group', () => {
    const options = { distance: between(cloud(1, 9, 0, 1)), rng: uniforms(1) };
    expect(novelGroups({ ...options, odd: [0, 1, 2], background: range(3, 9) })).toEqual([]);
    expect(novelGroups({ ...options, odd: range(0, 9), background: [] })).toEqual([]);
    expect(novelGroups({ ...options, odd: [0, 1], background: [2], least: 2 })).toEqual([]);
  });

  it('S-34 refuses deals that cannot show the false-alarm rate', () => {
    const options = { odd: [0], background: [1], distance: () => 1, rng: uniforms(1) };
    expect(() => novelGroups({ ...options, permutations: 50 })).toThrow(RangeError);
    expect(() => novelGroups({ ...options, falseAlarm: 1 })).toThrow(RangeError);
  });
});

describe('names of groups', () => {
  const names = (found: readonly (readonly string[])[], before: readonly NamedGroup[]) =>
    keepNames(found, before).map(({ group, units }) => `${group}: ${units.join(' ')}`);

  it('LN-10 a new group is called after its first unit and keeps that while units join and leave', () => {
    const first = keepNames([['a', 'b']], []);
    expect(first).toEqual([{ group: 'group:a', units: ['a', 'b'] }]);
    expect(names([['0', 'a', 'b', 'c']], first)).toEqual(['group:a: 0 a b c']);
    expect(names([['b', 'c']], keepNames([['0', 'a', 'b', 'c']], first))).toEqual(['group:a: b c']);
  });

  it('LN-10 when groups grow together the larger name goes on; when one parts the larger part keeps it', () => {
    const before = [
      { group: 'group:a', units: ['a', 'b'] },
      { group: 'group:x', units: ['x', 'y', 'z'] },
    ];
    expect(names([['a', 'b', 'x', 'y', 'z']], before)).toEqual(['group:x: a b x y z']);
    expect(names([['x'], ['y', 'z', 'q']], before)).toEqual(['group:x:2: x', 'group:x: y z q']);
    expect(names([['new']], before)).toEqual(['group:new: new']);
  });

  it('LN-10 a name that is known already is given to no other group', () => {
    const before = [
      { group: 'group:x', units: ['p', 'q'] },
      { group: 'group:x:2', units: ['r', 's'] },
    ];
    expect(names([['x'], ['p', 'q'], ['r']], before)).toEqual([
      'group:x:3: x',
      'group:x: p q',
      'group:x:2: r',
    ]);
  });
});
