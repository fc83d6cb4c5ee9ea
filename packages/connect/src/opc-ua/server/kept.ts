/** The latest values by their ids, oldest first; bounded. */
export class Kept<T> {
  readonly #most: number;
  readonly #all = new Map<string, T>();
  readonly #handles = new Set<number>();
  #serial = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get values(): readonly T[] {
    return [...this.#all.values()];
  }

  get ids(): readonly string[] {
    return [...this.#all.keys()];
  }

  get latest(): T | undefined {
    return this.values.at(-1);
  }

  get(id: string): T | undefined {
    return this.#all.get(id);
  }

  /** A value whose id is known takes the place of the older one, as the newest. */
  put(id: string, value: T): void {
    this.#all.delete(id);
    this.#all.set(id, value);
    for (const oldest of this.#all.keys()) {
      if (this.#all.size <= this.#most) break;
      this.#all.delete(oldest);
    }
  }

  delete(id: string): boolean {
    return this.#all.delete(id);
  }

  /** A handle for whoever reads; nothing is held for it, since every value is given whole. */
  handle(): number {
    this.#serial = (this.#serial % 0xffff_ffff) + 1;
    this.#handles.add(this.#serial);
    for (const oldest of this.#handles) {
      if (this.#handles.size <= this.#most) break;
      this.#handles.delete(oldest);
    }
    return this.#serial;
  }

  /** Whether it was a handle. */
  release(handle: number): boolean {
    return this.#handles.delete(handle);
  }
}
