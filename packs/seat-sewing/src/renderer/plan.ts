import { split, uniformAt } from '../line/counter-random.js';
import { smooth } from './exact.js';
import { DIMPLE_REACH, PUCKER_REACH } from './relief.js';
import {
  type Box,
  type Colour,
  PICTURE_CLASSES,
  PICTURE_FAULT,
  type SeamScene,
  type StitchInPicture,
  type Thread,
} from './scene.js';
import { type Stroke, strokeReach } from './stroke.js';
import { tail } from './tail.js';

export type Point = readonly [number, number];

/** What is to be drawn, in px of the picture, and what is true of it. */
export interface Plan {
  readonly presses: { readonly from: Point; readonly to: Point; readonly depthMm: number }[];
  readonly puckers: { readonly at: Point; readonly amplitudeMm: number }[];
  readonly holes: {
    readonly at: Point;
    readonly radius: number;
    readonly torn: number;
    readonly key: number;
  }[];
  /** In the order of sewing: later ones lie on top. */
  readonly strokes: { readonly stroke: Stroke; readonly turnRadii: number }[];
  readonly truth: StitchInPicture[];
}

/** mm: assumed, by eye. */
const HOLE_RADIUS = 0.19;
const EMPTY_HOLE_RADIUS = 0.24;
const LARGE_HOLE_RADIUS = 0.62;
const INSET = 0.13;
const SLANT = 0.1;
const PUCKER_MM = 0.5;
/** Lock point off the middle (share of thickness) at which it begins to show. */
const SHOWS_AT = 0.06;

type Frame = { readonly width: number; readonly height: number; readonly pxPerMm: number };

/** Lays out the stitches that touch the picture. `origin` = px of seam position 0 and of the template's line. */
export function planSeam(scene: SeamScene, frame: Frame, origin: Point): Plan {
  const { sewn, thread, material, seed } = scene;
  const { pxPerMm } = frame;
  const count = Math.min(sewn.along.length - 1, sewn.faults.length);
  const hole = (i: number): Point => [
    origin[0] + (sewn.along[i] ?? 0) * pxPerMm,
    origin[1] + (sewn.offset[i] ?? 0) * pxPerMm,
  ];
  const has = (i: number, bit: number) => i >= 0 && i < count && ((sewn.faults[i] ?? 0) & bit) !== 0;
  const wrong = scene.wrongThread ?? likeMaterial(thread, material.colour);
  const threadAt = (i: number) => (has(i, PICTURE_FAULT.wrongThread) ? wrong : thread);
  const plan: Plan = { presses: [], puckers: [], holes: [], strokes: [], truth: [] };
  const margin = 8 * pxPerMm;
  const near = ([x]: Point) => x > -margin && x < frame.width + margin;

  const put = (stroke: Stroke, of: Thread, box: Grow) => {
    const reach = strokeReach(stroke);
    box.add(stroke.from, reach);
    box.add(stroke.to, reach);
    plan.strokes.push({ stroke, turnRadii: (2 * of.pitchMm) / of.diameterMm });
  };
  const putTail = (at: Point, towards: 1 | -1, i: number, lengthMm: number, box: Grow) => {
    const of = threadAt(i);
    const key = split(seed, i, towards + 5);
    for (const stroke of tail({ at, towards, thread: of, lengthPx: lengthMm * pxPerMm, pxPerMm, key }))
      put(stroke, of, box);
  };

  let floatsTo = 0;
  for (let i = 0; i < count; i++) {
    const [from, to] = [hole(i), hole(i + 1)];
    const long = has(i, PICTURE_FAULT.skip) ? hole(Math.min(count, i + 2)) : to;
    if (!near(from) && !near(long)) continue;
    const key = split(seed, i);
    const lock = sewn.lock[i] ?? 0;
    const [tight, loose] = [Math.max(0, lock), Math.max(0, -lock - SHOWS_AT)];
    const broken = has(i, PICTURE_FAULT.broken);
    const of = threadAt(i);
    const box = new Grow();
    box.add(from, DIMPLE_REACH * pxPerMm);
    box.add(to, DIMPLE_REACH * pxPerMm);

    const depthMm = broken || i < floatsTo ? 0.03 : Math.max(0.02, 0.09 - 0.2 * loose) + 0.6 * tight;
    plan.presses.push({ from, to, depthMm });
    const empty = (broken && i > 0 && has(i - 1, PICTURE_FAULT.broken)) || has(i - 1, PICTURE_FAULT.skip);
    const radius = (empty ? EMPTY_HOLE_RADIUS : HOLE_RADIUS) * pxPerMm;
    if (has(i, PICTURE_FAULT.largeHole)) {
      const large = LARGE_HOLE_RADIUS * (0.9 + 0.3 * uniformAt(key, 5)) * pxPerMm;
      plan.holes.push({ at: from, radius: large, torn: 0.2, key });
      box.add(from, 2.4 * large);
    } else plan.holes.push({ at: from, radius, torn: 0, key });
    if (i === count - 1) plan.holes.push({ at: to, radius, torn: 0, key: split(key, 9) });
    if (has(i, PICTURE_FAULT.pucker)) {
      const at: Point = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      plan.puckers.push({ at, amplitudeMm: PUCKER_MM * (0.8 + 0.4 * uniformAt(key, 6)) });
      box.addRectangle(at, PUCKER_REACH[0] * pxPerMm + 2, PUCKER_REACH[1] * pxPerMm + 2);
    }

    if (broken) {
      const long = 2.2 + 2.6 * uniformAt(key, 7);
      if (!has(i - 1, PICTURE_FAULT.broken)) putTail(from, 1, i, long, box);
      if (!has(i + 1, PICTURE_FAULT.broken) && i + 1 < count) putTail(to, -1, i, 0.6 * long, box);
    } else if (i >= floatsTo) {
      let end = i;
      // A stitch that did not lock leaves its thread lying until the next one that does.
      while (has(end, PICTURE_FAULT.skip) && end + 1 < count && !has(end + 1, PICTURE_FAULT.broken)) end++;
      floatsTo = end + 1;
      const last = hole(end + 1);
      const back = last[0] < from[0] ? -1 : 1;
      const sway = 2 * uniformAt(key, 1) - 1;
      const swayPx = sway * pxPerMm * (0.03 + (end > i ? 0.22 : 0));
      const looseBow = (sway < 0 ? -1 : 1) * 1.9 * loose * (0.7 + 0.6 * uniformAt(key, 2)) * pxPerMm;
      const stroke: Stroke = {
        from: [from[0] + back * INSET * pxPerMm, from[1] + back * SLANT * pxPerMm],
        to: [last[0] - back * INSET * pxPerMm, last[1] - back * SLANT * pxPerMm],
        bow: swayPx + looseBow,
        radius: (of.diameterMm / 2) * pxPerMm * (1 - 0.35 * Math.min(0.5, tight)),
        phase: uniformAt(key, 3),
        halfTurn: (of.pitchMm / 2) * pxPerMm,
        divesFrom: true,
        divesTo: true,
        lift: Math.min(2, 4 * loose) + (end > i ? 0.8 : 0),
        colour: of.colour,
        gloss: of.gloss,
      };
      put(stroke, of, box);
      box.add(last, DIMPLE_REACH * pxPerMm);
      const knot = 0.24 * smooth((tight - SHOWS_AT) / 0.22) * pxPerMm;
      if (knot > 0.8)
        for (const at of [from, last])
          put(loopOf(at, knot, { colour: scene.bobbin ?? thread.colour, base: stroke }), of, box);
    }
    if (sewn.starts && i === 0) putTail(from, -1, 0, 1.4 + uniformAt(key, 8), box);
    if (sewn.ends && i === count - 1) putTail(to, 1, i, 1.4 + uniformAt(key, 8), box);

    const visible = box.within(frame);
    if (visible === null || Math.max(from[0], to[0]) < 0 || Math.min(from[0], to[0]) > frame.width) continue;
    const faults = sewn.faults[i] ?? 0;
    plan.truth.push({
      stitch: sewn.numbers?.[i] ?? i,
      faults,
      class: PICTURE_CLASSES.find(([, bit]) => faults & bit)?.[0] ?? null,
      fromPx: from,
      toPx: to,
      fromMm: [sewn.along[i] ?? 0, sewn.offset[i] ?? 0],
      toMm: [sewn.along[i + 1] ?? 0, sewn.offset[i + 1] ?? 0],
      box: visible,
    });
  }
  return plan;
}

