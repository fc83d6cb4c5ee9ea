export interface CounterOptions {
  /** The reading after which it begins again at 0: 2^32 for 32 bits, less where the device says so. */
  readonly limit: number;
  /** The most that it can grow in one second, in its own unit; a larger step is a reset or another device. */
  readonly mostPerSecond: number;
}

/** Survives a restart of the program as plain data. */
export interface CounterState {
  readonly reading: number;
  readonly atMs: number;
  /** What was counted since the first reading; never falls. */
  readonly total: number;
  /** Rises with every reset: between two readings of different epochs nobody knows how much there was. */
  readonly epoch: number;
}

export interface CounterStep {
  /** `first`: nothing to compare with. `reset`: it began anew; `step` is then 0, and what ran meanwhile is not known. */
  readonly what: 'first' | 'step' | 'roll-over' | 'reset' | 'out-of-order';
  /** What was counted since the reading before; never negative. */
  readonly step: number;
  readonly state: CounterState;
}

/**
 * Follows a counter that only rises (energy, pieces): through its roll-over, and through resets and exchanges of the device,
 * without ever counting backwards or counting a jump that cannot be.
 */
export class CounterTrack {
  readonly #o: CounterOptions;
  #state: CounterState | null;

  /** @throws RangeError where limit or rate are not positive. */
  constructor(options: CounterOptions, state: CounterState | null = null) {
    if (!(options.limit > 0) || !(options.mostPerSecond > 0))
      throw new RangeError('a counter needs a positive limit and a positive rate');
    this.#o = options;
    this.#state = state;
  }

  get state(): CounterState | null {
    return this.#state;
  }

  /** @throws RangeError where the reading is no number from 0 to below the limit. */
  take(reading: number, atMs: number): CounterStep {
    const { limit, mostPerSecond } = this.#o;
    if (!(reading >= 0 && reading < limit))
      throw new RangeError(`a reading of ${reading} is not from 0 to below ${limit}`);
    const before = this.#state;
    if (before === null) return this.#keep('first', 0, { reading, atMs, total: 0, epoch: 0 });
    const { total, epoch } = before;
    if (atMs < before.atMs) return { what: 'out-of-order', step: 0, state: before };
    // A device may show its count up to one unit late.
    const most = (mostPerSecond * (atMs - before.atMs)) / 1000 + 1;
    const up = reading - before.reading;
    if (up >= 0 && up <= most) return this.#keep('step', up, { reading, atMs, total: total + up, epoch });
    const over = limit - before.reading + reading;
    if (up < 0 && over <= most)
      return this.#keep('roll-over', over, { reading, atMs, total: total + over, epoch });
    return this.#keep('reset', 0, { reading, atMs, total, epoch: epoch + 1 });
  }

  #keep(what: CounterStep['what'], step: number, state: CounterState): CounterStep {
    this.#state = state;
    return { what, step, state };
  }
}
