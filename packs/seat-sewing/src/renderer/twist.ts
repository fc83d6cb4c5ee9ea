import { uniformAt } from '../line/counter-random.js';
import { wave, waveAhead } from './exact.js';

/** Steps of half a turn, and steps across the thread from -1 to 1 radius. */
export const PHASES = 48;
export const ACROSS = 33;

/** Distance of a ply's middle from the thread's, and a ply's radius, as shares of the thread's radius. */
const OUT = 0.4;
const PLY = 0.62;

/**
 * Surface of a thread twisted of two plies, for half a turn (then the plies have changed places): per phase and place
 * across, the unit normal's parts along, across and up, and a factor on the colour. `half` = half the width that is
 * seen at a phase, share of the radius.
 */
export interface Twist {
  readonly along: Float32Array;
  readonly across: Float32Array;
  readonly up: Float32Array;
  readonly tone: Float32Array;
  readonly half: Float32Array;
}

/** `turn` = length of one turn in radii. */
export function makeTwist(turn: number): Twist {
  const size = PHASES * ACROSS;
  const sprite: Twist = {
    along: new Float32Array(size),
    across: new Float32Array(size),
    up: new Float32Array(size),
    tone: new Float32Array(size),
    half: new Float32Array(PHASES),
  };
  const perLength = 6.283185307179586 / turn;
  for (let p = 0; p < PHASES; p++) {
    const phase = (0.5 * p) / PHASES;
    const [cos, sin] = [waveAhead(phase), wave(phase)];
    sprite.half[p] = PLY + OUT * Math.abs(cos);
    for (let a = 0; a < ACROSS; a++) {
      const v = (2 * a) / (ACROSS - 1) - 1;
      const one = onPly(v, OUT * cos, OUT * sin);
      const two = onPly(v, -OUT * cos, -OUT * sin);
      const side = one >= two ? 1 : -1;
      const z = Math.max(one, two, OUT * -1);
      const nv = (v - side * OUT * cos) / PLY;
      const nz = Math.sqrt(Math.max(0.02, 1 - nv * nv));
      // A normal is square to its ply's axis (1, dc/du, dz/du), and so leans along the thread.
      const nu = nv * side * OUT * sin * perLength - nz * side * OUT * cos * perLength;
      const n = 1 / Math.sqrt(nv * nv + nz * nz + nu * nu);
      const at = p * ACROSS + a;
      sprite.along[at] = nu * n;
      sprite.across[at] = nv * n;
      sprite.up[at] = nz * n;
      const groove = Math.min(1, Math.abs(one - two) / 0.35);
      const fibre = uniformAt(0x7d, Math.floor(7 * (nv + 1)) + 16 * (side + 1));
      sprite.tone[at] = (0.55 + 0.45 * groove) * (0.72 + 0.28 * Math.max(0, z)) * (0.93 + 0.14 * fibre);
    }
  }
  return sprite;
}

/** Height of a ply's surface at `v` across, or far below where it is not. */
const onPly = (v: number, middle: number, height: number): number => {
  const q = (v - middle) / PLY;
  return q * q < 1 ? height + PLY * Math.sqrt(1 - q * q) : -9;
};
