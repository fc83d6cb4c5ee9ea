import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createRandom } from '@selvedge/models';
import { Child } from '../../packages/cli/src/demo/child.js';
import { SiteClient } from '../../packages/cli/src/demo/site-client.js';
import { type OpcUaServer, startOpcUaServer } from '../../packages/connect/src/index.js';
import { type Echo, openEcho } from './echo-link.js';

export type Who = 'echo' | 'site';

/** What came of one trigger. */
export interface Told {
  /** From the trigger to the verdict at the equipment; null where none came. */
  readonly ms: number | null;
  /** A person was asked. */
  readonly asked: boolean;
}

const NAMESPACE = 'urn:selvedge:study';
const SETTINGS = { security: 'None', unsecured: 'accepted', publishMs: 20, sampling: 'every-change' };
const PERSON = { name: 'Ada', password: 'triggers and verdicts' };
const REASON = 'a study of times';
const BUDGET = { escapeRate: 0.2, overkillRate: 0, confidence: 0.8, contract: 'per-unit', plannedUnits: 60 };
/** A trigger without an answer for so long may have gone to a person; without one at all it is lost. */
const LATE_MS = 300;
const LOST_MS = 5000;
const UP_MS = 120_000;
const MOST_TO_OPEN = 400;
/** Pause between two triggers, drawn: a turn that began with the answer before it would always meet the same phase. */
const PAUSE_MS: readonly [number, number] = [40, 160];

/** Equipment that is served by a whole site, by a bare echo beside it, and asked in turns. */
export class TriggeredSite {
  readonly #folder: string;
  readonly #random: ReturnType<typeof createRandom>;
  readonly #waiting = new Map<string, (atMs: number) => void>();
  readonly #bad = new Set<string>();
  #server: OpcUaServer | null = null;
  #site: Child | null = null;
  #client: SiteClient | null = null;
  #echo: Echo | null = null;
  #count = 0;

