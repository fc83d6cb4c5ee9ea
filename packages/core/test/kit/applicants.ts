import { logNormalCdf } from '../../src/bounds/incomplete-gamma.js';
import { normals, uniforms } from '../seeded.js';

export const normalCdf = (z: number): number => Math.exp(logNormalCdf(z));

/** A generated stream: `defectRate` bad units, whose latent quality lies `separation` standard deviations above the others'. */
export interface Stream {
  readonly defectRate: number;
  readonly separation: number;
}

/** One generated unit of the stream, as the applicants will see it. */
export interface DrawnUnit {
  readonly bad: boolean;
  readonly latent: number;
}

export const drawUnits = ({ defectRate, separation }: Stream, n: number, seed: number): DrawnUnit[] => {
  const uniform = uniforms(seed);
  const normal = normals(seed ^ 0x5eed);
  return Array.from({ length: n }, () => {
    const bad = uniform() < defectRate;
    return { bad, latent: normal() + (bad ? separation : 0) };
  });
};

/** Scores of an applicant that sees the latent quality through noise of its own. */
export const applicantScores = (units: readonly DrawnUnit[], noise: number, seed: number): Float64Array => {
  const normal = normals(seed);
  return Float64Array.from(units, ({ latent }) => latent + noise * normal());
};

/** True P(accepted and bad) and P(accepted) at an accept threshold, in closed form. */
export const truthAt = (
  { defectRate, separation }: Stream,
  noise: number,
  threshold: number,
): { risk: number; share: number } => {
  const spread = Math.sqrt(1 + noise * noise);
  const risk = defectRate * normalCdf((threshold - separation) / spread);
  return { risk, share: risk + (1 - defectRate) * normalCdf(threshold / spread) };
};
