import { uniformAt } from '../line/counter-random.js';
import { smooth, wave, waveAhead } from './exact.js';
import { type Frame, pixelSpan } from './frame.js';

/** mm: how far round a stitch the material is drawn down, and half the reach of a pucker along and across. */
export const DIMPLE_REACH = 1.5;
export const PUCKER_REACH = [3.2, 5.5] as const;

/** Depth of the crease where the parts are joined and its half-width, mm. */
const FOLD_DEPTH = 0.75;
const FOLD_WIDTH = 0.6;
const FOLD_CRACK = 0.2;
/** mm beyond which the valley's slope (below .01) is no longer reckoned. */
const FOLD_REACH = 4;

/**
 * The fold: a valley between two parts that roll down into it, with a dark crack. Rows of depth V / (1 + (d/w)^2), whose
 * slope is a quotient. It wanders a little along the seam, the same in each picture of it.
 */
export function layFold(frame: Frame, rowPx: number, fromMm: number, key: number): void {
  const { width, height, pxPerMm, slopeX, slopeY, open } = frame;
  const phase = uniformAt(key, 0);
  for (let x = 0; x < width; x++) {
    const mm = fromMm + x / pxPerMm;
    const middle = rowPx / pxPerMm + 0.16 * wave(mm / 61 + phase) + 0.06 * wave(mm / 17 + 3 * phase);
    const ahead = 0.16 * waveAhead(mm / 61 + phase) + (61 / 17) * 0.06 * waveAhead(mm / 17 + 3 * phase);
    const tilt = (6.28 / 61) * ahead;
    const size = FOLD_WIDTH * (1 + 0.12 * wave(mm / 9 + 5 * phase));
    const steep = (2 * FOLD_DEPTH) / size;
    const [y0, y1] = pixelSpan((middle - FOLD_REACH) * pxPerMm, (middle + FOLD_REACH) * pxPerMm, height);
    for (let y = y0; y < y1; y++) {
      const d = (y + 0.5) / pxPerMm - middle;
      const q = d / size;
      const bell = 1 / (1 + q * q);
      const slope = steep * q * bell * bell;
      const at = y * width + x;
      slopeY[at] = slopeY[at]! + slope;
      slopeX[at] = slopeX[at]! - slope * tilt;
      const crack = d / FOLD_CRACK;
      open[at] = open[at]! * (1 - 0.35 * bell * bell) * (1 - 0.85 / (1 + crack * crack * crack * crack));
    }
  }
}

/** A stitch draws the material down round itself: a valley (1 - q^2)^2 about the line between its holes, px. */
export function pressStitch(
  frame: Frame,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  depthMm: number,
): void {
  const { width, height, pxPerMm, slopeX, slopeY, open } = frame;
  const reach = DIMPLE_REACH * pxPerMm;
  const [x0, x1] = pixelSpan(Math.min(ax, bx) - reach, Math.max(ax, bx) + reach, width);
  const [y0, y1] = pixelSpan(Math.min(ay, by) - reach, Math.max(ay, by) + reach, height);
  const [ex, ey] = [bx - ax, by - ay];
  const length2 = ex * ex + ey * ey || 1;
  const steep = (4 * depthMm) / DIMPLE_REACH;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const dx = x + 0.5 - ax;
      const dy = y + 0.5 - ay;
      const t = (dx * ex + dy * ey) / length2;
      const on = t < 0 ? 0 : Math.min(t, 1);
      const rx = (dx - on * ex) / reach;
      const ry = (dy - on * ey) / reach;
      const q2 = rx * rx + ry * ry;
      if (q2 >= 1) continue;
      // The holes are the deepest points of the valley.
      const end = 2 * on - 1;
      const deep = steep * (0.6 + 0.8 * end * end) * (1 - q2);
      const at = y * width + x;
      slopeX[at] = slopeX[at]! + deep * rx;
      slopeY[at] = slopeY[at]! + deep * ry;
      open[at] = open[at]! * (1 - 0.6 * depthMm * (1 - q2) * (1 - q2));
    }
  }
}

/**
 * Waves of material that the stitch at (x, y) px gathered; they fall to nothing at PUCKER_REACH. Stitches of one seam
 * (`key`) gather the same waves, so that those of neighbours join; `fromPx` = the picture's left edge in the seam.
 */
export function pucker(
  frame: Frame,
  [x, y]: readonly [number, number],
  amplitudeMm: number,
  fromPx: number,
  key: number,
): void {
  const { width, height, pxPerMm, slopeX, slopeY } = frame;
  const [along, across] = [PUCKER_REACH[0] * pxPerMm, PUCKER_REACH[1] * pxPerMm];
  const phase = uniformAt(key, 0);
  const slant = uniformAt(key, 1) - 0.5;
  const length = (3.4 + 1.4 * uniformAt(key, 2)) * pxPerMm;
  const heightAt = (px: number, py: number): number => {
    const u = (px - x) / along;
    const v = (py - y) / across;
    const fade = (1 - u * u) * (1 - v * v);
    if (u * u >= 1 || v * v >= 1) return 0;
    return amplitudeMm * fade * fade * wave((px + fromPx + (slant + 0.25 * v) * (py - y)) / length + phase);
  };
  const [x0, x1] = pixelSpan(x - along, x + along, width);
  const [y0, y1] = pixelSpan(y - across, y + across, height);
  const half = pxPerMm / 2;
  for (let j = y0; j < y1; j++) {
    for (let i = x0; i < x1; i++) {
      const at = j * width + i;
      const [px, py] = [i + 0.5, j + 0.5];
      slopeX[at] = slopeX[at]! + half * (heightAt(px + 1, py) - heightAt(px - 1, py));
      slopeY[at] = slopeY[at]! + half * (heightAt(px, py + 1) - heightAt(px, py - 1));
    }
  }
}

/** A hole of `radius` px with a rim that is pushed up; torn where `torn` is above 0 (share of the radius). */
export function punch(frame: Frame, x: number, y: number, radius: number, torn: number, key: number): void {
  const { width, height, slopeX, slopeY, open } = frame;
  const reach = 1.8 * radius + 1;
  const [x0, x1] = pixelSpan(x - reach, x + reach, width);
  const [y0, y1] = pixelSpan(y - reach, y + reach, height);
  const [a, b, c] = [uniformAt(key, 0), uniformAt(key, 1), uniformAt(key, 2)];
  for (let j = y0; j < y1; j++) {
    for (let i = x0; i < x1; i++) {
      const dx = i + 0.5 - x;
      const dy = j + 0.5 - y;
      const d = Math.sqrt(dx * dx + dy * dy) + 1e-6;
      // Turns round the hole by the ratio of the sides: no arc tangent is needed to make a rim uneven.
      const ratio = dy / (Math.abs(dx) + Math.abs(dy) + 1e-6);
      const around = (dx >= 0 ? ratio : 2 - ratio) / 4;
      const edge = radius * (1 + torn * (0.5 * wave(2 * around + a) + 0.4 * wave(5 * around + b)));
      const at = j * width + i;
      open[at] = open[at]! * (1 - 0.93 * smooth((edge - d) / 1.4 + 0.5));
      const rim = (d - edge) / (0.8 * radius);
      if (rim > 0 && rim < 1) {
        const steep = -0.9 * (0.7 + 0.3 * c) * (1 - rim) * rim * 2;
        slopeX[at] = slopeX[at]! + (steep * dx) / d;
        slopeY[at] = slopeY[at]! + (steep * dy) / d;
      }
    }
  }
}
