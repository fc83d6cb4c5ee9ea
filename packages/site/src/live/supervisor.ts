import { setMaxListeners } from 'node:events';
import type { Trouble } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';

/** Shortest and longest pause before a part is started again; each is drawn between half of it and the whole. */
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
/** Parts that are told to stop get so long. */
const STOP_MS = 5000;
const LONGEST_WHY = 500;

/** A trouble that has words in every language. */
export type PartTrouble = Omit<Trouble, 'part'>;

/** What a part is handed while it runs. */
export interface Heart {
  /** Aborted when the site stops: `run` has to end soon after. */
  readonly signal: AbortSignal;
  /** It works: written once, and again after every trouble. */
  up(why?: string): Promise<void>;
  /** It does not work and goes on trying by itself: written, and shown among the troubles of its station. */
  down(why: string): Promise<void>;
  /** A lasting trouble that does not stop it, by name; null takes it away. A text is shown as it is. Not written. */
  trouble(name: string, what: PartTrouble | string | null): void;
  /** Something that people have to find later; written. */
  note(why: string): Promise<void>;
}

/** A source, a fit, the loading of a model: whatever may fail without the site. */
export interface Part {
  /** At most 200 characters; the subject of its rows. */
  readonly name: string;
  readonly station: string;
  /** Resolves when its work is done for good; whatever it throws starts it again. */
  run(heart: Heart): Promise<void>;
}

export interface SupervisorOptions {
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** 0..1, for the jitter. */
  readonly random?: () => number;
  readonly firstMs?: number;
  readonly longestMs?: number;
}

interface Watched {
  readonly part: Part;
  readonly troubles: Map<string, Trouble>;
  readonly ended: Promise<void>;
}

/** Keeps the parts of a site running: what crashes is written down, shown, and started again after a growing pause. */
export class Supervisor {
  readonly #o: SupervisorOptions;
  readonly #stop = new AbortController();
  readonly #watched = new Map<string, Watched>();

  constructor(options: SupervisorOptions) {
    this.#o = options;
    // Every part listens for the stop.
    setMaxListeners(0, this.#stop.signal);
  }

  /**
   * Starts a part. Resolves when it says that it is up, has ended, or has failed for the first time; never rejects.
   * @throws RangeError where a part of that name runs already.
   */
  watch(part: Part): Promise<void> {
    if (this.#watched.has(part.name)) throw new RangeError(`the part ${part.name} runs already`);
    const troubles = new Map<string, Trouble>();
    let ready = (): void => {};
    const settled = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const ended = this.#keep(part, troubles, ready).finally(ready);
    this.#watched.set(part.name, { part, troubles, ended });
    return settled;
  }

  /** What is wrong with the parts of a station. */
  troubles(station: string): Trouble[] {
    return [...this.#watched.values()].flatMap(({ part, troubles }) =>
      part.station === station ? [...troubles.values()] : [],
    );
  }

  /** Tells every part to stop and waits for them, a few seconds at most. */
  async close(): Promise<void> {
    this.#stop.abort();
    const ended = Promise.all([...this.#watched.values()].map((one) => one.ended));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([ended, late]);
    clearTimeout(timer);
  }

  async #keep(part: Part, troubles: Map<string, Trouble>, ready: () => void): Promise<void> {
    const { log, clock, random = Math.random, firstMs = FIRST_MS, longestMs = LONGEST_MS } = this.#o;
    const { signal } = this.#stop;
    let said: string | null = null;
    const write = async (state: 'up' | 'down' | 'restarting', why: string): Promise<void> => {
      // A part that fails a thousand times for one reason has one row of it.
      if (said === `${state} ${why}`) return;
      said = `${state} ${why}`;
      await this.#write(part.name, state, why);
    };
    const heart: Heart = {
      signal,
      up: async (why = 'it works') => {
        troubles.delete('down');
        if (said?.startsWith('up ') !== true) await write('up', why);
        ready();
      },
      down: async (why) => {
        troubles.set('down', { code: 'down', part: part.name, values: { why } });
        log('part-down', { part: part.name, why });
        await write('down', why);
        ready();
      },
      trouble: (name, what) => {
        if (what === null) troubles.delete(name);
        else {
          const of = typeof what === 'string' ? { code: 'says' as const, values: { text: what } } : what;
          troubles.set(name, { ...of, part: part.name });
        }
      },
      note: (why) => this.#write(part.name, 'up', why),
    };
    for (let failed = 0; !signal.aborted; ) {
      const from = clock.steadyMs();
      try {
        await part.run(heart);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // What has run well for long enough begins from the shortest pause.
        failed = clock.steadyMs() - from > longestMs ? 1 : failed + 1;
        const why = error instanceof Error ? error.message : String(error);
        const whole = Math.min(longestMs, firstMs * 2 ** (failed - 1));
        const afterMs = whole * (0.5 + 0.5 * random());
        log('part-crashed', { part: part.name, why, failed, afterMs: Math.round(afterMs) });
        troubles.set('down', { code: 'retried', part: part.name, values: { why } });
        await write('restarting', why);
        ready();
        await pause(afterMs, signal);
      }
    }
  }

  /** A journal that does not take the row has told so itself; the part goes on. */
  async #write(part: string, state: 'up' | 'down' | 'restarting', why: string): Promise<void> {
    const { journal, clock, log } = this.#o;
    const body = { part, state, why: why.slice(0, LONGEST_WHY) };
    await journal
      .append(factOf('part', { subject: part, atMs: clock.nowMs(), body }))
      .catch((error) => log('part-not-written', { part, state, error: String(error) }));
  }
}

/** Waits, or until the signal says stop. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
