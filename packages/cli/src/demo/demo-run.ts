import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Broker, startBroker } from '@selvedge/connect';
import type { StageShow } from '@selvedge/core/records';
import type { Stage } from '@selvedge/site';
import { lineModel } from './line-model.js';
import { CUT, type MomentId, SEAM, STORY, TEMPLATE, THREAD } from './moments.js';
import { type PlantOutcome, plantOutcome } from './outcome.js';
import { type DemoPlant, openPlant } from './plants.js';
import { DEMO_TERMS } from './sewing-site.js';
import { stageFacts, stageShows } from './shows.js';
import { type Played, type Told, tellAll } from './story.js';

export interface DemoOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly speed: number;
  /** 0: any free port. */
  readonly port: number;
  readonly headless: boolean;
  /** The fitted model is kept here from run to run; everything else of a run goes when it ends. */
  readonly modelFolder: string;
}

export interface DemoVoice {
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** What a demo prints at its end. Every figure in it is simulated. */
export interface DemoDocument {
  readonly specVersion: '1';
  readonly origin: 'simulated';
  readonly seed: number;
  readonly minutes: number;
  /** Seconds of the lines in one second of the clock. */
  readonly timeFactor: number;
  readonly broker: 'mosquitto' | 'embedded';
  readonly terms: typeof DEMO_TERMS;
  readonly readers: string;
  /** What these figures can say, and what they cannot. */
  readonly evidence: string;
  readonly moments: readonly {
    readonly moment: MomentId;
    readonly atSeconds: number;
    readonly failed?: string;
    /** Of the last playing of a moment. */
    readonly told?: Told;
  }[];
  readonly plants: readonly PlantOutcome[];
}

const MODEL_MS = 180_000;
const DRAIN_MS = 25_000;
const SEAM_MS = 30_000;
/** Digits and letters that nobody takes for one another. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const EVIDENCE =
  'One run is no evidence that a lease helps: each setting states its pairs of covers (n) and the exact 95 % interval over them, and intervals of moments treat covers of one run as independent. The proof is the coin pairs of each gate and the study seat-sewing.';

/** Plays the story and returns its ledger. Whatever happens, nothing that it started is left behind. */
export async function runDemo(options: DemoOptions, { signal, say }: DemoVoice): Promise<DemoDocument> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-demo-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const demo = new Demo({ ...options, folder, closers, signal, say });
    await demo.open();
    return await demo.play();
  } finally {
    for (const closer of closers.splice(0).reverse())
      await closer().catch((error) => say(`${String(error)}\n`));
  }
}

interface Running extends DemoOptions, DemoVoice {
  readonly folder: string;
  readonly closers: (() => Promise<unknown>)[];
}

class Demo {
  readonly #o: Running;
  readonly #plants: DemoPlant[] = [];
  readonly #played: Played[] = [];
  readonly #presenter: { readonly name: string; readonly password: string };
  #broker: Broker | null = null;
  #brokerAt = { url: '', version: 5 as 4 | 5, port: 0 };
  #model = '';
  #modelKnown = false;
  #modelThere: Promise<void> = Promise.resolve();
  #joining: Promise<void> | null = null;
  #telling: Promise<void> | null = null;
  #shows: readonly StageShow[] = [];
  #fromMs = Date.now();

