import { prior } from '../priors.js';
import { type CourseModel, DATA_SHEET, estimatorOf, PATH_KEEPS } from './course-model.js';

const L = prior('stitchLength');

/** One cover as recorded at the machine: offset seen before each stitch, curvature commanded for it, curvature of the path already learnt. */
export interface CourseRecord {
  readonly offset: Float64Array;
  readonly curvature: Float64Array;
  readonly learnt: Float64Array;
}

/** How far from the data sheet a machine may be, as ln sd: keeps what the data cannot tell where the maker put it. */
const TRUST = { gain: 0.12, follow: 0.15, lookAhead: 0.09, lineShare: 1, pathShare: 1.5 } as const;
/** First step of the search, as a share of which all later ones are halved. */
const SEARCH = { gain: 0.32, follow: 0.4, lookAhead: 0.24, lineShare: 0.8, pathShare: 1.2 } as const;
/**
 * Stitches that count as one. A path, a hide and a kick at a cross seam last for many stitches and are not in the model:
 * a likelihood that counts each stitch for itself believes the loop that made the records (docs/decisions/0020).
 */
const TOGETHER = 10;
const NAMES = ['gain', 'follow', 'lookAhead', 'lineShare', 'pathShare'] as const;
/** A kick at a cross seam is no noise: squared innovations beyond this many deviations count as this. */
const OUTLIER = 3;
const WARM_UP = 12;

/**
 * Prediction-error identification (Ljung, System Identification, ch. 7): the model under which the estimator's
 * one-stitch-ahead predictions of the recorded offsets are the most likely, with a weak prior at the data sheet. A
 * pattern search over the logarithms; some 100 passes over the records.
 */
export function identifyCourse(
  records: readonly CourseRecord[],
  from: CourseModel = DATA_SHEET,
): CourseModel {
  let best = from;
  const scale = scaleOf(records);
  let cost = costOf(best, records, scale);
  let step = 1;
  while (step > 0.125) {
    let better = false;
    for (const name of NAMES) {
      for (const sign of [1, -1]) {
        const value = best[name] * Math.exp(sign * step * SEARCH[name]);
        const next = { ...best, [name]: name === 'follow' ? Math.min(1, value) : value };
        const nextCost = costOf(next, records, scale);
        if (nextCost < cost) {
          best = next;
          cost = nextCost;
          better = true;
          break;
        }
      }
    }
    if (!better) step /= 2;
  }
  return best;
}

function costOf(model: CourseModel, records: readonly CourseRecord[], scale: number): number {
  const { first, steady } = estimatorOf(model, 60);
  const { gain, follow, lookAhead } = model;
  let squares = 0;
  let n = 0;
  for (const { offset, curvature, learnt } of records) {
    let e = 0;
    let psi = 0;
    let bent = 0;
    let path = 0;
    let seen = 0;
    for (let s = 0; s < offset.length; s++) {
      if (s > 0) {
        bent += follow * (gain * curvature[s - 1]! - bent);
        e += L * psi;
        psi += L * (path + learnt[s - 1]! - bent);
        path *= PATH_KEEPS;
      }
      const y = offset[s]!;
      if (Number.isNaN(y)) continue;
      const k = seen < first.length ? first[seen]! : steady;
      seen++;
      const nu = y - e - lookAhead * psi;
      e += k[0]! * nu;
      psi += k[1]! * nu;
      bent += k[2]! * nu;
      path += k[3]! * nu;
      if (seen > WARM_UP) {
        squares += Math.min(nu * nu, OUTLIER * OUTLIER * scale);
        n++;
      }
    }
  }
  if (n === 0) return 0;
  // The likelihood with the camera's variance at its best value (squares / n / innovation); the rest are ratios to it.
  let cost = (n / TOGETHER) * Math.log(squares / n);
  for (const name of NAMES) cost += (Math.log(model[name] / DATA_SHEET[name]) / TRUST[name]) ** 2;
  return cost;
}

/** Variance of the readings' second difference / 6: the noise of a single reading, whatever the course does. */
function scaleOf(records: readonly CourseRecord[]): number {
  const values: number[] = [];
  for (const { offset } of records) {
    for (let s = 2; s < offset.length; s += 3) {
      const d = offset[s]! - 2 * offset[s - 1]! + offset[s - 2]!;
      if (!Number.isNaN(d)) values.push((d * d) / 6);
    }
  }
  values.sort((a, b) => a - b);
  // The median of a chi-square with one degree of freedom is 0.455. Innovations are some 1.6 times wider than a reading.
  return (1.6 * (values[values.length >> 1] ?? 0.01)) / 0.455;
}
