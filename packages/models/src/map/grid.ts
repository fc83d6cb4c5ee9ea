/** Side of the canonical grid: every map, whatever its size, is resampled to SIDE x SIDE cells. */
export const SIDE = 32;
export const CELLS = SIDE * SIDE;

/** Centre of each cell in -1..1 (row-major) and its distance from the middle (1 = the inscribed circle). */
export const CELL = (() => {
  const x = new Float32Array(CELLS);
  const y = new Float32Array(CELLS);
  const radius = new Float32Array(CELLS);
  for (let i = 0; i < CELLS; i++) {
    x[i] = ((i % SIDE) + 0.5) * (2 / SIDE) - 1;
    y[i] = (Math.floor(i / SIDE) + 0.5) * (2 / SIDE) - 1;
    radius[i] = Math.hypot(x[i]!, y[i]!);
  }
  return { x, y, radius };
})();

/** Gaussian smoothing along one side as a matrix `[SIDE, SIDE]`, zero outside; sigma in cells. */
export function smoothing(sigma: number): Float32Array {
  const out = new Float32Array(CELLS);
  const reach = Math.ceil(4 * sigma);
  let sum = 0;
  for (let d = -reach; d <= reach; d++) sum += Math.exp(-(d * d) / (2 * sigma * sigma));
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      const d = i - j;
      if (Math.abs(d) <= reach) out[i * SIDE + j] = Math.exp(-(d * d) / (2 * sigma * sigma)) / sum;
    }
  }
  return out;
}
