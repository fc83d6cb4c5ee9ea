import type { SeamIntervention } from '../person.js';
import type { LineLabel } from './seam-truth.js';

/** What a machine gives to whoever steers it, before each stitch. One object is re-used: copy what you keep. */
export interface StitchSignals {
  /** Number of the stitch in the cover, from 0. */
  stitch: number;
  /** mm to the left of the template at the camera's look-ahead; NaN = no picture. */
  offset: number;
  /** cN, peak of the needle thread at the last stitch. */
  tension: number;
  /** mm of needle thread drawn by the last stitch. */
  consumption: number;
  /** mm between plate and foot: the plies under it. */
  footHeight: number;
  /** N cm, mean over the last stitch. */
  torque: number;
  /** What was really commanded for the last stitch: 1/mm, and ln of the tensioner's setting over its nominal one. */
  curvature: number;
  logTension: number;
  /** ln of the set point on the operator's knob over the nominal tension, now. */
  knob: number;
}

/** What a controller asks for: steering on top of the template in 1/mm; ln of the tensioner's setting over the nominal one. */
export interface Command {
  curvature: number;
  logTension: number;
}

/** Known before a cover is sewn. */
export interface CoverContext {
  /** Running number of the machine's covers. */
  readonly cover: number;
  /** Part number as an index, and whether it is a safety part. */
  readonly part: number;
  readonly safety: boolean;
  readonly stitches: number;
  readonly threadLot: number;
  /** Hide that the cover was cut from, numbered a machine. */
  readonly hide: number;
  /** Counters of the machine: stitches since needle and bobbin were changed. */
  readonly needleStitches: number;
  readonly bobbinStitches: number;
  /** ln of the set point on the operator's knob over the nominal tension. */
  readonly knob: number;
}

/** An act of a person that was not in the standard work; `stop` = a call by the machine. */
export type LineActType = SeamIntervention['type'] | 'stop';

/** What a person did at which stitch. */
export interface LineAct {
  readonly type: LineActType;
  readonly stitch: number;
  readonly seconds: number;
}

/** Planned work that the standard work holds: no intervention, counted apart. */
export interface PlannedWork {
  readonly bobbin: boolean;
  readonly needle: boolean;
}

/** What is known of a cover when it is done: measured, and seen by the person. */
export interface FinishedCover {
  readonly context: CoverContext;
  /** mm beside the line, measured in each picture of the finished seam. */
  readonly strips: Float64Array;
  readonly acts: readonly LineAct[];
  /** What the person who judged the seam called it; null = nobody looked. */
  readonly verdict: LineLabel | null;
  /** ln of the knob after the cover. */
  readonly knob: number;
}

/** Recorded per stitch: the traces that a seam verdict looks at. */
export interface SeamTraces {
  readonly consumption: Float32Array;
  readonly tension: Float32Array;
  readonly torque: Float32Array;
  readonly footHeight: Float32Array;
  /** mm at the look-ahead camera; NaN where it was dark. */
  readonly offset: Float32Array;
}

/** Channels of a recorded seam with their units, in the order of {@link SeamTraces}. */
export const SIGNALS = [
  { name: 'consumption', unit: 'mm per stitch' },
  { name: 'tension', unit: 'cN' },
  { name: 'torque', unit: 'N cm' },
  { name: 'footHeight', unit: 'mm' },
  { name: 'offset', unit: 'mm' },
] as const;
