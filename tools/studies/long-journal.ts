import { type ChildProcess, fork } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@selvedge/models';
import { openSite, parseConfig, type RunningSite } from '@selvedge/site';
import { buildConsole, launch, NO_BROWSER } from '../../packages/console/test/browser.js';
import { signBudget } from '../../packages/site/src/live/signing.js';
import type { LookedAt } from '../studies-kit/looked-at-site.js';

/**
 * A journal of millions of rows, and how long the pages of the console wait for it: the first look after a start, further
 * looks, and the same pages in a browser that has never seen them; and how long the site, in a process of its own, did
 * nothing else meanwhile: its event loop also takes the units in. A stopped study goes on with the journal that it left.
 */
const ROWS = 5_000_000;
const ROWS_A_UNIT = 5;
const BATCH = 500;
const PART = 50_000;
const LOOKS = 30;
const IDLE_MS = 3000;
const VISITS = 5;
/** Longest that the loop may stand still for a look, ms. */
const STILL_MS = 50;
const CHILD = fileURLToPath(new URL('../studies-kit/looked-at-site.ts', import.meta.url));
const ROUTES = [
  '/api/session',
  '/api/line',
  '/api/units?limit=100',
  '/api/units?station=press-1&before=100000&limit=500',
  '/api/stations/press-1/proof',
  '/api/shift',
  '/api/shift?fromMs=0',
  '/api/units/unit-1000',
  '/api/units/unit-1000/observation',
  '/api/questions',
  '/api/equipment',
  '/api/seeds',
  '/api/users',
  '/api/tokens',
  '/api/openapi.json',
  '/metrics',
  '/health',
];
/** Pages with what is there once their figures are. */
const PAGES = [
  ['/', '.card .figures'],
  ['/station/press-1', '.proof-state'],
  ['/unit/unit-1000', '.unit-page'],
  ['/shift', '.shift-page table'],
  ['/equipment', 'main .empty, .equipment-page'],
  ['/people', '.people-page'],
] as const;
const PASSWORD = 'correct horse battery';

const yaml = (folder: string): string => `
site: { id: long, name: Long, origin: simulated, timezone: Etc/UTC }
folder: ${folder}
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors: [{ id: press, kind: http, path: /in/press }]
stations:
  - id: press-1
    name: Press 1
    line: north
    observation: { kind: score }
    choices: [{ label: good, bad: false }, { label: crack, bad: true }]
    input: { connector: press, stream: press-1 }
    model: { recipe: score }
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000 }
retention: { softFloor: 110 MB, hardFloor: 100 MB }
`;

async function openToFill(folder: string): Promise<RunningSite> {
  const read = parseConfig(yaml(folder), join(folder, 'site.yaml'));
  if (read.config === null) throw new Error(JSON.stringify(read.faults));
  return openSite({
    ...{ config: read.config, simulators: new Map(), consoleFolder: null, version: 'study' },
  });
}

/** The site that is looked at. */
class Watched {
  readonly #child: ChildProcess;
  readonly address: string;
  readonly code: string | null;
  readonly seconds: number;
  cookie = '';

  private constructor(child: ChildProcess, at: Extract<LookedAt, { address: string }>) {
    this.#child = child;
    this.address = at.address;
    this.code = at.code;
    this.seconds = at.seconds;
  }

  static async start(folder: string, consoleFolder: string | null): Promise<Watched> {
    const file = join(folder, 'site.yaml');
    writeFileSync(file, yaml(folder));
    const child = fork(CHILD, [file, consoleFolder ?? ''], {
      execArgv: ['--conditions=@selvedge/source', '--import', 'tsx'],
    });
    const at = await said(child);
    if (!('address' in at)) throw new Error('the site did not say where it is');
    return new Watched(child, at);
  }

