import { createRandom, type Random } from '@selvedge/models';
import type { Blobs, Journal } from '@selvedge/store';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import { fitInThread } from '../live/fit-model.js';
import { installModel } from '../live/installed-models.js';
import type { LiveSite } from '../live/live-site.js';
import type { LiveStation, PastUnit } from '../live/live-station.js';
import { signBudget } from '../live/signing.js';

/** A simulated unit with its truth, and what people did by hand while it was made. */
export interface SimulatedUnit extends PastUnit {
  readonly interventions: readonly { readonly type: string; readonly seconds: number }[];
}

/** What a pack's simulator is to a site: units without end, the same for the same seed. */
export type Simulate = (seed: number) => Iterator<SimulatedUnit>;

export interface SimulatedOptions {
  readonly station: LiveStation;
  readonly live: Pick<LiveSite, 'secrets'>;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: SiteClock;
  readonly simulate: Simulate;
  readonly seed: number;
  readonly unitsPerMinute: number;
  /** Units that were made and judged before the site began: the first fit the model, the others are the shadow. */
  readonly past: { readonly fit: number; readonly shadow: number };
  readonly recipe: 'auto' | 'novelty' | 'supervised';
  readonly escapeRate: number;
  readonly readers: SimulatedReaders;
  readonly progress: (done: number, what: string) => void;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** People who answer where nobody real does: a declared part of the simulation. */
export interface SimulatedReaders {
  /** A question is theirs once it has waited so long: whoever sits at a tablet comes first. */
  readonly afterMs: number;
  /** Share of bad units that they call good. */
  readonly missRate: number;
}

const READER = 'user:simulated-reader';
const SIGNER = 'user:simulated-quality';
const BATCH = 500;
const LOOK_MS = 500;
/** Somebody who answered so recently is there; the reader then leaves them all but the last of the time. */
const PRESENT_MS = 300_000;
const LAST_MS = 3000;
/** How long units of the past are made before anything else has its turn. */
const SLICE_MS = 8;

/**
 * A simulated line as the source of a station. Where the journal knows no model yet its past is made first: a model is
 * fitted, a budget is signed by a simulated person, and the judged units of the past are the shadow of the gate. Every row
 * says that it is simulated, since the site's origin does.
 */
export class SimulatedSource {
  readonly #o: SimulatedOptions;
  readonly #units: Iterator<SimulatedUnit>;
  readonly #random: Random;
  readonly #truth = new Map<string, { label: string; bad: boolean }>();
  readonly #timers: NodeJS.Timeout[] = [];
  #answering = false;
  /** When a person last answered here. */
  #personSteadyMs = Number.NEGATIVE_INFINITY;

  private constructor(options: SimulatedOptions) {
    this.#o = options;
    this.#units = options.simulate(options.seed);
    this.#random = createRandom(options.seed ^ 0x51a7);
  }

  /** Makes the past where there is none, else goes on after the units that the journal has. */
  static async open(options: SimulatedOptions, signal?: AbortSignal): Promise<SimulatedSource> {
    const source = new SimulatedSource(options);
    if (options.station.model === null) await source.#makePast();
    else await source.#skip(signal);
    return source;
  }

  start(): void {
    const gapMs = 60_000 / this.#o.unitsPerMinute;
    this.#timers.push(
      setInterval(
        () => this.#sew().catch((error) => this.#o.log('source-failed', { error: String(error) })),
        gapMs,
      ),
      setInterval(
        () => this.#answer().catch((error) => this.#o.log('reader-failed', { error: String(error) })),
        LOOK_MS,
      ),
    );
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async #makePast(): Promise<void> {
    const { past, station, live, journal, clock, recipe, seed, escapeRate, progress } = this.#o;
    const fit = this.#take(past.fit);
    progress(0, 'fitting a model to the judged units of the past');
    const fitted = await fitInThread(
      {
        recipe,
        seed,
        units: fit.map(({ id, label, lot, observation }) => ({
          ...{ id, label, observation },
          ...(lot === null ? {} : { group: lot }),
        })),
      },
      (done) => progress(0.5 * done, 'fitting a model to the judged units of the past'),
    );
    const bad = fit.map((unit) => unit.bad);
    const model = await installModel(this.#o, { station: station.config.id, fitted, bad, escapeRate });
    await station.desk.exclusively(async () => station.renew(Buffer.alloc(32), model));
    const budget = { escapeRate, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };
    const reason = 'simulated: the budget of the built-in line';
    await signBudget(
      station,
      { budget, plannedUnits: past.shadow, user: SIGNER, reason },
      { journal, secrets: live.secrets, clock },
    );
    for (let from = 0; from < past.shadow; from += BATCH) {
      await station.takePast(this.#take(Math.min(BATCH, past.shadow - from)), READER);
      progress(0.5 + (0.5 * from) / past.shadow, 'shadow: units that people have judged');
    }
  }

  /** Every unit is drawn after the one before, so those that came by are made once more, a few at a time: people look on. */
  async #skip(signal?: AbortSignal): Promise<void> {
    const { journal, station, past, progress } = this.#o;
    const row = journal.db.prepare('SELECT count(*) AS n FROM unit WHERE station = ?').get(station.config.id);
    const gone = past.fit + Number(row?.n);
    for (let n = 0; n < gone && signal?.aborted !== true; ) {
      progress(n / gone, 'bringing the simulated line to where it stopped');
      for (const until = performance.now() + SLICE_MS; n < gone && performance.now() < until; n++)
        this.#units.next();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #take(count: number): SimulatedUnit[] {
    return Array.from({ length: count }, () => this.#units.next().value as SimulatedUnit);
  }

  async #sew(): Promise<void> {
    const { station, journal, clock } = this.#o;
    const [unit] = this.#take(1);
    if (unit === undefined) return;
    this.#truth.set(unit.id, { label: unit.label, bad: unit.bad });
    await station.arrive({ ...unit, sourceAtMs: Math.round(clock.nowMs()) });
    const facts = unit.interventions.map(({ type, seconds }) =>
      factOf('intervened', {
        subject: unit.id,
        atMs: clock.nowMs(),
        body: { station: station.config.id, type, seconds, user: null, verdict: false },
      }),
    );
    if (facts.length > 0) await journal.appendAll(facts);
    if (this.#truth.size > 10_000) this.#truth.delete(this.#truth.keys().next().value!);
  }

  async #answer(): Promise<void> {
    if (this.#answering) return;
    this.#answering = true;
    try {
      const { station, clock, readers } = this.#o;
      const good = station.config.choices.find((choice) => !choice.bad)!.label;
      for (const { id, unit, askedAtMs, deadlineAtMs, first, last } of station.answers.questions.list()) {
        if (last !== null && last.user !== READER) this.#personSteadyMs = clock.steadyMs();
        const waited = clock.nowMs() - askedAtMs;
        const truth = this.#truth.get(unit);
        // Whoever sits at a tablet has the whole time, and their undo is theirs.
        const present = clock.steadyMs() - this.#personSteadyMs < PRESENT_MS;
        const afterMs = present ? deadlineAtMs - askedAtMs - LAST_MS : readers.afterMs;
        if (truth === undefined || first !== null || waited < afterMs) continue;
        const known = station.config.choices.some((choice) => choice.label === truth.label);
        const missed = truth.bad && this.#random.next() < readers.missRate;
        const label = missed ? good : known ? truth.label : station.config.choices.find((c) => c.bad)!.label;
        await station.answers.answer(id, { user: READER, label, by: 'api', tookMs: waited });
      }
    } finally {
      this.#answering = false;
    }
  }
}
