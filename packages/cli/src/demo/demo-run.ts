import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startBroker } from '@selvedge/connect';
import { loadConfig, openSite } from '@selvedge/site';
import { LineChild } from './line-child.js';
import { makeLineModel } from './line-model.js';
import { STORY, type StoryMoment } from './moments.js';
import { type PlantOutcome, plantOutcome } from './outcome.js';
import { DemoReader } from './reader.js';
import { DEMO_TERMS, type SewingSite } from './sewing-site.js';
import { DEMO_OWNER, DemoSite, SiteChild, writeSite } from './site-child.js';
import { SiteClient } from './site-client.js';

const CONSOLE = fileURLToPath(new URL('../../../console/dist-web', import.meta.url));

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
  readonly moments: readonly {
    readonly moment: string;
    readonly atSeconds: number;
    readonly failed?: string;
  }[];
  readonly plants: readonly PlantOutcome[];
}

/** A person at a tablet comes first for so long, where there may be one. */
const READER_AFTER_MS = { headless: 200, watched: 6000 };
const PATIENCE_MS = 700;
const AGAIN_MS = 8000;
const CUT_SHARE = 0.08;
const DRAIN_MS = 12_000;

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

interface PlantRunning {
  readonly letter: 'a' | 'b';
  readonly line: LineChild;
  readonly site: DemoSite;
  readonly reader: DemoReader;
}

class Demo {
  readonly #o: Running;
  readonly #plants: PlantRunning[] = [];
  readonly #moments: DemoDocument['moments'][number][] = [];
  #broker: Awaited<ReturnType<typeof startBroker>> | null = null;
  #brokerAt = { url: '', version: 5 as 4 | 5, port: 0 };
  #model = '';
  #from = 0;

  constructor(options: Running) {
    this.#o = options;
  }

