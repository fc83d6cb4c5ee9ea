import { randomUUID } from 'node:crypto';
import { type Blobs, type Journal, Reserve, type RetentionPolicy } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { type Arrival, LiveStation, type Output } from './live-station.js';
import type { InstalledModel } from './model.js';
import { Secrets } from './secrets.js';
import { Space } from './space.js';
import type { StationConfig } from './station-config.js';

/** How often answers leave and deadlines are looked at. */
const SWEEP_MS = 100;
/** How often gates look at the time, and content is thinned. */
const TICK_MS = 60_000;
/** How often the free space is looked at: a disk that somebody else fills is full within seconds. */
const SPACE_MS = 1000;
/** A wall clock that moved so far against the steady one was stepped. */
const STEP_MS = 5_000;

export interface LiveSiteOptions {
  readonly folder: string;
  readonly stations: readonly StationConfig[];
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: SiteClock;
  readonly models: ReadonlyMap<string, InstalledModel>;
  readonly output: (station: string) => Output;
  readonly retention: RetentionPolicy;
  readonly reserve?: Reserve;
  /** Bytes that the disk can still take; default: of the disk. */
  readonly freeBytes?: () => Promise<number>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly progress?: (done: number, what: string) => void;
}

/**
 * The stations of a plant at work, and what watches over them: deadlines, the time, the disk. One station's trouble
 * never stalls another.
 */
export class LiveSite {
  readonly stations: ReadonlyMap<string, LiveStation>;
  readonly secrets: Secrets;
  readonly space: Space;
  readonly #o: LiveSiteOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #busy = new Set<string>();
  #offset: number;

  private constructor(
    options: LiveSiteOptions,
    secrets: Secrets,
    stations: ReadonlyMap<string, LiveStation>,
  ) {
    this.#o = options;
    this.secrets = secrets;
    this.stations = stations;
    const { journal, blobs, clock, log, freeBytes, reserve = new Reserve(options.folder) } = options;
    this.space = new Space({
      ...{ journal, blobs, clock, log, reserve, policy: options.retention },
      stations: () => stations.values(),
      ...(freeBytes && { freeBytes }),
    });
    this.#offset = options.clock.nowMs() - options.clock.steadyMs();
  }

  static async open(options: LiveSiteOptions): Promise<LiveSite> {
    const secrets = await Secrets.open(options.folder);
    const stations = new Map<string, LiveStation>();
    for (const [i, config] of options.stations.entries()) {
      // A gate that has watched a million units reads their scores first: a few seconds in which nothing else is done.
      options.progress?.(i / options.stations.length, `taking up ${config.name}`);
      const { journal, blobs, clock, models, output, log } = options;
      const epoch = journal.db.prepare('SELECT state FROM gate WHERE station = ?').get(config.id);
      const known =
        epoch === undefined ? null : await secrets.read(config.id, JSON.parse(String(epoch.state)).epoch);
      const station = new LiveStation({
        config,
        ...{ journal, blobs, clock, log },
        model: models.get(config.id) ?? null,
        // Without the secret of its epoch a gate could not audit as it promised: see `closeUnsecured`.
        secret: known ?? Buffer.alloc(32),
        output: output(config.id),
        newId: randomUUID,
      });
      stations.set(config.id, station);
      if (epoch !== undefined && known === null && station.gate?.name !== 'closed')
        await station.desk.tell({
          type: 'signature-bad',
          why: 'the audit secret of this epoch is missing',
          atMs: Math.round(clock.nowMs()),
        });
      station.takeUp();
    }
    return new LiveSite(options, secrets, stations);
  }

  /** @throws RangeError where there is no such station. */
  station(id: string): LiveStation {
    const station = this.stations.get(id);
    if (station === undefined) throw new RangeError(`there is no station ${id}`);
    return station;
  }

  /** The station that holds an open question, or null. */
  stationOf(question: string): LiveStation | null {
    for (const station of this.stations.values())
      if (station.answers.questions.get(question) !== null) return station;
    return null;
  }

  arrive(station: string, unit: Arrival): Promise<{ seq: number; again: boolean }> {
    return this.station(station).arrive(unit);
  }

  /** Begins to watch deadlines, the clock and the disk. */
  start(): void {
    const every = (ms: number, name: string, act: () => Promise<void>): void => {
      this.#timers.push(
        setInterval(() => {
          // A slow disk makes a sweep late, never two at once.
          if (this.#busy.has(name)) return;
          this.#busy.add(name);
          act()
            .catch((error) => this.#o.log(`${name}-failed`, { error: String(error) }))
            .finally(() => this.#busy.delete(name));
        }, ms),
      );
    };
    for (const [id, station] of this.stations) {
      every(SWEEP_MS, `sweep ${id}`, () => station.answers.sweep());
      every(TICK_MS, `tick ${id}`, () => station.desk.tick());
    }
    every(1000, 'clock', () => this.lookAtClock());
    every(TICK_MS, 'retention', () => this.space.keep());
    every(SPACE_MS, 'space', () => this.space.look());
  }

  /** Writes down a wall clock that was stepped; deadlines run on the steady one and do not notice. */
  async lookAtClock(): Promise<void> {
    const { clock, journal } = this.#o;
    const offset = clock.nowMs() - clock.steadyMs();
    const byMs = offset - this.#offset;
    if (Math.abs(byMs) < STEP_MS) return;
    this.#offset = offset;
    await journal.append(factOf('clock-stepped', { subject: null, atMs: clock.nowMs(), body: { byMs } }));
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.stations.values()].map((station) => station.close()));
  }
}
