import type { Random } from '@selvedge/models';
import { prior } from './priors.js';

/** Where the needle is against the line that it should follow. */
export interface Course {
  /** mm beside the line. */
  error: number;
  /** rad against the line. */
  heading: number;
  /** 1/mm, as it acts at the needle: the handler between motor and needle gives way. */
  curvature: number;
  /** 1/mm by which the path differs from its template. */
  template: number;
}

/** A seam as a person laid its parts under the foot. */
export const laidByHand = (rng: Random, spread = prior('placement')): Course => ({
  error: spread * rng.normal(),
  heading: prior('placementHeading') * rng.normal(),
  curvature: 0,
  template: prior('templateError') * rng.normal(),
});

/** One stitch further: steered by what a camera sees ahead, with gains set by hand once. */
export function steer(course: Course, rng: Random): void {
  const step = prior('stitchLength');
  const limit = prior('steeringLimit');
  const seen = course.error + prior('lookAhead') * course.heading + prior('lookAheadNoise') * rng.normal();
  const wanted = prior('steeringPerOffset') * seen + prior('steeringPerHeading') * course.heading;
  const command = Math.min(limit, Math.max(-limit, wanted));
  const keep = Math.exp(-step / prior('templateLength'));
  course.template =
    keep * course.template + Math.sqrt(1 - keep * keep) * prior('templateError') * rng.normal();
  course.curvature += (step / prior('steeringLag')) * (command - course.curvature);
  course.heading += step * (course.template - course.curvature);
  course.error += step * Math.sin(course.heading) + prior('lineNoise') * rng.normal();
}