  async open(): Promise<void> {
    const { say, speed, modelFolder, closers } = this.#o;
    say(`Everything here is simulated; the lines run ${speed} times as fast as real ones.\n`);
    await this.#openBroker(0);
    closers.push(async () => this.#broker?.stop());
    // A site reads paths from its own folder.
    this.#model = resolve(modelFolder, 'seam.onnx');
    if (!existsSync(this.#model) || !existsSync(`${this.#model}.json`)) {
      say('Fitting the model that travels, on seams of three other simulated plants (once) …\n');
      await mkdir(modelFolder, { recursive: true });
      const made = await makeLineModel(this.#o.folder);
      await rename(`${made.file}.json`, `${this.#model}.json`);
      await rename(made.file, this.#model);
    }
    this.#o.signal.throwIfAborted();
    await this.#openPlant('a');
  }

  async play(): Promise<DemoDocument> {
    const { minutes, signal, headless, say } = this.#o;
    const lengthMs = minutes * 60_000;
    this.#from = performance.now();
    for (const moment of STORY) {
      const at = this.#from + moment.at * lengthMs;
      await this.#until(at);
      if (signal.aborted) break;
      await this.moment(moment).catch(() => {});
    }
    await this.#until(this.#from + lengthMs);
    if (!headless && !signal.aborted) {
      say('The story is over; the lines go on and the moments stay on the stage. Stop with Ctrl-C.\n');
      await this.#until(Number.POSITIVE_INFINITY);
    }
    return this.#end();
  }

  /** One moment; the stage of the console plays it too. */
  async moment({ id, title }: Pick<StoryMoment, 'id' | 'title'>): Promise<void> {
    const atSeconds = Math.round((performance.now() - this.#from) / 100) / 10;
    this.#o.say(`${atSeconds.toFixed(1).padStart(6)} s  ${title.en}\n`);
    const one = this.#plants[0];
    try {
      if (id === 'thread-lot') await one?.line.do({ do: 'thread-lot', machine: 'm1', friction: 1.4 });
      if (id === 'skip') await one?.line.do({ do: 'skip', machine: 'm1' });
      if (id === 'second-plant' && this.#plants.length === 1) await this.#openPlant('b');
      if (id === 'cut') await this.#cut();
      this.#moments.push({ moment: id, atSeconds });
    } catch (error) {
      const failed = error instanceof Error ? error.message : String(error);
      this.#moments.push({ moment: id, atSeconds, failed });
      this.#o.say(`          it did not work: ${failed}\n`);
      throw error;
    }
  }

  async #openBroker(port: number): Promise<void> {
    this.#broker = await startBroker({ port });
    const { url, version } = this.#broker;
    this.#brokerAt = { url, version, port: this.#broker.port };
  }

  /** The broker goes without a word and comes back where it was: neither line nor site is told. */
  async #cut(): Promise<void> {
    const { minutes, signal } = this.#o;
    await this.#broker?.stop('kill');
    await wait(CUT_SHARE * minutes * 60_000, undefined, { signal }).catch(() => {});
    await this.#openBroker(this.#brokerAt.port);
  }

  async #openPlant(letter: 'a' | 'b'): Promise<void> {
    const { folder, seed, speed, closers, signal, say, headless } = this.#o;
    const { url: mqttUrl, version: mqttVersion } = this.#brokerAt;
    const line = await LineChild.start({
      ...{ seed, plant: letter, speed, mqttUrl, mqttVersion, folder: join(folder, `line-${letter}`) },
      ...{ patienceMs: PATIENCE_MS, againMs: AGAIN_MS, pictures: !headless },
    });
    closers.push(() => line.child.stop());
    signal.throwIfAborted();
    const wish: SewingSite = {
      ...{ plant: letter, name: `Plant ${letter.toUpperCase()}`, folder: join(folder, `site-${letter}`) },
      ...{ port: letter === 'a' ? this.#o.port : 0, opcUa: line.opcUa, mqttUrl, mqttVersion },
      ...{ modbusPort: line.modbusPort, model: this.#model, askMs: 30_000 },
    };
    const site = letter === 'a' ? await this.#openHere(wish) : await this.#openThere(wish);
    await site.connected(signal);
    await site.signBudgets();
    await site.act();
    await site.signLeases();
    const afterMs = headless ? READER_AFTER_MS.headless : READER_AFTER_MS.watched;
    const reader = new DemoReader({ client: site.client, lineFolder: line.folder, afterMs });
    reader.start();
    closers.push(() => reader.stop());
    await line.do({ do: 'go' });
    this.#plants.push({ letter, line, site, reader });
    const { escapeRate, confidence } = DEMO_TERMS;
    say(`          Plant ${letter.toUpperCase()}: ${site.client.address}\n`);
    say(
      `          signed as its owner: at most ${100 * escapeRate} % escapes at ${100 * confidence} % confidence, and the leases of both settings; gates shut\n`,
    );
  }

  /** The first plant's site runs here, so that a presenter can play the moments from its console. */
  async #openHere(wish: SewingSite): Promise<DemoSite> {
    const { config, faults } = await loadConfig(await writeSite(wish));
    if (config === null) throw new Error(faults.map(({ what }) => what).join('; '));
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const site = await openSite({
      ...{ config, version, simulators: new Map(), consoleFolder: existsSync(CONSOLE) ? CONSOLE : null },
      stage: {
        moments: STORY.map(({ id, title, about }) => ({ id, title, about })),
        play: async (id) => {
          const found = STORY.find((one) => one.id === id);
          if (found !== undefined) await this.moment(found);
        },
        facts: () =>
          this.#plants.slice(1).map(({ site: other, letter }) => ({
            title: { en: `Plant ${letter}`, zh: `工厂 ${letter}`, id: `Pabrik ${letter}` },
            ...{ value: other.client.address, href: other.client.address },
          })),
      },
    });
    this.#o.closers.push(() => site.close());
    const client = new SiteClient(site.address);
    if (site.code !== null) await client.setUp(site.code, DEMO_OWNER);
    this.#o.say(`          sign in as "${DEMO_OWNER.name}" with the password "${DEMO_OWNER.password}"\n`);
    return new DemoSite(client);
  }

  async #openThere(wish: SewingSite): Promise<DemoSite> {
    const site = await SiteChild.start(wish);
    this.#o.closers.push(() => site.child.stop());
    return site;
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
    for (const { letter, line, site } of this.#plants)
      plants.push(await plantOutcome(letter, { lineFolder: line.folder, client: site.client }));
    return {
      ...{ specVersion: '1', origin: 'simulated', seed, minutes, timeFactor: speed },
      ...{ broker: this.#broker?.kind ?? 'embedded', terms: DEMO_TERMS },
      readers: 'simulated: who answers what nobody took knows the truth and misses nothing',
      ...{ moments: this.#moments, plants },
    };
  }

  async #until(atMs: number): Promise<void> {
    const { signal } = this.#o;
    while (performance.now() < atMs && !signal.aborted)
      await wait(Math.min(1000, Math.max(1, atMs - performance.now())), undefined, { signal }).catch(
        () => {},
      );
  }
}
