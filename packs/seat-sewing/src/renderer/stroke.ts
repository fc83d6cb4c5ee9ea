import { clamp01, smooth } from './exact.js';
import { type Frame, pixelSpan } from './frame.js';
import type { Colour } from './scene.js';
import type { Lamp } from './surface.js';
import { ACROSS, PHASES, type Twist } from './twist.js';

/** A piece of thread as it lies on the material; lengths in px. */
export interface Stroke {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** How far its middle lies beside the straight line. */
  readonly bow: number;
  readonly radius: number;
  /** Twist at `from`, in half turns, and px for half a turn. */
  readonly phase: number;
  readonly halfTurn: number;
  /** Dives into a hole at this end, else goes on. */
  readonly divesFrom: boolean;
  readonly divesTo: boolean;
  /** Height over the material in radii: moves the shadow. */
  readonly lift: number;
  readonly colour: Colour;
  readonly gloss: number;
}

const SHADOW = 0.62;
/** px over which a shadow's edge fades. */
const PENUMBRA = 1.6;

/** How far a stroke and its shadow reach beyond the line between its ends, px. */
export const strokeReach = ({ bow, radius, lift }: Stroke): number =>
  Math.abs(bow) + radius * (2 + lift) + PENUMBRA + 1;

/** Draws the shadow of a stroke on what lies there already, then the stroke. */
export function drawStroke(frame: Frame, stroke: Stroke, twist: Twist, lamp: Lamp): void {
  const { width, height, red, green, blue, column, row } = frame;
  const { from, to, bow, radius, phase, halfTurn, divesFrom, divesTo, lift, colour, gloss } = stroke;
  const [ex, ey] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.sqrt(ex * ex + ey * ey);
  if (length < 1e-6) return;
  const [tx, ty] = [ex / length, ey / length];
  const reach = strokeReach(stroke);
  const [x0, x1] = pixelSpan(Math.min(from[0], to[0]) - reach, Math.max(from[0], to[0]) + reach, width);
  const [y0, y1] = pixelSpan(Math.min(from[1], to[1]) - reach, Math.max(from[1], to[1]) + reach, height);
  const throwBy = (radius * (0.75 + lift)) / Math.max(0.4, lamp.z);
  const [shadowU, shadowV] = [-throwBy * (lamp.x * tx + lamp.y * ty), -throwBy * (lamp.y * tx - lamp.x * ty)];
  // The lamp in the frame of the stroke.
  const [lu, lv] = [lamp.x * tx + lamp.y * ty, lamp.y * tx - lamp.x * ty];
  const [hu, hv] = [lamp.hx * tx + lamp.hy * ty, lamp.hy * tx - lamp.hx * ty];
  const direct = (1 - lamp.ambient) / lamp.z;
  const [fx, fy] = from;
  const dive = 1.5 * radius;
  const [r, g, b] = colour;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const dx = x + 0.5 - fx;
      const dy = y + 0.5 - fy;
      const u = dx * tx + dy * ty;
      const side = dy * tx - dx * ty;
      const at = y * width + x;

      const su = u - shadowU;
      const sOn = clamp01(su / length);
      const sv = side - shadowV - 4 * bow * sOn * (1 - sOn);
      const past = su < 0 ? -su : su > length ? su - length : 0;
      const far = Math.sqrt(sv * sv + past * past) - 0.9 * radius;
      const shade = far < PENUMBRA ? 1 - SHADOW * smooth((PENUMBRA - far) / (2 * PENUMBRA)) : 1;

      const on = clamp01(u / length);
      const v = side - 4 * bow * on * (1 - on);
      const near = u - (divesFrom ? 0 : -radius);
      const left = length + (divesTo ? 0 : radius) - u;
      // Rounded ends: the width is that of a circle at the last radius.
      const end = Math.min(near, left);
      const q = end >= radius ? 0 : 1 - end / radius;
      const step = phase + u / halfTurn;
      const turn = Math.floor((step - Math.floor(step)) * PHASES) % PHASES;
      const half = end <= 0 ? 0 : radius * twist.half[turn]! * Math.sqrt(1 - q * q);
      const cover = end <= 0 ? 0 : clamp01(half - Math.abs(v) + 0.5);
      if (cover === 0) {
        if (shade < 1) {
          red[at] = red[at]! * shade;
          green[at] = green[at]! * shade;
          blue[at] = blue[at]! * shade;
        }
        continue;
      }
      const place = Math.min(
        ACROSS - 1,
        Math.max(0, Math.floor(((v / radius + 1) * (ACROSS - 1)) / 2 + 0.5)),
      );
      const cell = turn * ACROSS + place;
      // It climbs out of one hole and goes down into the other.
      const climb = divesFrom && near < dive ? 1 - near / dive : 0;
      const sink = divesTo && left < dive ? 1 - left / dive : 0;
      const nu = twist.along[cell]! - 0.9 * climb + 0.9 * sink;
      const nv = twist.across[cell]!;
      const nz = twist.up[cell]!;
      const n = 1 / Math.sqrt(nu * nu + nv * nv + nz * nz);
      const towards = (nu * lu + nv * lv + nz * lamp.z) * n;
      const facing = (nu * hu + nv * hv + nz * lamp.hz) * n;
      const deep = 1 - 0.55 * Math.max(climb, sink);
      const lit = column[x]! * row[y]! * deep;
      const diffuse = (lamp.ambient * 0.9 + (towards > 0 ? direct * towards : 0)) * lit * twist.tone[cell]!;
      let mirrored = Math.max(facing, 0);
      mirrored *= mirrored;
      mirrored *= mirrored;
      mirrored *= mirrored;
      mirrored *= gloss * lit;
      red[at] = red[at]! * shade * (1 - cover) + cover * (diffuse * r + mirrored);
      green[at] = green[at]! * shade * (1 - cover) + cover * (diffuse * g + mirrored);
      blue[at] = blue[at]! * shade * (1 - cover) + cover * (diffuse * b + mirrored);
    }
  }
}
