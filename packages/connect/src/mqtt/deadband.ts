import type { Tag } from '../contract/tag.js';
import type { RawSample } from './json-reading.js';

/** Leaves out changes smaller than the deadband of a tag, measured from the last value that was told. */
export class Deadband {
  readonly #told = new Map<string, number>();

  passes(tag: Tag, sample: RawSample): boolean {
    if (tag.deadband === 0 || sample.historical) return true;
    const { value } = sample;
    if (sample.quality !== 'good' || typeof value !== 'number') {
      this.#told.delete(tag.tag);
      return true;
    }
    const before = this.#told.get(tag.tag);
    if (before !== undefined && Math.abs(value - before) < tag.deadband) return false;
    this.#told.set(tag.tag, value);
    return true;
  }

  /** A new epoch: every value is told again. */
  clear(): void {
    this.#told.clear();
  }
}