  constructor(options: Running) {
    this.#o = options;
    const code = Array.from({ length: 16 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    this.#presenter = { name: 'Presenter', password: code.replace(/(.{4})(?=.)/g, '$1-') };
  }

  async open(): Promise<void> {
    const { say, speed, modelFolder, closers } = this.#o;
    say(`Everything here is simulated; the lines run ${speed} times as fast as real ones.\n`);
    const { file, there, known } = lineModel(modelFolder);
    this.#modelKnown = known;
    this.#model = file;
    this.#modelThere = there;
    await this.#openBroker(0);
    closers.push(async () => this.#broker?.stop());
    await this.#openPlant('a');
    await this.#modelAtWork();
  }

  async play(): Promise<DemoDocument> {
    const { minutes, signal, headless, say } = this.#o;
    const lengthMs = minutes * 60_000;
    this.#fromMs = Date.now();
    const playing: Promise<void>[] = [];
    for (const { id, at, latest = at } of STORY)
      playing.push(
        (async () => {
          await this.#until(this.#fromMs + at * lengthMs);
          const latestMs = this.#fromMs + latest * lengthMs;
          while (!this.#opened() && Date.now() < latestMs && !signal.aborted)
            await this.#until(Math.min(latestMs, Date.now() + 250));
          if (!signal.aborted) await this.moment(id).catch(() => {});
        })(),
      );
    await this.#until(this.#fromMs + lengthMs);
    await Promise.all(playing);
    if (!headless && !signal.aborted) {
      say('The story is over; the lines go on and the moments stay on the stage. Stop with Ctrl-C.\n');
      await this.#until(Number.POSITIVE_INFINITY);
    }
    return this.#end();
  }

  /** The gate of the first machine has left its shadow. */
  #opened(): boolean {
    return this.#plants[0]?.gates.inShadow('top-stitch-1') === false;
  }

  /** One moment, from the story or from the stage of the console; resolves when it is over. */
  async moment(id: MomentId): Promise<void> {
    const title = STORY.find((one) => one.id === id)?.title.en ?? id;
    const played: Played = { id, atMs: Date.now(), backMs: null, over: false };
    const at = ((played.atMs - this.#fromMs) / 1000).toFixed(1);
    this.#o.say(`${at.padStart(6)} s  ${title}\n`);
    this.#played.push(played);
    try {
      await this.#let(played);
    } catch (error) {
      played.failed = error instanceof Error ? error.message : String(error);
      this.#o.say(`          it did not work: ${played.failed}\n`);
      throw error;
    } finally {
      played.over = true;
    }
  }

  async #let(played: Played): Promise<void> {
    const line = this.#plants[0]?.line;
    if (line === undefined) throw new Error('the line is not there yet');
    const { id } = played;
    if (id === 'thread-lot') await line.do({ do: 'thread-lot', ...THREAD });
    if (id === 'curve') await line.do({ do: 'template', ...TEMPLATE });
    if (id === 'skip') await line.do({ do: 'skip', machine: 'm1' });
    if (id === 'seam') await this.#slowly();
    if (id === 'second-plant') await this.#join();
    if (id === 'cut') await this.#cut(played);
  }

  /** Over when both machines have sewn what was to be sewn slowly. */
  async #slowly(): Promise<void> {
    const line = this.#plants[0]?.line;
    if (line === undefined) return;
    const before = (await line.state()).made;
    await line.do({ do: 'slow', ...SEAM });
    const untilMs = Date.now() + SEAM_MS;
    while (Date.now() < untilMs && !this.#o.signal.aborted) {
      const { made } = await line.state();
      if (Object.entries(made).every(([machine, n]) => n - (before[machine] ?? 0) > SEAM.seams)) return;
      await this.#until(Date.now() + 250);
    }
  }

  /** A plant joins once; asked again while it is there, its figures are simply told from now on. */
  async #join(): Promise<void> {
    this.#joining ??= this.#openPlant('b').catch((error) => {
      this.#joining = null;
      throw error;
    });
    await this.#joining;
  }

