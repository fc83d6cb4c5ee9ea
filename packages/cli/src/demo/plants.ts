import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LineView } from '@selvedge/core/records';
import { LedgerReader } from '@selvedge/pack-seat-sewing';
import { loadConfig, openSite, type Stage } from '@selvedge/site';
import { PACK_WORDS } from '../simulators.js';
import { LineChild } from './line-child.js';
import { DemoReader } from './reader.js';
import { type SewingSite, STATIONS } from './sewing-site.js';
import { DEMO_OWNER, DemoSite, SiteChild, writeSite } from './site-child.js';
import { SiteClient } from './site-client.js';

const CONSOLE = fileURLToPath(new URL('../../../console/dist-web', import.meta.url));
/** Longer than site and reader take on a machine that is busy: a cover that is overtaken cannot be told from its next. */
const PATIENCE_MS = 2000;
/** Whoever sits at a tablet has so long: for each of many covers in shadow, for the few of an open gate, for a skipped stitch. */
const READER_AFTER_MS = { shadow: 300, open: 6000, skip: 12_000 };
const AGAIN_MS = 8000;
const LOOK_MS = 500;

/** A line, its site and who answers there. */
export interface DemoPlant {
  readonly letter: 'a' | 'b';
  readonly line: LineChild;
  readonly site: DemoSite;
  readonly ledger: LedgerReader;
  readonly gates: GateWatch;
}

export interface PlantWish {
  readonly letter: 'a' | 'b';
  readonly folder: string;
  readonly seed: number;
  readonly speed: number;
  readonly mqtt: { readonly url: string; readonly version: 4 | 5 };
  readonly model: string;
  readonly port: number;
  /** Somebody may sit at the tablet: the simulated reader leaves time. */
  readonly watched: boolean;
  readonly signal: AbortSignal;
  /** What was opened, in its order. */
  readonly closers: (() => Promise<unknown>)[];
  /** Null: its site runs in a process of its own, without a stage. */
  readonly stage: Stage | null;
  /** Told as soon as a browser can connect. */
  readonly onListening: (address: string) => void;
  /** Somebody who may do everything in the browser; null: nobody. */
  readonly presenter: { readonly name: string; readonly password: string } | null;
}

/** Opens a plant: line, site, guards, budgets, leases, reader; its machines begin to sew at the end. */
export async function openPlant(wish: PlantWish): Promise<DemoPlant> {
  const { letter, folder, seed, speed, mqtt, closers, signal } = wish;
  const line = await LineChild.start({
    ...{ seed, plant: letter, speed, mqttUrl: mqtt.url, mqttVersion: mqtt.version },
    ...{ folder: join(folder, `line-${letter}`), patienceMs: PATIENCE_MS, againMs: AGAIN_MS, pictures: true },
  });
  closers.push(() => line.child.stop());
  signal.throwIfAborted();
  const config: SewingSite = {
    ...{ plant: letter, name: `Plant ${letter.toUpperCase()}`, folder: join(folder, `site-${letter}`) },
    ...{ port: wish.port, opcUa: line.opcUa, mqttUrl: mqtt.url, mqttVersion: mqtt.version },
    ...{ modbusPort: line.modbusPort, model: wish.model, askMs: 30_000 },
  };
  const site = wish.stage === null ? await openThere(config, wish) : await openHere(config, wish, wish.stage);
  await site.connected(signal);
  await site.signBudgets();
  await site.act();
  await site.signLeases();
  const gates = new GateWatch(site.client);
  gates.start();
  closers.push(() => gates.stop());
  const reader = new DemoReader({
    ...{ client: site.client, lineFolder: line.folder },
    afterMs: ({ station }, truth) => {
      if (!wish.watched) return READER_AFTER_MS.shadow;
      if (truth === 'skip') return READER_AFTER_MS.skip;
      return gates.inShadow(station) ? READER_AFTER_MS.shadow : READER_AFTER_MS.open;
    },
  });
  reader.start();
  closers.push(() => reader.stop());
  await line.do({ do: 'go' });
  return { letter, line, site, ledger: new LedgerReader(line.folder), gates };
}

/** In this process, so that a presenter can play the moments from its console. */
async function openHere(
  wish: SewingSite,
  { closers, onListening, presenter }: PlantWish,
  stage: Stage,
): Promise<DemoSite> {
  const { config, faults } = await loadConfig(await writeSite(wish));
  if (config === null) throw new Error(faults.map(({ what }) => what).join('; '));
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const site = await openSite({
    ...{ config, version, simulators: new Map(), words: PACK_WORDS, stage },
    consoleFolder: existsSync(CONSOLE) ? CONSOLE : null,
  });
  closers.push(() => site.close());
  const client = new SiteClient(site.address);
  if (site.code !== null) await client.setUp(site.code, DEMO_OWNER);
  await letIn(client, presenter);
  onListening(site.address);
  return new DemoSite(client);
}

async function openThere(
  wish: SewingSite,
  { closers, onListening, presenter }: PlantWish,
): Promise<DemoSite> {
  const site = await SiteChild.start(wish);
  closers.push(() => site.child.stop());
  await letIn(site.client, presenter);
  onListening(site.client.address);
  return site;
}

async function letIn(client: SiteClient, presenter: PlantWish['presenter']): Promise<void> {
  if (presenter !== null) await client.post('/api/users', { ...presenter, role: 'owner' });
}

/** What a gate went through, with the time at which it was seen. */
export interface GateStep {
  readonly station: string;
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** Looks at the gates of one site twice a second. */
export class GateWatch {
  readonly steps: GateStep[] = [];
  /** As last seen; null: never. */
  line: LineView | null = null;
  readonly #client: SiteClient;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(client: SiteClient) {
    this.#client = client;
  }

  start(): void {
    this.#running = (async () => {
      while (!this.#stopped) {
        await this.look().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async look(): Promise<LineView> {
    const line = await this.#client.line();
    const before = new Map(this.line?.stations.map(({ id, state }) => [id, state]));
    for (const { id, state, reason } of line.stations) {
      const from = before.get(id);
      if (from !== undefined && from !== state)
        this.steps.push({ station: id, atMs: Date.now(), from, to: state, why: reason });
    }
    this.line = line;
    return line;
  }

  /** Every unit of it is judged by a person. */
  inShadow(station: string): boolean {
    const state = this.line?.stations.find(({ id }) => id === station)?.state ?? 'shadow';
    return state === 'shadow' || state === 'closed';
  }

  /** Every station has a model at work. */
  get modelled(): boolean {
    const { line } = this;
    const own = line?.stations.filter(({ id }) => id in STATIONS) ?? [];
    return own.length > 0 && own.every(({ model }) => model !== null);
  }
}
