import { describe, expect, it } from 'vitest';
import { uniforms } from '../../test/seeded.js';
import { binomialLimit } from '../bounds/binomial.js';
import type { CertifiedSide } from '../gate/event.js';
import { barred, type Contender, rule } from './board.js';

const side = (threshold: number): CertifiedSide => ({
  threshold,
  upper: 0.004,
  delta: 0.01,
  test: 'exact-binomial-per-unit',
});
const N = 1000;

/** A contender whose score of unit i is i, but for its first `more` places, which it puts lower: shares differ by design. */
const contender = (applicant: string, share: number, change: Partial<Contender> = {}): Contender => ({
  applicant,
  scores: Float64Array.from({ length: N }, (_, i) => i / N),
  sides: { accept: side(share - 0.5 / N), reject: null },
  barred: false,
  ...change,
});
const standings = ({ rows }: ReturnType<typeof rule>) =>
  rows.map(({ applicant, standing }) => `${applicant} ${standing}`);

describe('the board', () => {
  it('AP-4 an applicant that is certified and better is recommended over a certified one in post', () => {
    const ruling = rule({
      inPost: contender('old', 0.7),
      applicants: [contender('same', 0.7), contender('good', 0.8), contender('best', 0.9)],
      groups: null,
    });
    expect(ruling.recommended).toBe('best');
    expect(standings(ruling)).toEqual(['old in-post', 'best recommended', 'good better', 'same not-better']);
    expect(ruling.rows[1]?.comparison).toMatchObject({ shareA: 0.7, shareB: 0.9 });
  });

  it('AP-4 a gain within the margin, or one whose interval reaches 0, changes nothing', () => {
    const inPost = contender('old', 0.7);
    const better = [contender('new', 0.75)];
    expect(rule({ inPost, applicants: better, groups: null, margin: 0.06 }).recommended).toBeNull();
    expect(rule({ inPost, applicants: better, groups: null, margin: 0.04 }).recommended).toBe('new');
    expect(rule({ inPost, applicants: [contender('new', 0.703)], groups: null }).recommended).toBeNull();
  });

  it('AP-4 what is not certified never gets the post, however well it looks', () => {
    const applicants = [
      contender('none', 0.9, { sides: null }),
      contender('empty', 0.9, { sides: { accept: null, reject: null } }),
    ];
    const ruling = rule({ inPost: null, applicants, groups: null });
    expect(ruling.recommended).toBeNull();
    expect(standings(ruling)).toEqual(['none not-certified', 'empty not-certified']);
    expect(ruling.rows[0]?.share).toBe(0);
  });

  it('AP-4 where nobody certified is in post the best certified one is recommended; at a tie who applied first', () => {
    const applicants = [contender('a', 0.6), contender('b', 0.8), contender('c', 0.8)];
    expect(rule({ inPost: null, applicants, groups: null }).recommended).toBe('b');
    expect(
      rule({ inPost: contender('old', 0.9, { sides: null }), applicants, groups: null }).recommended,
    ).toBe('b');
    expect(
      rule({ inPost: contender('old', 0.9, { barred: true }), applicants, groups: null }).recommended,
    ).toBe('b');
    const stops = contender('d', 0, { sides: { accept: null, reject: side(0.05) } });
    expect(rule({ inPost: null, applicants: [stops], groups: null }).recommended).toBe('d');
    expect(rule({ inPost: null, applicants: [], groups: null })).toEqual({ recommended: null, rows: [] });
    const nothing = { inPost: null, applicants: [contender('a', 0.5, { scores: [] })], groups: null };
    expect(rule(nothing).rows[0]?.share).toBe(0);
  });

  it('AP-4 a barred one is passed over even where it is the best', () => {
    const applicants = [contender('harmful', 0.95, { barred: true }), contender('honest', 0.8)];
    const ruling = rule({ inPost: contender('old', 0.7), applicants, groups: null });
    expect(ruling.recommended).toBe('honest');
    expect(ruling.rows[1]).toMatchObject({ applicant: 'harmful', standing: 'barred', comparison: null });
  });

  it('AP-4 of eight that gain nothing one gets the post by chance in at most (1 - confidence) / 2 of 400 boards', () => {
    const runs = 400;
    let changed = 0;
    for (let run = 0; run < runs; run += 1) {
      const rng = uniforms(run);
      const random = (applicant: string): Contender =>
        contender(applicant, 0.7, { scores: Float64Array.from({ length: 500 }, () => rng()) });
      const applicants = Array.from({ length: 8 }, (_, i) => random(`a${i}`));
      if (rule({ inPost: random('old'), applicants, groups: null }).recommended !== null) changed += 1;
    }
    expect(changed).toBeLessThanOrEqual(binomialLimit(runs, 0.03, 0.999));
  });

  it('AP-4 units in groups are compared by groups', () => {
    const groups = Array.from({ length: N }, (_, i) => `g${Math.floor((2 * i) / N)}`);
    const applicants = [contender('new', 0.8)];
    expect(rule({ inPost: contender('old', 0.7), applicants, groups: null }).recommended).toBe('new');
    expect(rule({ inPost: contender('old', 0.7), applicants, groups }).recommended).toBeNull();
  });
});

describe('dismissal', () => {
  it('AP-5 a bar holds until a person lifts it', () => {
    const row = (applicant: string, bars: boolean, user: string | null) => ({
      applicant,
      barred: bars,
      user,
    });
    const names = (...rows: ReturnType<typeof row>[]) => [...barred(rows)];
    expect(names(row('a', true, null), row('b', false, 'p'))).toEqual(['a']);
    expect(names(row('a', true, null), row('a', false, null))).toEqual(['a']);
    expect(names(row('a', true, null), row('a', false, 'p'))).toEqual([]);
    expect(names(row('a', true, null), row('a', false, 'p'), row('a', true, null))).toEqual(['a']);
  });
});