  async #openBroker(port: number): Promise<void> {
    this.#broker = await startBroker({ port });
    const { url, version } = this.#broker;
    this.#brokerAt = { url, version, port: this.#broker.port };
  }

  /** The broker goes without a word and comes back where it was: neither line nor site is told. */
  async #cut(played: Played): Promise<void> {
    const { minutes } = this.#o;
    const ms = Math.min(CUT.mostMs, Math.max(CUT.leastMs, CUT.share * minutes * 60_000));
    await this.#broker?.stop('kill');
    await this.#until(Date.now() + ms);
    await this.#openBroker(this.#brokerAt.port);
    played.backMs = Date.now();
  }

  async #openPlant(letter: 'a' | 'b'): Promise<void> {
    const { folder, seed, speed, closers, signal, say, headless, port } = this.#o;
    const name = `Plant ${letter.toUpperCase()}`;
    const plant = await openPlant({
      ...{ letter, folder, seed, speed, closers, signal, mqtt: this.#brokerAt, model: this.#model },
      ...{ port: letter === 'a' ? port : 0, stage: letter === 'a' ? this.#stage() : null },
      watched: !headless,
      presenter: this.#presenter,
      onListening: (address) => {
        say(`          ${name} [simulated]: ${address}\n`);
        if (letter === 'a')
          say(
            `          sign in as "${this.#presenter.name}" with this one-time code, good for this run: ${this.#presenter.password}\n`,
          );
      },
    });
    this.#plants.push(plant);
    const { escapeRate, confidence } = DEMO_TERMS;
    say(
      `          ${name} sews; signed as its owner: at most ${100 * escapeRate} % escapes at ${100 * confidence} % confidence, and the leases of both settings; gates shut\n`,
    );
  }

  /** The story begins when the model has come; until then people judge every cover, and the lines sew. */
  async #modelAtWork(): Promise<void> {
    const { signal, say } = this.#o;
    const atWork = (): boolean => this.#plants[0]?.gates.modelled === true;
    if (!this.#modelKnown)
      say('          The model that travels is being fitted at three other simulated plants (once) …\n');
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    await Promise.race([this.#modelThere, stopped]);
    const untilMs = Date.now() + MODEL_MS;
    while (!atWork() && !signal.aborted) {
      if (Date.now() > untilMs) throw new Error('the model is not at work at Plant A');
      await this.#until(Date.now() + 200);
    }
    signal.throwIfAborted();
    say('          The model is at work; every gate begins in shadow.\n');
  }

  #stage(): Stage {
    return {
      moments: STORY.map(({ id, title, about }) => ({ id, title, about })),
      play: async (id) => {
        const found = STORY.find((one) => one.id === id);
        if (found !== undefined) await this.moment(found.id);
      },
      // The schedule plays them too.
      playing: () =>
        new Map(
          this.#played.map(({ id, atMs, over, failed }) => [
            id,
            {
              state: failed !== undefined ? 'failed' : over ? 'played' : 'playing',
              ...{ atMs, why: failed ?? '' },
            },
          ]),
        ),
      facts: () => stageFacts(this.#plants, this.#o),
      shows: () => this.#told(),
    };
  }

  /** As last told; a machine that is busy shows what was a moment ago rather than nothing. */
  #told(): readonly StageShow[] {
    this.#telling ??= tellAll(this.#played, this.#plants)
      .then((told) => {
        this.#shows = stageShows(told);
      })
      .catch(() => {})
      .finally(() => {
        this.#telling = null;
      });
    return this.#shows;
  }

  /** No further cover; what waits gets its time; then the figures. */
  async #end(): Promise<DemoDocument> {
    const { seed, minutes, speed } = this.#o;
    await Promise.all(this.#plants.map(({ line }) => line.do({ do: 'finish' }).catch(() => {})));
    const untilMs = performance.now() + DRAIN_MS;
    while (performance.now() < untilMs && !this.#o.signal.aborted) {
      const states = await Promise.all(this.#plants.map(({ line }) => line.state().catch(() => null)));
      if (states.every((one) => one === null || Object.values(one.waiting).every((n) => n === 0))) break;
      await wait(200);
    }
    const plants: PlantOutcome[] = [];
    for (const { letter, ledger, site } of this.#plants)
      plants.push(await plantOutcome(letter, { ledger, client: site.client }));
    const told = new Map((await tellAll(this.#played, this.#plants)).map((one) => [one.moment, one]));
    return {
      ...{ specVersion: '1', origin: 'simulated', seed, minutes, timeFactor: speed },
      ...{ broker: this.#broker?.kind ?? 'embedded', terms: DEMO_TERMS },
      readers: 'simulated: who answers what nobody took knows the truth and misses nothing',
      evidence: EVIDENCE,
      moments: this.#played.map(({ id, atMs, failed }, i) => {
        const atSeconds = Math.round((atMs - this.#fromMs) / 100) / 10;
        const of = this.#played.slice(i + 1).some((one) => one.id === id) ? undefined : told.get(id);
        return {
          ...{ moment: id, atSeconds },
          ...(failed === undefined ? {} : { failed }),
          ...(of === undefined ? {} : { told: of }),
        };
      }),
      plants,
    };
  }

  /** @param atMs epoch ms */
  async #until(atMs: number): Promise<void> {
    const { signal } = this.#o;
    while (Date.now() < atMs && !signal.aborted)
      await wait(Math.min(1000, Math.max(1, atMs - Date.now())), undefined, { signal }).catch(() => {});
  }
}
