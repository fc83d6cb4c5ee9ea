import { describe, expect, it } from 'vitest';
import { normalAt } from '../line/counter-random.js';
import { type CourseModel, DATA_SHEET, estimatorOf, feedbackOf } from './course-model.js';
import { identifyCourse } from './identify.js';

/** scipy 1.17.1 (numpy 2.4.6), scipy.linalg.solve_discrete_are: [follow, weight, heading] and the gain. */
const LQR: readonly [number, number, number, readonly number[]][] = [
  [0.4, 5e4, 100, [-0.0036836069819002476, -0.11841584836519643, 0.4823279702171889]],
  [0.25, 2e3, 1e3, [-0.012406115440162659, -0.5052941918079445, 2.0765297981122135]],
  [1, 1e6, 0.5, [-0.0009143760149604546, -0.04463662987565139, 0]],
];
/** The same: [follow, look-ahead, line, path], the steady gain and the variance of the innovation. */
const KALMAN: readonly [number, number, number, number, readonly number[], number][] = [
  [
    0.4,
    15,
    0.4,
    5e-4,
    [0.24944442352321494, 0.012463980229280875, 0, 0.0002818852615493164],
    1.7743210123423583,
  ],
  [
    0.25,
    12,
    0.2,
    1e-3,
    [0.20441629325020483, 0.017724693447149917, 0, 0.000630535417693018],
    1.71559725784976,
  ],
  [0.6, 20, 1, 2e-4, [0.48610422727824354, 0.007650935692207153, 0, 6.276406986482249e-5], 2.771026795413827],
];

describe('gains', () => {
  it.each(LQR)(
    'of the regulator agree with scipy: follow %s, weight %s, heading %s',
    (follow, weight, heading, gain) => {
      const ours = feedbackOf({ ...DATA_SHEET, gain: 1, follow }, weight, heading);
      for (const [i, k] of gain.entries())
        expect(Math.abs(ours[i]! - k)).toBeLessThan(1e-7 * (1 + Math.abs(k)));
    },
  );
  it.each(KALMAN)(
    'of the estimator agree with scipy: follow %s, look-ahead %s',
    (follow, lookAhead, lineShare, pathShare, gain, s) => {
      const { steady, innovation } = estimatorOf({ gain: 1, follow, lookAhead, lineShare, pathShare }, 5000);
      for (const [i, k] of gain.entries())
        expect(Math.abs(steady[i]! - k)).toBeLessThan(1e-4 * Math.max(Math.abs(k), 1e-4));
      expect(innovation).toBeCloseTo(s, 3);
    },
  );
});

describe('identification', () => {
  const L = 4;
  /** Records of a machine that is known, steered by a crude law. */
  const records = (truth: CourseModel & { readonly camera: number }, covers: number) =>
    Array.from({ length: covers }, (_, c) => {
      const offset = new Float64Array(300);
      const curvature = new Float64Array(300);
      let [e, psi, bent, path] = [0.2 * normalAt(c, 99_999), 0, 0, 0];
      for (let s = 0; s < 300; s++) {
        offset[s] = e + truth.lookAhead * psi + truth.camera * normalAt(c, 4 * s);
        curvature[s] = 0.004 * offset[s]!;
        bent += truth.follow * (truth.gain * curvature[s]! - bent);
        path = 0.95 * path + truth.pathShare * truth.camera * normalAt(c, 4 * s + 1);
        e += L * psi + truth.lineShare * truth.camera * normalAt(c, 4 * s + 2);
        psi += L * (path - bent);
      }
      return { offset, curvature, learnt: new Float64Array(300) };
    });

  it('finds a machine away from its data sheet', () => {
    const truth = { gain: 0.55, follow: 0.3, lookAhead: 15, lineShare: 0.4, pathShare: 8e-4, camera: 0.08 };
    const found = identifyCourse(records(truth, 10));
    expect(Math.abs(Math.log(found.gain / truth.gain))).toBeLessThan(0.25);
    expect(Math.abs(Math.log(found.pathShare / truth.pathShare))).toBeLessThan(0.5);
  });
  it('stays at the data sheet where nothing was seen', () => {
    const dark = {
      offset: new Float64Array(300).fill(Number.NaN),
      curvature: new Float64Array(300),
      learnt: new Float64Array(300),
    };
    expect(identifyCourse([dark])).toEqual(DATA_SHEET);
  });
});
