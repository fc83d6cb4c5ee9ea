import type { ScalarType, Value } from '@selvedge/connect';
import { prior } from '../priors.js';
import { LARGEST_TRIM } from './leave.js';
import { TRACES } from './sewing-machine.js';

/** One value that a machine tells or takes. */
export interface LineTag {
  readonly tag: string;
  readonly type: ScalarType;
  readonly array?: boolean;
  readonly unit?: string;
  readonly range?: readonly [number, number];
  readonly writable?: boolean;
  readonly value: Value;
}

/** Where a machine shows its covers: what is judged, and the safety seams that no model may pass. */
export type Place = 'seam' | 'tear';

const UNITS = ['mm', 'cN', 'N.cm', 'mm', 'mm'] as const;

/** Tags of one place of a machine. `trigger` counts upwards and is set last. */
const placeTags = (place: Place): LineTag[] => [
  { tag: `${place}/cycle`, type: 'uint32', value: 0 },
  { tag: `${place}/unit`, type: 'string', value: '' },
  { tag: `${place}/part`, type: 'string', value: '' },
  { tag: `${place}/hide`, type: 'string', value: '' },
  { tag: `${place}/thread-lot`, type: 'string', value: '' },
  { tag: `${place}/spool`, type: 'int32', value: 0 },
  ...TRACES.map(
    (trace, i): LineTag => ({
      ...{ tag: `${place}/${trace}`, type: 'float', array: true, value: [] },
      unit: UNITS[i] ?? '1',
    }),
  ),
  { tag: `${place}/picture`, type: 'bytes', value: new Uint8Array() },
  // What people did since the last cover, as JSON: [{"type":"realign","seconds":12}].
  { tag: `${place}/interventions`, type: 'string', value: '[]' },
  { tag: `${place}/verdict`, type: 'string', writable: true, value: '' },
];

/** Neither 0 nor 1: nobody did anything that a proposal could be compared with. */
export const NOTHING_TO_COMPARE = -1;
/** Outside of every range: a cover that is shown again says nothing about what was in force. */
export const NOT_TOLD = -1000;

/** A setting that a site may adjust from cover to cover, and what is told of it. */
const settingTags = (name: string, target: LineTag): LineTag[] => [
  target,
  { tag: `${name}/in-force`, type: 'double', value: 0 },
  { tag: `${name}/loss`, type: 'double', value: 0 },
  { tag: `${name}/out`, type: 'int32', value: 0 },
  { tag: `${name}/agreed`, type: 'int32', value: NOTHING_TO_COMPARE },
];

/** Every tag of a machine, below its name. The same over OPC UA and Sparkplug. */
export const machineTags = ({ safety }: { readonly safety: boolean }): LineTag[] => [
  ...placeTags('seam'),
  ...(safety ? placeTags('tear') : []),
  ...settingTags('steering', {
    ...{ tag: 'steering/share', type: 'double', range: [0, 1], writable: true, value: 0 },
  }),
  ...settingTags('tension', {
    ...{ tag: 'tension/trim', type: 'double', unit: 'cN', writable: true, value: 0 },
    range: [-LARGEST_TRIM, LARGEST_TRIM],
  }),
  { tag: 'tension/proposal', type: 'double', unit: 'cN', value: 0 },
  { tag: 'tension/knob', type: 'double', unit: 'cN', value: prior('needleTension') },
  { tag: 'live/running', type: 'bool', value: false },
  { tag: 'live/stitch', type: 'int32', value: 0 },
  { tag: 'live/unit', type: 'string', value: '' },
  { tag: 'live/offset', type: 'float', array: true, unit: 'mm', value: [] },
  { tag: 'live/tension', type: 'float', array: true, unit: 'cN', value: [] },
];
