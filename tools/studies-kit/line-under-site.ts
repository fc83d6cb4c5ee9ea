import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LineChild } from '../../packages/cli/src/demo/line-child.js';
import { DemoReader } from '../../packages/cli/src/demo/reader.js';
import type { SewingSite } from '../../packages/cli/src/demo/sewing-site.js';
import { SiteChild } from '../../packages/cli/src/demo/site-child.js';
import { type Broker, startBroker } from '../../packages/connect/src/index.js';
import { bodyOf } from '../../packages/site/src/folds/units.js';
import { Journal } from '../../packages/store/src/index.js';
import { type LedgerRow, readLedger } from '../../packs/seat-sewing/src/index.js';

/** What can be killed without a word. */
export const VICTIMS = ['connector', 'site', 'line', 'broker'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface UnderSiteOptions {
  readonly seed: number;
  readonly speed: number;
  readonly readAfterMs?: number;
}

const DRAIN_MS = 180_000;
/** Long enough to show every cover of a full rack once. */
const STILL_MS = 60_000;
const CONNECTOR_MS = 60_000;

/** A line, a broker and a site as processes of their own, every one of which can be killed and comes back. */
export class LineUnderSite {
  readonly folder: string;
  readonly #o: UnderSiteOptions;
  readonly #ports: { opcUa: number; modbus: number; broker: number; site: number };
  #broker: Broker;
  #line: LineChild;
  #site: SiteChild | null = null;
  #reader: DemoReader | null = null;
  #answered = 0;

  private constructor(
    options: UnderSiteOptions,
    own: {
      folder: string;
      ports: { opcUa: number; modbus: number; broker: number; site: number };
      broker: Broker;
      line: LineChild;
    },
  ) {
    this.#o = options;
    this.folder = own.folder;
    this.#ports = own.ports;
    this.#broker = own.broker;
    this.#line = own.line;
  }

  static async open(options: UnderSiteOptions): Promise<LineUnderSite> {
    const folder = await mkdtemp(join(tmpdir(), 'selvedge-line-'));
    const ports = {
      ...{
        opcUa: await freePort(),
        modbus: await freePort(),
        broker: await freePort(),
        site: await freePort(),
      },
    };
    const broker = await startBroker({ port: ports.broker });
    const line = await startLine(options, { folder, ports, broker });
    const own = new LineUnderSite(options, { folder, ports, broker, line });
    await own.#openSite();
    const { site } = own;
    await site.act();
    await site.signLeases();
    return own;
  }

  get line(): LineChild {
    return this.#line;
  }

  /** @throws Error where it does not run. */
  get site(): SiteChild {
    if (this.#site === null) throw new Error('the site does not run');
    return this.#site;
  }

  get rows(): LedgerRow[] {
    return readLedger(join(this.folder, 'line'));
  }

  /** Every connection of the site is up. @throws Error where one does not come up, or the line has stopped */
  async connected(): Promise<void> {
    const { site } = this;
    const up = async (): Promise<void> => {
      if (!this.#line.child.running) throw new Error(`the line stopped: ${this.#line.child.end}`);
      await site.connected();
    };
    await patiently(up, 2);
  }

  /** Until so many covers are made since the start of the ledger. */
  async made(count: number, withinMs = 120_000): Promise<void> {
    const untilMs = performance.now() + withinMs;
    while (this.rows.filter(({ kind }) => kind === 'made').length < count) {
      if (!this.#line.child.running) throw new Error(`the line stopped: ${this.#line.child.end}`);
      if (performance.now() > untilMs) throw new Error(`${count} covers were not made in ${withinMs} ms`);
      await wait(100);
    }
  }

  /** Answers of the reader that a site has acknowledged. */
  get answered(): number {
    return this.#answered + (this.#reader?.answered ?? 0);
  }

  /**
   * Kills one without a word and starts it anew. `draw`: which of several connectors, 0..1.
   * @throws Error where nothing was killed, or it does not come back
   */
  async kill(victim: Victim, draw = 0): Promise<void> {
    if (victim === 'broker') {
      await this.#broker.stop('kill');
      await wait(300);
      this.#broker = await startBroker({ port: this.#ports.broker });
    } else if (victim === 'line') {
      await this.#line.child.kill();
      this.#line = await startLine(this.#o, {
        folder: this.folder,
        ports: this.#ports,
        broker: this.#broker,
      });
      await this.go();
    } else if (victim === 'connector') {
      // A child of the site's process: its supervisor starts it anew.
      const pid = await this.#connector(draw);
      process.kill(pid, 'SIGKILL');
    } else {
      await this.#stopReader();
      await this.site.child.kill();
      this.#site = null;
      await this.#openSite();
    }
  }

  /** The line sews: asked again where a busy machine leaves it no time to answer. */
  async go(): Promise<void> {
    await patiently(() => this.#line.do({ do: 'go' }));
  }

  /**
   * No further cover; until every one that waits has its verdict, or none was told for a while: what is a person's matter
   * stays on the rack.
   */
  async drain(): Promise<void> {
    await patiently(() => this.#line.do({ do: 'finish' }));
    const untilMs = performance.now() + DRAIN_MS;
    let [told, sinceMs] = [-1, performance.now()];
    while (performance.now() < untilMs) {
      const { waiting } = await patiently(() => this.#line.state());
      if (Object.values(waiting).every((n) => n === 0)) return;
      const now = this.rows.filter(({ kind }) => kind === 'told').length;
      if (now > told) [told, sinceMs] = [now, performance.now()];
      else if (performance.now() - sinceMs > STILL_MS) return;
      await wait(200);
    }
  }

  /** Everything stops in order; the folder stays for whoever counts. */
  async stop(): Promise<void> {
    await this.#stopReader();
    await this.#line.child.stop();
    await this.#site?.child.stop();
    await this.#broker.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** One connector that runs; after a kill it takes a moment until they all do again. */
  async #connector(draw: number): Promise<number> {
    const untilMs = performance.now() + CONNECTOR_MS;
    for (;;) {
      const pids = await connectorsOf(this.site.child.process.pid ?? 0);
      const pid = pids[Math.floor(draw * pids.length)];
      if (pid !== undefined) return pid;
      if (performance.now() > untilMs) throw new Error(`no connector runs: ${this.site.child.end}`);
      await wait(100);
    }
  }

  async #stopReader(): Promise<void> {
    await this.#reader?.stop();
    this.#answered += this.#reader?.answered ?? 0;
    this.#reader = null;
  }

  async #openSite(): Promise<void> {
    const { url: mqttUrl, version: mqttVersion } = this.#broker;
    const wish: SewingSite = {
      ...{ plant: 'a', name: 'Killed plant', folder: join(this.folder, 'data'), port: this.#ports.site },
      ...{ opcUa: this.#line.opcUa, mqttUrl, mqttVersion, modbusPort: this.#line.modbusPort },
      ...{ model: null, askMs: 30_000 },
    };
    this.#site = await SiteChild.start(wish);
    await this.connected();
    const reader = { client: this.#site.client, lineFolder: join(this.folder, 'line') };
    this.#reader = new DemoReader({ ...reader, afterMs: this.#o.readAfterMs ?? 50 });
    this.#reader.start();
  }
}

/** Tries again what can be asked twice. @throws as the last try */
async function patiently<T>(ask: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (tries <= 1) throw error;
    await wait(1000);
    return patiently(ask, tries - 1);
  }
}

function startLine(
  { seed, speed }: UnderSiteOptions,
  own: { folder: string; ports: { opcUa: number; modbus: number }; broker: Broker },
): Promise<LineChild> {
  return LineChild.start({
    ...{ seed, plant: 'a', speed, mqttUrl: own.broker.url, mqttVersion: own.broker.version },
    ...{ folder: join(own.folder, 'line'), ports: own.ports, patienceMs: 700, againMs: 3000 },
  });
}

/** What the ledger of the line and the journal of the site say of the same covers. */
export interface Account {
  readonly made: number;
  /** Made, and in the journal exactly once. */
  readonly once: number;
  readonly missing: readonly string[];
  /** Of these, those that still lie on the line's rack, unreleased: the equipment holds them and shows them again. */
  readonly missingOnTheRack: number;
  readonly twice: readonly string[];
  /** Told to the line. */
  readonly told: number;
  /** Made and never told: they lie on the rack, nothing was released. */
  readonly onTheRack: readonly string[];
  /** Of these, those that the site believes told: has to be none. Of the others it knows that it did not tell, or doubts. */
  readonly believedTold: readonly string[];
  /** Begun and never finished, because the line was killed: taken out by hand. */
  readonly spoilt: number;
  /** Told otherwise than the site released, or without a release that the site knows or doubts. */
  readonly toldOtherwise: readonly string[];
  /** A verdict or setting that the line had to refuse. */
  readonly refused: readonly string[];
  /** Verdicts that were carried out a second time. */
  readonly toldTwice: number;
  /** Units that the journal has under a made-up name: the equipment went on before they were read. */
  readonly nameless: number;
  /** Rows of answers of people: none that was acknowledged may be missing. */
  readonly answers: number;
  /** Outcomes that are a person's matter. */
  readonly doubts: number;
  /** Settings in force at a safety seam. */
  readonly safetyTouched: number;
  /** Settings that the line took without an intent of the site that names them. */
  readonly unintended: number;
}

/** Counts it from both records alone, when nothing runs any more. */
export async function accountOf(folder: string): Promise<Account> {
  const rows = readLedger(join(folder, 'line'));
  const made = rows.filter((row) => row.kind === 'made');
  const told = new Map<string, string[]>();
  for (const row of rows)
    if (row.kind === 'told') told.set(row.unit, [...(told.get(row.unit) ?? []), row.verdict]);
  const arrived = new Map<string, number>();
  const intents = new Set<string>();
  const outcomes = new Map<string, string>();
  let [nameless, doubts, answers] = [0, 0, 0];
  const known = new Set(made.map(({ unit }) => unit));
  const journal = await Journal.open(join(folder, 'data'), { nowMs: Date.now });
  try {
    for (let after = 0; ; ) {
      const page = journal.read({ after, limit: 2000 });
      for (const entry of page) {
        after = entry.seq;
        const { subject } = entry;
        if (bodyOf(entry, 'arrived') && subject !== null) {
          arrived.set(subject, (arrived.get(subject) ?? 0) + 1);
          if (!known.has(subject)) nameless += 1;
        }
        const intent = bodyOf(entry, 'write-intended');
        if (intent) intents.add(`${intent.target} ${String(intent.value)}`);
        if (bodyOf(entry, 'write-ended')?.outcome === 'unknown') doubts += 1;
        if (bodyOf(entry, 'answered')) answers += 1;
        const released = bodyOf(entry, 'released');
        if (released && subject !== null) outcomes.set(subject, released.outcome);
      }
      if (page.length < 2000) break;
    }
  } finally {
    await journal.close();
  }
  const toldOtherwise = [...told].flatMap(([unit, verdicts]) =>
    verdicts.flatMap((verdict) =>
      ['seam', 'tear'].some((place) => intents.has(`${machineOf(unit)}/${place}/verdict ${unit} ${verdict}`))
        ? []
        : [`${unit} ${verdict}`],
    ),
  );
  return {
    made: made.length,
    once: made.filter(({ unit }) => arrived.get(unit) === 1).length,
    missingOnTheRack: made.filter(({ unit }) => !arrived.has(unit) && !told.has(unit)).length,
    missing: made.flatMap(({ unit }) => (arrived.has(unit) ? [] : [unit])),
    twice: made.flatMap(({ unit }) => ((arrived.get(unit) ?? 0) > 1 ? [unit] : [])),
    told: told.size,
    onTheRack: made.flatMap(({ unit }) => (told.has(unit) ? [] : [unit])),
    believedTold: made.flatMap(({ unit }) =>
      !told.has(unit) && outcomes.get(unit) === 'done' ? [unit] : [],
    ),
    spoilt: rows.filter(({ kind }) => kind === 'spoilt').length,
    toldOtherwise,
    refused: rows.flatMap((row) => (row.kind === 'refused' ? [`${row.tag} ${row.value}: ${row.why}`] : [])),
    toldTwice: [...told.values()].filter((all) => all.filter((one) => one !== 'hold').length > 1).length,
    ...{ nameless, doubts, answers },
    safetyTouched: made.filter(({ safety, steering, trim }) => safety && (steering !== 0 || trim !== 0))
      .length,
    unintended: rows.filter(
      (row) => row.kind === 'set' && !intents.has(`${row.machine}/${row.tag} ${row.value}`),
    ).length,
  };
}

const machineOf = (unit: string): string => unit.split('-')[1] ?? '';

/** The connectors' own processes of a site; whatever else it has started (a loader, a worker) is none of them. */
async function connectorsOf(pid: number): Promise<number[]> {
  const { spawnSync } = await import('node:child_process');
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'pid=,args=', '--ppid', String(pid)], {
    encoding: 'utf8',
  });
  return stdout.split('\n').flatMap((line) => {
    const [, id, args = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return id !== undefined && /host\/child\.[jt]s/.test(args) ? [Number(id)] : [];
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
