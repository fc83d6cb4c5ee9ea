import { prior } from '../priors.js';
import { normalAt, split, uniformAt } from './counter-random.js';
import { LINE_PRIORS, lineConstant, type PlantConstants, type Spread } from './line-priors.js';
import { type Oddities, type OutsideName, odditiesOf } from './outside.js';

/** A part number: where its path curves, and where it crosses other seams. */
export interface Part {
  readonly name: string;
  /** On a safety part nothing is ever adjusted: a model may at most add a stop. */
  readonly safety: boolean;
  /** 1/mm at each stitch. */
  readonly path: Float64Array;
  /** 1 at the stitches on a cross seam. */
  readonly crossing: Uint8Array;
  /** 1 at the first stitch of a cross seam. */
  readonly kick: Uint8Array;
}

/** One plant of the prior, or one outside of it. */
export interface Plant {
  readonly seed: number;
  readonly outside: OutsideName | null;
  readonly constants: PlantConstants;
  readonly odd: Oddities;
  readonly parts: readonly Part[];
  /** Share of the path's curvature that the template misses, [machine][part]: the same at every cover. */
  readonly templateMisses: readonly (readonly number[])[];
}

/** Branches of a plant's key. */
export const BRANCH = {
  constants: 1,
  parts: 2,
  template: 3,
  cover: 4,
  hide: 5,
  spool: 6,
  bobbin: 7,
  machine: 8,
} as const;

const drawn = ({ law, a, b }: Spread, key: number, counter: number): number => {
  if (law === 'uniform') return a + (b - a) * uniformAt(key, counter);
  const normal = normalAt(key, counter);
  return law === 'ln' ? a * Math.exp(b * normal) : a + b * normal;
};

/** Draws a plant. The same seed gives the same plant, inside or outside of the priors. */
export function drawPlant(seed: number, outside: OutsideName | null = null): Plant {
  const key = split(seed, BRANCH.constants);
  const names = Object.keys(LINE_PRIORS) as (keyof typeof LINE_PRIORS)[];
  const constants = Object.fromEntries(
    names.map((name, i) => [name, drawn(LINE_PRIORS[name], key, i)]),
  ) as unknown as PlantConstants;
  const parts = Array.from({ length: lineConstant('parts') }, (_, p) => drawPart(seed, p));
  const templateKey = split(seed, BRANCH.template);
  const templateMisses = Array.from({ length: lineConstant('machines') }, (_, m) =>
    parts.map((_part, p) => {
      const at = 2 * (m * parts.length + p);
      const size =
        constants.templateLow + (constants.templateHigh - constants.templateLow) * uniformAt(templateKey, at);
      return uniformAt(templateKey, at + 1) < 0.5 ? size : -size;
    }),
  );
  return { seed, outside, constants, odd: odditiesOf(outside), parts, templateMisses };
}

function drawPart(seed: number, index: number): Part {
  const key = split(seed, BRANCH.parts, index);
  const stitches = lineConstant('stitches');
  const step = prior('stitchLength');
  const path = new Float64Array(stitches);
  let at = 0;
  const uniform = (low: number, high: number) => low + (high - low) * uniformAt(key, at++);
  const sharpest = 1 / lineConstant('curveTightest');
  const widest = 1 / lineConstant('curveWidest');
  for (let c = 0; c < lineConstant('curves'); c++) {
    const height = uniform(widest, sharpest) * (uniform(0, 1) < 0.5 ? -1 : 1);
    const middle = uniform(0.1, 0.9) * stitches * step;
    const half = uniform(lineConstant('curveLengthLow'), lineConstant('curveLengthHigh')) / 2;
    for (let s = 0; s < stitches; s++)
      path[s]! += height * Math.exp(-0.5 * ((s * step - middle) / half) ** 2);
  }
  const crossing = new Uint8Array(stitches);
  const kick = new Uint8Array(stitches);
  for (let s = 1; s < stitches - prior('crossSeamStitches'); s++) {
    if (crossing[s] === 0 && crossing[s - 1] === 0 && uniform(0, 1) < prior('crossSeamRate')) {
      kick[s] = 1;
      crossing.fill(1, s, s + prior('crossSeamStitches'));
    }
  }
  const safety = index === lineConstant('parts') - 1;
  return { name: safety ? 'airbag tear seam' : `cushion ${index + 1}`, safety, path, crossing, kick };
}

/** Index of the part that machine `machine` sews as its cover number `cover`. */
export const partOfCover = (plant: Plant, machine: number, cover: number): number =>
  (Math.floor(cover / lineConstant('partLot')) + machine) % plant.parts.length;
