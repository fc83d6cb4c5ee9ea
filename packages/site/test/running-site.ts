import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseConfig } from '../src/config/parse-config.js';
import { type SiteClock, systemClock } from '../src/live/clock.js';
import { openSite, type RunningSite } from '../src/open-site.js';
import type { Stage } from '../src/server/stage-routes.js';

/** A plant with one station that takes scores from equipment; its questions go by the units' own names. */
const STATION = `
    observation: { kind: score }
    model: { recipe: score }
    doubleReadShare: 0`;

/** Parts of the file that a test writes itself. */
interface Written {
  readonly origin: string;
  readonly station: string;
  readonly listen: string;
  readonly access: string;
}

const yaml = (folder: string, { origin, station, listen, access }: Written): string => `
site: { id: test-plant, name: Test plant, origin: ${origin}, timezone: Etc/UTC }
folder: ${folder}
listen: ${listen}
lines: [{ id: north, name: North }]
connectors: [{ id: press, kind: http, path: /in/press }]
stations:
  - id: press-1
    name: Press 1
    line: north${station}
    choices: [{ label: good, bad: false }, { label: crack, bad: true }]
    input: { connector: press, stream: press-1 }
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000, undoMs: 0 }
retention: { softFloor: 110 MB, hardFloor: 100 MB }
${access}
`;

export interface Client {
  readonly get: (path: string) => Promise<Response>;
  readonly post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly cookie: () => string;
}

/** A browser with its cookie and its token against forgery. */
export function client(address: string): Client & { readonly setCsrf: (csrf: string) => void } {
  let cookie = '';
  let csrf = '';
  const keep = (response: Response): Response => {
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0]!;
    return response;
  };
  return {
    get: async (path) => keep(await fetch(address + path, { headers: { cookie } })),
    post: async (path, body, headers = {}) =>
      keep(
        await fetch(address + path, {
          method: 'POST',
          headers: {
            cookie,
            'x-csrf-token': csrf,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    cookie: () => cookie,
    setCsrf: (value) => {
      csrf = value;
    },
  };
}

export const PASSWORD = 'correct horse battery';

export async function runningSite(
  into?: string,
  {
    origin = 'live',
    station = STATION,
    listen = '{ port: 0 }',
    access = '',
    clock = systemClock,
    stage,
  }: Partial<Written> & { clock?: SiteClock; stage?: Stage } = {},
) {
  const folder = into ?? (await mkdtemp(join(tmpdir(), 'selvedge-site-')));
  if (into === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const read = parseConfig(
    yaml(join(folder, 'data'), { origin, station, listen, access }),
    join(folder, 'site.yaml'),
  );
  if (read.config === null) throw new Error(JSON.stringify(read.faults));
  const site: RunningSite = await openSite({
    config: read.config,
    simulators: new Map(),
    consoleFolder: null,
    version: 'test',
    clock,
    ...(stage === undefined ? {} : { stage }),
    ...(process.env.DEBUG_SITE ? { logger: (await import('pino')).default() as never } : {}),
  });
  onTestFinished(() => site.close());
  return { folder, site, address: site.address };
}

/** The owner of a new site, signed in. */
export async function owner({ address, code }: RunningSite) {
  const browser = client(address);
  await browser.post('/api/setup', { code, name: 'Ada', password: PASSWORD });
  return signedIn(browser);
}

export async function signedIn<T extends ReturnType<typeof client>>(browser: T): Promise<T> {
  const session = (await (await browser.get('/api/session')).json()) as { csrf: string };
  browser.setCsrf(session.csrf);
  return browser;
}

/** What equipment holds: a token that may bring units and nothing else. */
export async function equipment(address: string, browser: Client) {
  const made = await browser.post('/api/tokens', { name: 'press', rights: ['bring'], endsAtMs: null });
  const { secret } = (await made.json()) as { secret: string };
  const bring = (body: unknown, path = '/api/in/press/press-1'): Promise<Response> =>
    fetch(address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify(body),
    });
  return { bring, secret };
}
