import { uniformAt } from '../line/counter-random.js';
import type { Thread } from './scene.js';
import type { Stroke } from './stroke.js';

const PIECES = 7;

/**
 * A cut or torn end of thread that comes out of the hole `at` and lies on the material, `towards` the seam's end (1) or
 * its beginning (-1): a quadratic curve in pieces, then three fibres.
 */
export function tail(options: {
  at: readonly [number, number];
  towards: 1 | -1;
  thread: Thread;
  lengthPx: number;
  pxPerMm: number;
  key: number;
}): readonly Stroke[] {
  const { at, towards, thread, lengthPx, pxPerMm, key } = options;
  const swing = 2 * uniformAt(key, 0) - 1;
  const middle = [at[0] + 0.55 * towards * lengthPx, at[1] + 0.25 * swing * lengthPx] as const;
  const end = [
    at[0] + (0.55 + 0.4 * uniformAt(key, 1)) * towards * lengthPx,
    at[1] + (swing < 0 ? -1 : 1) * (0.25 + 0.5 * uniformAt(key, 2)) * lengthPx,
  ] as const;
  const pointAt = (t: number): readonly [number, number] => {
    const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
    return [a * at[0] + b * middle[0] + c * end[0], a * at[1] + b * middle[1] + c * end[1]];
  };
  const radius = (thread.diameterMm / 2) * pxPerMm;
  const halfTurn = (thread.pitchMm / 2) * pxPerMm;
  const whole = {
    bow: 0,
    halfTurn,
    divesTo: false,
    lift: 0.4,
    colour: thread.colour,
    gloss: thread.gloss,
  };
  const strokes: Stroke[] = [];
  for (let p = 0; p < PIECES; p++) {
    strokes.push({
      ...whole,
      from: pointAt(p / PIECES),
      to: pointAt((p + 1) / PIECES),
      radius,
      phase: (p * lengthPx) / PIECES / halfTurn,
      divesFrom: p === 0,
    });
  }
  const before = pointAt(1 - 1 / PIECES);
  const [dx, dy] = [end[0] - before[0], end[1] - before[1]];
  for (let f = -1; f <= 1; f++) {
    const size = (0.9 + 0.7 * uniformAt(key, 6 + f)) * (pxPerMm / Math.sqrt(dx * dx + dy * dy + 1e-9)) * 0.7;
    strokes.push({
      ...whole,
      from: end,
      to: [end[0] + size * (dx - 0.45 * f * dy), end[1] + size * (dy + 0.45 * f * dx)],
      radius: 0.38 * radius,
      phase: 0,
      divesFrom: false,
      lift: 0.2,
    });
  }
  return strokes;
}