  private constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#random = createRandom(seed);
  }

  static async open(seed: number): Promise<TriggeredSite> {
    const own = new TriggeredSite(await mkdtemp(join(tmpdir(), 'selvedge-verdict-')), seed);
    try {
      await own.#start();
      return own;
    } catch (error) {
      await own.close();
      throw error;
    }
  }

  get echoFault(): string | null {
    return this.#echo?.fault ?? null;
  }

  /** Who is asked first is drawn. */
  turns(): readonly Who[] {
    return this.#random.next() < 0.5 ? ['echo', 'site'] : ['site', 'echo'];
  }

  /**
   * Brings and answers units until the gate decides alone; returns how many.
   * @throws Error where it does not open
   */
  async openGate(told: (unit: number) => void): Promise<number> {
    for (let n = 0; n < MOST_TO_OPEN; n++) {
      if ((await this.#gate()) === 'open') return n;
      told(n + 1);
      const isBad = n % 3 === 2;
      if (isBad) this.#bad.add(`site-${this.#count + 1}`);
      const done = this.#ask('site', isBad ? 5 + (n % 3) : (n % 7) / 10, async () => false);
      while ((await this.#answerAll()) === 0 && this.#waiting.size > 0) await wait(20);
      await done;
    }
    throw new Error(`the gate is ${await this.#gate()}: nothing is decided without a person`);
  }

  /** One trigger after a pause. What goes to a person is answered before the next one. */
  async trigger(who: Who, score: number): Promise<Told> {
    const [least, most] = PAUSE_MS;
    await wait(least + (most - least) * this.#random.next());
    const isAsked = async (unit: string): Promise<boolean> =>
      (await this.#person.questions()).some((one) => one.unit === unit);
    const told = await this.#ask(who, score, isAsked);
    if (told.asked) await this.#answerAll();
    return told;
  }

  async close(): Promise<void> {
    await this.#echo?.close();
    await this.#site?.stop();
    await this.#server?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #person(): SiteClient {
    if (this.#client === null) throw new Error('nobody has signed in');
    return this.#client;
  }

  async #start(): Promise<void> {
    const folder = this.#folder;
    const family = (name: Who) => [
      { tag: `${name}/cycle`, type: 'int32' as const, value: 0 },
      { tag: `${name}/unit`, type: 'string' as const, value: '' },
      { tag: `${name}/score`, type: 'double' as const, value: 0 },
      { tag: `${name}/verdict`, type: 'string' as const, value: '', writable: true },
    ];
    const server = await startOpcUaServer({
      ...{ port: 0, folder: join(folder, 'server'), namespace: NAMESPACE, unsecured: 'accepted' },
      tags: [...family('echo'), ...family('site')],
      onWrite: (_tag, value) => {
        const [unit = ''] = String(value).split(' ');
        this.#waiting.get(unit)?.(performance.now());
        return 'Good';
      },
    });
    this.#server = server;
    await writeFile(join(folder, 'site.yaml'), configOf(folder, server.endpoint));
    this.#site = Child.start(['site', join(folder, 'site.yaml'), '--log', 'error']);
    const [, address = ''] = await this.#site.says(/\[simulated\]: (http\S+)/);
    await this.#site.says(/Running\./);
    const client = new SiteClient(address);
    this.#client = client;
    await client.setUp(this.#site.heard(/one-time code: (\S+)/)?.[1] ?? '', PERSON);
    const how = { endpoint: server.endpoint, namespace: NAMESPACE, settings: SETTINGS };
    this.#echo = await openEcho({ ...how, folder: join(folder, 'echo') });
    const untilMs = performance.now() + UP_MS;
    for (;;) {
      const all = await client.equipment();
      if (all.every(({ state }) => state === 'up')) break;
      if (performance.now() > untilMs) throw new Error(`no connection: ${all.map(({ why }) => why).join()}`);
      await wait(100);
    }
    await client.post('/api/equipment/plc/mode', { mode: 'act', reason: REASON });
    await client.post('/api/stations/press/sign', { ...BUDGET, reason: REASON });
  }

  async #ask(who: Who, score: number, isAsked: (unit: string) => Promise<boolean>): Promise<Told> {
    const server = this.#server;
    if (server === null) throw new Error('there is no equipment');
    this.#count += 1;
    const unit = `${who}-${this.#count}`;
    // What belongs to the unit stands there before its trigger does, as at a line.
    server.set(`${who}/unit`, unit);
    server.set(`${who}/score`, score);
    const from = performance.now();
    const took = new Promise<number>((resolve) => this.#waiting.set(unit, (at) => resolve(at - from)));
    server.set(`${who}/cycle`, this.#count);
    try {
      const soon = await Promise.race([took, wait(LATE_MS, null)]);
      if (soon !== null) return { ms: soon, asked: false };
      if (who === 'site' && (await isAsked(unit))) return { ms: null, asked: true };
      return { ms: await Promise.race([took, wait(LOST_MS, null)]), asked: false };
    } finally {
      this.#waiting.delete(unit);
    }
  }

  async #gate(): Promise<string> {
    return String((await this.#person.line()).stations[0]?.state);
  }

  /** Answers everything that is asked, rightly; returns how many. */
  async #answerAll(): Promise<number> {
    const questions = await this.#person.questions();
    for (const { id, unit } of questions) {
      const answer = { label: this.#bad.has(unit) ? 'crack' : 'good', by: 'api', tookMs: 1 };
      await this.#person.post(`/api/questions/${encodeURIComponent(id)}/answer`, answer);
    }
    return questions.length;
  }
}

const configOf = (folder: string, endpoint: string): string =>
  JSON.stringify({
    site: { id: 'times', name: 'Times', origin: 'simulated', timezone: 'Etc/UTC' },
    folder: join(folder, 'data'),
    listen: { port: 0 },
    lines: [{ id: 'north', name: 'North' }],
    connectors: [
      {
        ...{ id: 'plc', kind: 'equipment', speaks: 'opc-ua', settings: { endpoint, ...SETTINGS } },
        tags: [
          ['cycle', 'int32'],
          ['unit', 'string'],
          ['score', 'double'],
          ['verdict', 'string'],
        ].map(([name, type]) => ({
          ...{ tag: `cell/${name}`, address: `nsu=${NAMESPACE};s=site/${name}`, type, sampleMs: 20 },
          ...(name === 'verdict' ? { access: 'rw' } : {}),
        })),
        writes: [
          {
            ...{ target: 'cell/verdict', does: 'dismiss', gates: ['press'], readBackMs: 1000 },
            pattern: 'site-\\d+ (pass|reject|hold)',
          },
        ],
      },
    ],
    stations: [
      {
        ...{
          id: 'press',
          name: 'Press',
          line: 'north',
          observation: { kind: 'score' },
          model: { recipe: 'score' },
        },
        ...{ doubleReadShare: 0, takt: { deadlineMs: 1000, otherwise: 'hold' } },
        ask: { deadlineMs: 60_000, undoMs: 0 },
        choices: [
          { label: 'good', bad: false },
          { label: 'crack', bad: true },
        ],
        input: { connector: 'plc', trigger: 'cell/cycle', unit: 'cell/unit', row: ['cell/score'] },
        output: { target: 'cell/verdict' },
      },
    ],
    retention: { softFloor: '110 MB', hardFloor: '100 MB' },
  });
