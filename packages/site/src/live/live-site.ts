import { randomUUID } from 'node:crypto';
import { type Blobs, type Journal, type RetentionPolicy, retain } from '@selvedge/store';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { type Arrival, LiveStation, type Output } from './live-station.js';
import type { InstalledModel } from './model.js';
import { Secrets } from './secrets.js';
import type { StationConfig } from './station-config.js';

/** How often answers leave and deadlines are looked at. */
const SWEEP_MS = 100;
/** How often gates look at the time, and the disk is looked at. */
const TICK_MS = 60_000;
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
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/**
 * The stations of a plant at work, and what watches over them: deadlines, the time, the disk. One station's trouble
 * never stalls another.
 */
export class LiveSite {
  readonly stations: ReadonlyMap<string, LiveStation>;
  readonly secrets: Secrets;
  readonly #o: LiveSiteOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #busy = new Set<string>();
  #offset: number;
  #diskFull = false;

  private constructor(
    options: LiveSiteOptions,
    secrets: Secrets,
    stations: ReadonlyMap<string, LiveStation>,
  ) {
    this.#o = options;
    this.secrets = secrets;
    this.stations = stations;
    this.#offset = options.clock.nowMs() - options.clock.steadyMs();
  }

  static async open(options: LiveSiteOptions): Promise<LiveSite> {
    const secrets = await Secrets.open(options.folder);
    const stations = new Map<string, LiveStation>();
    for (const config of options.stations) {
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
    every(TICK_MS, 'retention', () => this.lookAtDisk());
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

  /** Keeps content within its budgets; below the hard floor the gates close, since the record itself is in danger. */
  async lookAtDisk(): Promise<void> {
    const { journal, blobs, retention, clock, log } = this.#o;
    const report = await retain(journal, blobs, retention, { nowMs: () => Math.round(clock.nowMs()) });
    if (report.evicted > 0) log('retention', { ...report });
    if (report.closed && !this.#diskFull) {
      const why = `the disk has ${Math.round(report.freeBytes / 1e6)} MB left, below the hard floor`;
      for (const station of this.stations.values()) {
        const name = station.gate?.name;
        if (name !== undefined && name !== 'closed')
          await station.desk.tell({ type: 'journal-failed', why, atMs: Math.round(clock.nowMs()) });
      }
    }
    this.#diskFull = report.closed;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.stations.values()].map((station) => station.close()));
  }
}
