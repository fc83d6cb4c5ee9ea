import type { Batch, Frame, Gap, Item, MachineEvent, Sample } from '../contract/item.js';

type Raw<T> = Omit<T, 'receivedMs' | 'epoch' | 'sequence'>;
/** An item as a protocol makes it; the feed adds when it came, by which epoch, and its number. */
export type RawItem = Raw<Sample> | Raw<MachineEvent> | Raw<Frame> | Raw<Gap>;

export interface FeedOptions {
  readonly nowMs: () => number;
  /** What happens to samples beyond `most`: the pusher waits, or the oldest give way to one counted gap. */
  readonly whenFull: 'waits' | 'gap';
  /** Items held that nobody has taken yet. */
  readonly most?: number;
  /** Batches handed out and not acknowledged. */
  readonly mostUnacknowledged?: number;
  readonly largestBatch?: number;
}

/**
 * The way from a protocol to whoever reads its link: numbers items within an epoch, groups what has gathered into batches,
 * and is bounded. Events and frames are never dropped: where there is no room for them, `push` waits.
 */
export class Feed {
  readonly #o: Required<FeedOptions>;
  #epoch = '';
  #sequence = 0;
  #queue: Item[] = [];
  #unacknowledged = 0;
  #closed = false;
  #taken = false;
  #changed: (() => void)[] = [];

  constructor(options: FeedOptions) {
    this.#o = { most: 20_000, mostUnacknowledged: 4, largestBatch: 2_000, ...options };
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** Items held that nobody has taken. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** A new connection, session or birth: numbers begin at 0. */
  begin(epoch: string): void {
    this.#epoch = epoch;
    this.#sequence = 0;
  }

  /** Resolves when the items have room; their order is kept between calls that are awaited one by one. */
  async push(raw: readonly RawItem[]): Promise<void> {
    if (this.#closed || raw.length === 0) return;
    const { most, whenFull, nowMs } = this.#o;
    const receivedMs = nowMs();
    const items = raw.map((one) => {
      const item = { ...one, receivedMs, epoch: this.#epoch, sequence: this.#sequence } as Item;
      this.#sequence += numbers(item);
      return item;
    });
    this.#queue.push(...items);
    if (whenFull === 'gap') this.#giveWay();
    this.#tell();
    while (this.#queue.length > most && !this.#closed) await this.#change();
  }

  /** Once. Ends when the feed is closed and everything held has been taken. */
  async *batches(): AsyncGenerator<Batch> {
    if (this.#taken) throw new RangeError('the batches of a link are iterated once');
    this.#taken = true;
    while (true) {
      while (this.#queue.length === 0 || this.#unacknowledged >= this.#o.mostUnacknowledged) {
        if (this.#closed && this.#queue.length === 0) return;
        await this.#change();
      }
      const items = this.#queue.splice(0, this.#o.largestBatch);
      this.#unacknowledged += 1;
      this.#tell();
      let open = true;
      yield {
        items,
        ack: async () => {
          if (!open) return;
          open = false;
          this.#unacknowledged -= 1;
          this.#tell();
        },
      };
    }
  }

  close(): void {
    this.#closed = true;
    this.#tell();
  }

  /** The oldest run of samples becomes one gap that stands for their numbers; events and frames are stepped over. */
  #giveWay(): void {
    const mayGo = (one: Item | undefined): one is Sample | Gap =>
      one?.kind === 'sample' || one?.kind === 'gap';
    for (let from = 0; this.#queue.length > this.#o.most && from < this.#queue.length; from += 1) {
      const first = this.#queue[from] as Item;
      const excess = this.#queue.length - this.#o.most + 1;
      let to = from;
      let missing = 0;
      for (
        let one: Item | undefined = first;
        mayGo(one) && one?.epoch === first.epoch && to - from < excess;
      ) {
        missing += numbers(one);
        to += 1;
        one = this.#queue[to];
      }
      if (to - from < 2) continue;
      const why = 'more came than was taken';
      const { epoch, sequence, receivedMs } = first;
      this.#queue.splice(from, to - from, {
        kind: 'gap',
        tag: null,
        missing,
        why,
        receivedMs,
        epoch,
        sequence,
      });
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

/** Sequence numbers that an item stands for. */
function numbers(item: Item): number {
  return item.kind === 'gap' ? Math.max(1, item.missing ?? 1) : 1;
}
