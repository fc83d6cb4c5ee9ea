import { prior } from '../priors.js';
import { type KalmanGains, kalmanGains, lqrGain } from './riccati.js';

/**
 * The controller's model of a machine, identified from what that machine did: how curvature follows the command, how
 * far ahead the camera looks, and how large the disturbances are against the camera's noise.
 */
export interface CourseModel {
  /** Curvature at the needle per curvature asked for, and the share of a change that arrives with the next stitch. */
  readonly gain: number;
  readonly follow: number;
  /** mm. */
  readonly lookAhead: number;
  /** sd over the camera's sd: of the line a stitch, and of the path's curvature a stitch (1/mm per mm). */
  readonly lineShare: number;
  readonly pathShare: number;
}

/** Data-sheet values, where identification starts; the machine's own maker states them. */
export const DATA_SHEET: CourseModel = {
  gain: 1,
  follow: prior('stitchLength') / prior('steeringLag'),
  lookAhead: prior('lookAhead'),
  lineShare: 0.4,
  pathShare: 5e-4,
};

const L = prior('stitchLength');
/** What the path's curvature keeps from stitch to stitch: a design choice, near a random walk. */
export const PATH_KEEPS = 0.97;

/** x = [mm beside the line, rad, curvature of the handler 1/mm, curvature missed by the template 1/mm]. */
export const transition = ({ follow }: CourseModel): number[][] => [
  [1, L, 0, 0],
  [0, 1, -L * (1 - follow), L],
  [0, 0, 1 - follow, 0],
  [0, 0, 0, PATH_KEEPS],
];

/** Gains of the estimator, in units of the camera's noise. */
export function estimatorOf(model: CourseModel, iterations = 150): KalmanGains {
  const start = [
    [9, 0, 0, 0],
    [0, 2.5e-3, 0, 0],
    [0, 0, 1e-12, 0],
    [0, 0, 0, 1.6e-5],
  ];
  return kalmanGains({
    a: transition(model),
    c: [1, model.lookAhead, 0, 0],
    q: [model.lineShare ** 2, 0, 0, model.pathShare ** 2],
    r: 1,
    start,
    iterations,
  });
}

/** Feedback on [offset, heading, curvature above what the path needs] for a weight on the command (mm^2 per (1/mm)^2) and on the heading. */
export const feedbackOf = (model: CourseModel, weight: number, heading: number): number[] =>
  lqrGain(
    [
      [1, L, 0],
      [0, 1, -L * (1 - model.follow)],
      [0, 0, 1 - model.follow],
    ],
    [0, -L * model.follow * model.gain, model.follow * model.gain],
    [1, heading, 0],
    weight,
  );