/** The bobbin thread's loop that a tight needle thread pulls up out of a hole. */
const loopOf = ([x, y]: Point, size: number, { colour, base }: { colour: Colour; base: Stroke }): Stroke => ({
  ...base,
  from: [x, y - 1.1 * size],
  to: [x, y + 1.1 * size],
  bow: 0.3 * size,
  radius: 0.85 * size,
  lift: 0,
  colour,
});

/** A thread that hardly differs from what it is sewn into. */
const likeMaterial = (thread: Thread, [r, g, b]: Colour): Thread => ({
  ...thread,
  colour: [
    0.4 * thread.colour[0] + 0.6 * r,
    0.4 * thread.colour[1] + 0.6 * g,
    0.4 * thread.colour[2] + 0.6 * b,
  ],
  diameterMm: 0.8 * thread.diameterMm,
});

/** A rectangle that grows round what is added to it. */
class Grow {
  #left = Number.POSITIVE_INFINITY;
  #top = Number.POSITIVE_INFINITY;
  #right = Number.NEGATIVE_INFINITY;
  #bottom = Number.NEGATIVE_INFINITY;

  add(at: Point, reach: number): void {
    this.addRectangle(at, reach, reach);
  }

  addRectangle([x, y]: Point, along: number, across: number): void {
    this.#left = Math.min(this.#left, x - along);
    this.#right = Math.max(this.#right, x + along);
    this.#top = Math.min(this.#top, y - across);
    this.#bottom = Math.max(this.#bottom, y + across);
  }

  /** null = outside of the picture. */
  within({ width, height }: Frame): Box | null {
    const left = Math.max(0, Math.floor(this.#left));
    const top = Math.max(0, Math.floor(this.#top));
    const right = Math.min(width, Math.ceil(this.#right));
    const bottom = Math.min(height, Math.ceil(this.#bottom));
    return left < right && top < bottom ? { left, top, right, bottom } : null;
  }
}
