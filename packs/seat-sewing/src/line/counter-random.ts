/**
 * Counter-based chance: a number is a pure function of a key and a counter, so what one part of the simulation draws
 * never shifts what another draws. This is what makes random numbers common to all controllers.
 */

/** Finaliser of MurmurHash3 (Appleby, public domain): every bit of the input reaches every bit of the output. */
const mix = (value: number): number => {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const GOLDEN = 0x9e3779b9;

/** Key of a branch of a key; order matters. Whole numbers only. */
export const split = (key: number, ...branch: readonly number[]): number => {
  let h = mix(key ^ 0x5bd1e995);
  for (const b of branch) h = mix(Math.imul(h, 5) + mix(Math.imul(b + 1, GOLDEN)));
  return h;
};

/** Uniform on (0, 1), never an end of it: 32 bits, twice mixed. */
export const uniformAt = (key: number, counter: number): number =>
  ((mix(mix(key + Math.imul(counter, GOLDEN)) ^ key) >>> 0) + 0.5) / 4294967296;

/** Standard normal by the inverse of its distribution function (Acklam's rational form, relative error 1.2e-9). */
export const normalAt = (key: number, counter: number): number => inverseNormal(uniformAt(key, counter));

const inverseNormal = (p: number): number => {
  if (p < 0.02425) return tail(p);
  if (p > 0.97575) return -tail(1 - p);
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
};

const tail = (p: number): number => {
  const q = Math.sqrt(-2 * Math.log(p));
  return (
    (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
      q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q +
      1)
  );
};
