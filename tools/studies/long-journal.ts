import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@selvedge/models';
import { openSite, parseConfig, type RunningSite } from '@selvedge/site';
import { buildConsole, launch, NO_BROWSER } from '../../packages/console/test/browser.js';
import { signBudget } from '../../packages/site/src/live/signing.js';

/**
 * A journal of millions of rows, and how long the pages of the console wait for it: the first look after a start, further
 * looks, and the same pages in a browser that has never seen them. Filled in steps of 50,000 units; a stopped study goes on with the journal that it left.
 */
const ROWS = 5_000_000;
const ROWS_A_UNIT = 5;
const BATCH = 500;
const PART = 50_000;
const LOOKS = 30;
const VISITS = 5;
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

async function start(
  folder: string,
  consoleFolder: string | null = null,
): Promise<{ site: RunningSite; seconds: number }> {
  const from = performance.now();
  const read = parseConfig(yaml(folder), join(folder, 'site.yaml'));
  if (read.config === null) throw new Error(JSON.stringify(read.faults));
  const site = await openSite({
    config: read.config,
    simulators: new Map(),
    consoleFolder,
    version: 'study',
  });
  return { site, seconds: (performance.now() - from) / 1000 };
}

/** Medians and worst of what a page waits for, ms. */
async function looks(
  site: RunningSite,
  cookie: string,
): Promise<Record<string, { first: number; median: number; most: number }>> {
  const said: Record<string, { first: number; median: number; most: number }> = {};
  for (const path of [
    '/api/line',
    '/api/units?limit=100',
    '/api/stations/press-1/proof',
    '/api/shift',
    '/api/units/unit-1000',
  ]) {
    const spent: number[] = [];
    for (let n = 0; n < LOOKS; n++) {
      const from = performance.now();
      const response = await fetch(site.address + path, { headers: { cookie } });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
      spent.push(performance.now() - from);
    }
    const sorted = [...spent].sort((a, b) => a - b);
    const round = (ms: number | undefined): number => Math.round(10 * (ms ?? 0)) / 10;
    said[path] = { first: round(spent[0]), median: round(sorted[LOOKS >> 1]), most: round(sorted.at(-1)) };
  }
  return said;
}

/** From the address to the first view with its figures, ms; each visit by a browser profile that has nothing kept. */
async function visits(
  site: RunningSite,
  cookie: string,
): Promise<Record<string, { first: number; median: number; most: number }>> {
  const at = cookie.indexOf('=');
  const said: Record<string, { first: number; median: number; most: number }> = {};
  const browser = await launch();
  try {
    for (const [path, ready] of [
      ['/', '.card .figures'],
      ['/station/press-1', '.proof-state'],
    ] as const) {
      const spent: number[] = [];
      for (let n = 0; n < VISITS; n++) {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
        await context.addCookies([
          { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: site.address },
        ]);
        const page = await context.newPage();
        const from = performance.now();
        await page.goto(site.address + path, { waitUntil: 'commit' });
        await page.waitForSelector(ready);
        spent.push(performance.now() - from);
        await context.close();
      }
      const sorted = [...spent].sort((a, b) => a - b);
      const [first, median, most] = [spent[0], sorted[VISITS >> 1], sorted.at(-1)].map((ms) =>
        Math.round(ms ?? 0),
      ) as [number, number, number];
      said[path] = { first, median, most };
    }
  } finally {
    await browser.close();
  }
  return said;
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
  const first = await start(folder);
  const { parts } = first.site;
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
  await first.site.close();

  const consoleFolder = NO_BROWSER === null ? await buildConsole() : null;
  const again = await start(folder, consoleFolder);
  // A study that has come so far before left its owner in the folder.
  const { code } = again.site;
  const entry =
    code === null ? { name: 'Ada', password: PASSWORD } : { code, name: 'Ada', password: PASSWORD };
  const setup = await fetch(`${again.site.address}/api/${code === null ? 'sign-in' : 'setup'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(entry),
  });
  const cookie = (setup.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const figures = await looks(again.site, cookie);
  const browser = consoleFolder === null ? NO_BROWSER : await visits(again.site, cookie);
  await again.site.close();
  if (consoleFolder !== null) rmSync(consoleFolder, { recursive: true, force: true });
  return {
    what: 'demand: first view below 1 s with 5 M rows in the journal',
    rows,
    rowsPerSecond: Math.round((rows - before) / Math.max(0.001, filledSeconds)),
    startSeconds: Math.round(10 * again.seconds) / 10,
    views: figures,
    /** Or why there is none here. */
    browser,
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    reached: [
      ...Object.values(figures),
      ...(typeof browser === 'object' ? Object.values(browser ?? {}) : []),
    ].every(({ first: ms }) => ms < 1000),
  };
}
