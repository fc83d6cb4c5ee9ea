import type { LinkState } from '../contract/connector.js';

/** The state of a link and its changes, for one reader that may be slow: it sees the present state, not every one before. */
export class States {
  #now: LinkState = { state: 'connecting', why: 'not tried yet', epoch: '' };
  #told: LinkState | null = null;
  #closed = false;
  #wake: () => void = () => {};

  get now(): LinkState {
    return this.#now;
  }

  set(state: LinkState['state'], why: string, epoch = this.#now.epoch): void {
    const same = this.#now.state === state && this.#now.why === why && this.#now.epoch === epoch;
    if (same || this.#closed) return;
    this.#now = { state, why, epoch };
    this.#wake();
  }

  async *changes(): AsyncGenerator<LinkState> {
    while (true) {
      if (this.#told !== this.#now) {
        this.#told = this.#now;
        yield this.#now;
      } else if (this.#closed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }
}
