import type { Tag } from '../contract/tag.js';
import type { ScalarType } from '../contract/value.js';

type Scale = Pick<Tag, 'type' | 'scale' | 'offset'>;

/** Whether what a peer says is not the value of the tag yet: value = raw x scale + offset. */
export const isScaled = ({ type, scale, offset }: Scale): boolean =>
  (scale !== 1 || offset !== 0) && type !== 'bool' && type !== 'string' && type !== 'bytes';

/** Of what type a tag's samples are: the type that its peer says, and `double` where it is scaled. */
export const sampleType = (tag: Scale): ScalarType => (isScaled(tag) ? 'double' : tag.type);

/** The value of the tag from the number that its peer said. */
export function scaledUp(raw: number, { scale, offset }: Scale): number {
  const divisor = divisorOf(scale);
  return (divisor === null ? raw * scale : raw / divisor) + offset;
}

/** The number that its peer must be told; a whole number where only the arithmetic of fractions left something over. */
export function scaledDown(value: number, { type, scale, offset }: Scale): number {
  const divisor = divisorOf(scale);
  const raw = divisor === null ? (value - offset) / scale : (value - offset) * divisor;
  const whole = Math.round(raw);
  // A small number is small in a float, and nothing in an integer.
  const least = type === 'float' || type === 'double' || type === 'datetime' ? 0 : 1;
  return Math.abs(raw - whole) <= 1e-9 * Math.max(least, Math.abs(raw)) ? whole : raw;
}

/** Of a scale like .1 or .001 the whole number behind it, so that 235 x .1 is 23.5 and not beside it; else null. */
function divisorOf(scale: number): number | null {
  const divisor = Math.round(1 / scale);
  return Math.abs(scale) < 1 && divisor !== 0 && Math.abs(divisor * scale - 1) < 1e-12 ? divisor : null;
}
