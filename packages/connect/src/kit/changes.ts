import type { Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { sameValue } from '../contract/value.js';

type Told = Pick<Sample, 'value' | 'quality'> & { readonly status?: string };

/** For connectors that poll: what was told of each tag on this connection, so that only changes are told again. */
export class Changes {
  readonly #told = new Map<string, Told>();

  /** Whether it is to be told: the first one, another quality or status, or a change beyond the tag's deadband. */
  take(tag: Tag, now: Told): boolean {
    const before = this.#told.get(tag.tag);
    const same =
      before !== undefined &&
      before.quality === now.quality &&
      before.status === now.status &&
      (sameValue(before.value, now.value) ||
        (typeof before.value === 'number' &&
          typeof now.value === 'number' &&
          Math.abs(now.value - before.value) <= tag.deadband));
    if (!same) this.#told.set(tag.tag, now);
    return !same;
  }
}