  async signIn(): Promise<void> {
    // A study that has come so far before left its owner in the folder.
    const entry = { ...(this.code === null ? {} : { code: this.code }), name: 'Ada', password: PASSWORD };
    const entered = await fetch(`${this.address}/api/${this.code === null ? 'sign-in' : 'setup'}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(entry),
    });
    this.cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  /** Longest that the loop stood still since the last call, ms; most memory so far. */
  async pulse(): Promise<Extract<LookedAt, { stillMs: number }>> {
    const answer = said(this.#child);
    this.#child.send('pulse');
    const now = await answer;
    if (!('stillMs' in now)) throw new Error('the site said something else');
    return now;
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

const said = (child: ChildProcess): Promise<LookedAt> =>
  new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the site has ended'));
    child.once('close', ended);
    child.once('message', (what) => {
      child.removeListener('close', ended);
      resolve(what as LookedAt);
    });
  });

interface Waited {
  readonly first: number;
  readonly median: number;
  readonly most: number;
  /** Longest that the event loop of the site stood still meanwhile. */
  readonly still: number;
}

/** How long whoever looks waits, ms. */
async function waited(site: Watched, looks: number, look: () => Promise<number>): Promise<Waited> {
  const spent: number[] = [];
  await site.pulse();
  for (let n = 0; n < looks; n++) spent.push(await look());
  const { stillMs } = await site.pulse();
  const sorted = [...spent].sort((a, b) => a - b);
  const [first, median, most, still] = [spent[0], sorted[looks >> 1], sorted.at(-1), stillMs].map(
    (ms) => Math.round(10 * (ms ?? 0)) / 10,
  ) as [number, number, number, number];
  return { first, median, most, still };
}

async function looks(site: Watched): Promise<Record<string, Waited>> {
  const figures: Record<string, Waited> = {};
  for (const path of ROUTES)
    figures[path] = await waited(site, LOOKS, async () => {
      const from = performance.now();
      const response = await fetch(site.address + path, { headers: { cookie: site.cookie } });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
      return performance.now() - from;
    });
  return figures;
}

/** From the address to the first view with its figures; each visit by a browser profile that has nothing kept. */
async function visits(site: Watched): Promise<Record<string, Waited>> {
  const at = site.cookie.indexOf('=');
  const figures: Record<string, Waited> = {};
  const browser = await launch();
  try {
    for (const [path, ready] of PAGES)
      figures[path] = await waited(site, VISITS, async () => {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
        await context.addCookies([
          { name: site.cookie.slice(0, at), value: site.cookie.slice(at + 1), url: site.address },
        ]);
        const page = await context.newPage();
        const from = performance.now();
        await page.goto(site.address + path, { waitUntil: 'commit' });
        await page.waitForSelector(ready);
        const spent = performance.now() - from;
        await context.close();
        return spent;
      });
  } finally {
    await browser.close();
  }
  return figures;
}

/** The one of them that is worst by a figure. */
function worst(figures: Record<string, Waited>, by: keyof Waited): { what: string; ms: number } {
  const all = Object.entries(figures).map(([what, of]) => ({ what, ms: of[by] }));
  return all.reduce((a, b) => (b.ms > a.ms ? b : a));
}

export async function run(options: {
  readonly seed: number;
  /** Rows of the journal in thousands; 5,000 in full. */
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const { seed, runs, progress } = options;
  const wanted = runs === undefined ? ROWS : runs * 1000;
  const folder = join(tmpdir(), `selvedge-long-journal-${seed}`);
  const random = createRandom(seed);
  const filling = await openToFill(folder);
  const { parts } = filling;
  const station = parts.live.station('press-1');
  const atMs = Date.now() - 8 * 3_600_000;
  // A gate in a shadow without end: every row is folded by it, and its labels have to be counted.
  if (station.gate === null)
    await signBudget(
      station,
      {
        budget: { escapeRate: 0.005, overkillRate: 0, confidence: 0.95, contract: 'per-unit' },
        plannedUnits: 1e9,
        user: 'user:past',
        reason: 'study',
      },
      { journal: parts.journal, secrets: parts.live.secrets, clock: parts.clock },
    );
  const filledFrom = performance.now();
  const before = parts.journal.head.seq;
  for (let n = 0; parts.journal.head.seq < wanted; n++) {
    const from = Math.ceil(parts.journal.head.seq / ROWS_A_UNIT);
    await station.takePast(
      Array.from({ length: BATCH }, (_, i) => {
        const bad = random.next() < 0.04;
        return {
          id: `unit-${from + i}`,
          observation: { kind: 'row' as const, values: Float64Array.of(random.normal() + (bad ? 4 : 0)) },
          context: {},
          lot: null,
          sourceAtMs: Math.round(atMs + (8 * 3_600_000 * parts.journal.head.seq) / wanted),
          label: bad ? 'crack' : 'good',
          bad,
        };
      }),
      'user:past',
    );
    if (n % (PART / BATCH / 10) === 0)
      progress(parts.journal.head.seq / wanted, `${parts.journal.head.seq} rows`);
  }
  const filledSeconds = (performance.now() - filledFrom) / 1000;
  const rows = parts.journal.head.seq;
  await filling.close();

  const consoleFolder = NO_BROWSER === null ? await buildConsole() : null;
  const site = await Watched.start(folder, consoleFolder);
  await site.signIn();
  const figures = await looks(site);
  const browser = consoleFolder === null ? {} : await visits(site);
  // What the loop of a site that nobody looks at stands still on this machine.
  const idle = await waited(site, 1, () => new Promise((resolve) => setTimeout(() => resolve(0), IDLE_MS)));
  const { peakMemoryMb } = await site.pulse();
  await site.end();
  if (consoleFolder !== null) rmSync(consoleFolder, { recursive: true, force: true });
  const all = { ...figures, ...browser };
  return {
    what: 'demand: first view below 1 s with 5 M rows in the journal, and no look stops the line for more than 50 ms',
    rows,
    rowsPerSecond: Math.round((rows - before) / Math.max(0.001, filledSeconds)),
    startSeconds: Math.round(10 * site.seconds) / 10,
    routes: figures,
    /** Or why there is none here. */
    browser: NO_BROWSER ?? browser,
    slowestRoute: { first: worst(figures, 'first'), median: worst(figures, 'median') },
    ...(NO_BROWSER === null ? { slowestPage: worst(browser, 'first') } : {}),
    standstill: { longest: worst(all, 'still'), idleMs: idle.still },
    peakMemoryMb,
    reached: Object.values(all).every(({ first, still }) => first < 1000 && still <= STILL_MS),
  };
}
