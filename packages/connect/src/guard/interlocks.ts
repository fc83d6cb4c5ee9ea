import type { LinkState } from '../contract/connector.js';
import type { Item, Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { sameValue } from '../contract/value.js';
import type { WriteRule } from './rule.js';

export type InterlockRefusal =
  | 'link-down'
  | 'interlock-unknown'
  | 'interlock-bad'
  | 'interlock-stale'
  | 'interlock-open';

/**
 * What is known of the equipment right now: the last sample of each tag, of the present epoch only. A new epoch makes
 * everything unknown until it was read again.
 */
export class Known {
  readonly #tags: ReadonlyMap<string, Tag>;
  readonly #steadyMs: () => number;
  readonly #samples = new Map<string, { sample: Sample; atSteadyMs: number }>();
  #link: LinkState = { state: 'connecting', why: '', epoch: '' };
  #newsMs = -Infinity;
  #turn = 0;

  constructor(tags: ReadonlyMap<string, Tag>, steadyMs: () => number) {
    this.#tags = tags;
    this.#steadyMs = steadyMs;
  }

  get epoch(): string {
    return this.#link.epoch;
  }

  /** Rises with every new epoch: also where one comes back under a name that was there before. */
  get turn(): number {
    return this.#turn;
  }

  get up(): boolean {
    return this.#link.state === 'up' || this.#link.state === 'degraded';
  }

  state(link: LinkState): void {
    if (link.epoch !== this.#link.epoch) {
      this.#turn += 1;
      this.#samples.clear();
      this.#newsMs = -Infinity;
    }
    this.#link = link;
  }

  /** `lagMs`: for how long the newest of them has waited on its way here. */
  take(items: readonly Item[], lagMs = 0): void {
    const atSteadyMs = this.#steadyMs() - Math.max(0, lagMs);
    for (const item of items) {
      if (item.epoch !== this.#link.epoch || (item.kind === 'sample' && item.historical === true)) continue;
      this.#newsMs = Math.max(this.#newsMs, atSteadyMs);
      if (item.kind === 'sample') this.#samples.set(item.tag, { sample: item, atSteadyMs });
    }
  }

  /** The equipment was reached at that time (steady ms), and everything that had changed until then is here. */
  heard(atSteadyMs = this.#steadyMs()): void {
    this.#newsMs = Math.max(this.#newsMs, atSteadyMs);
  }

  /** The last good value of a tag that is not stale; null otherwise. */
  good(tag: string): Sample | null {
    const one = this.#samples.get(tag);
    return one !== undefined && one.sample.quality === 'good' && this.#fresh(tag, one.atSteadyMs)
      ? one.sample
      : null;
  }

  /**
   * Why the interlocks of a rule do not let a write through; null where they do. Values come by exception, so a value is
   * as fresh as the last news from its connection, and that must be younger than the tag's `staleMs`.
   */
  refusal(rule: WriteRule): InterlockRefusal | null {
    if (!this.up) return 'link-down';
    for (const { tag, is } of rule.interlocks) {
      const one = this.#samples.get(tag);
      if (one === undefined) return 'interlock-unknown';
      if (one.sample.quality !== 'good') return 'interlock-bad';
      if (!this.#fresh(tag, one.atSteadyMs)) return 'interlock-stale';
      if (!sameValue(one.sample.value, is)) return 'interlock-open';
    }
    return null;
  }

  #fresh(tag: string, atSteadyMs: number): boolean {
    const staleMs = this.#tags.get(tag)?.staleMs ?? 0;
    return this.#steadyMs() - Math.max(atSteadyMs, this.#newsMs) <= staleMs;
  }
}
