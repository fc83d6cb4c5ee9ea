/**
 * Arithmetic of the renderer. IEEE 754 fixes + - * / and sqrt to the last bit, but not sin, exp, log or pow: the
 * renderer uses only the former, so the same seed gives the same bytes on every machine and in every engine.
 */

/** 0 below 0, 1 above 1, 3t^2 - 2t^3 between. */
export const smooth = (t: number): number => (t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t));

export const clamp01 = (t: number): number => (t < 0 ? 0 : Math.min(t, 1));

/** Sine of `turns` full turns by two parabolas; within .0011 of the sine. */
export const wave = (turns: number): number => {
  const t = 2 * (turns - Math.floor(turns + 0.5));
  const p = 4 * t * (1 - Math.abs(t));
  return 0.775 * p + 0.225 * p * Math.abs(p);
};

/** Cosine of `turns` full turns, as {@link wave}. */
export const waveAhead = (turns: number): number => wave(turns + 0.25);

/** Levels of linear light that the table of {@link srgbTable} tells apart between black and white. */
export const LEVELS = 4096;

/** sRGB bytes (IEC 61966-2-1) of LEVELS + 1 equal steps of linear light from 0 to 1. */
export const srgbTable = (): Uint8Array =>
  Uint8Array.from({ length: LEVELS + 1 }, (_, level) => {
    const linear = level / LEVELS;
    const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * power5over12(linear) - 0.055;
    return Math.floor(255 * encoded + 0.5);
  });

/** x^(1/2.4): the cube root of the fourth root, to the fifth; Newton's steps use no more than division. */
const power5over12 = (x: number): number => {
  const fourth = Math.sqrt(Math.sqrt(x));
  let root = 1;
  for (let step = 0; step < 24; step++) root -= (root - fourth / (root * root)) / 3;
  return root * root * root * root * root;
};
