import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role, Session, User } from '@selvedge/core/records';
import { type Entry, Journal } from '@selvedge/store';
import fastify, { type FastifyInstance } from 'fastify';
import { expect, onTestFinished } from 'vitest';
import { type Access, type AccessOptions, openAccess } from '../../src/access/access.js';
import { addAccess } from '../../src/access/add-access.js';
import { usersFold } from '../../src/access/users-fold.js';

export const PASSWORD = 'correct horse 1';
/** Cheap enough for a test; never used outside of one. */
export const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/** Both clocks, moved by hand. */
export interface HandClock {
  nowMs: () => number;
  steadyMs: () => number;
  pass(ms: number): void;
  step(ms: number): void;
}

export function handClock(): HandClock {
  let [now, steady] = [1_700_000_000_000, 5_000];
  return {
    nowMs: () => now,
    steadyMs: () => steady,
    pass: (ms) => {
      now += ms;
      steady += ms;
    },
    step: (ms) => {
      now += ms;
    },
  };
}

export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-access-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly body: any;
}

/** A browser of its own: keeps its cookie and what it knows of CSRF. */
export interface Browser {
  cookie: string | null;
  csrf: string | null;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  signIn(name: string, password?: string): Promise<Answer>;
}

export interface Server {
  readonly app: FastifyInstance;
  readonly access: Access;
  readonly journal: Journal;
  readonly clock: HandClock;
  readonly folder: string;
  readonly port: number;
  browser(host?: string): Browser;
  /** The first owner, signed in. */
  owner(): Promise<Browser>;
  /** Adds a user as `by` and returns them. */
  add(by: Browser, name: string, role: Role): Promise<User>;
  facts(kind: string): Entry[];
  stop(): Promise<void>;
}

/** A real server on loopback over a real journal. */
export async function startServer({
  folder,
  clock = handClock(),
  routes = () => {},
  trustProxy = [],
  ...options
}: Partial<Omit<AccessOptions, 'clock'>> & {
  clock?: HandClock;
  routes?: (app: FastifyInstance) => void;
  /** Addresses whose X-Forwarded headers are believed. */
  trustProxy?: string[];
} = {}): Promise<Server> {
  const home = folder ?? (await ownFolder());
  const journal = await Journal.open(home, { nowMs: clock.nowMs, projections: [usersFold] });
  const access = await openAccess({
    folder: home,
    journal,
    site: 'Test plant',
    origin: 'simulated',
    clock,
    argon2: CHEAP,
    ...options,
  });
  const app = fastify({ trustProxy });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await app.close();
    access.close();
    await journal.close();
  };
  onTestFinished(stop);
  await addAccess(app, access);
  routes(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const browser = (host = '127.0.0.1'): Browser => openBrowser(`http://${host}:${port}`);
  return {
    app,
    access,
    journal,
    clock,
    folder: home,
    port,
    browser,
    async owner() {
      const own = browser();
      const code = access.oneTimeCode() ?? '';
      const { status } = await own.post('/api/setup', { code, name: 'Ada', password: PASSWORD });
      expect(status).toBe(200);
      return own;
    },
    async add(by, name, role) {
      const { status, body } = await by.post('/api/users', { name, role, password: PASSWORD });
      expect([status, body.name, body.role, body.active]).toEqual([200, name, role, true]);
      return body as User;
    },
    facts: (kind) => journal.read({ limit: 10_000 }).filter((entry) => entry.kind === kind),
    stop,
  };
}

function openBrowser(base: string): Browser {
  const own: Browser = {
    cookie: null,
    csrf: null,
    get: (path, headers = {}) => send('GET', path, undefined, headers),
    post: (path, body, headers = {}) => send('POST', path, body, headers),
    signIn: (name, password = PASSWORD) => own.post('/api/sign-in', { name, password }),
  };
  const send = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(own.cookie === null ? {} : { cookie: own.cookie }),
        ...(own.csrf === null || method === 'GET' ? {} : { 'x-csrf-token': own.csrf }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const read: unknown = text === '' ? null : JSON.parse(text);
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      own.cookie = pair.endsWith('=') ? null : pair;
    }
    if (typeof read === 'object' && read !== null && 'csrf' in read) own.csrf = (read as Session).csrf;
    return { status: answer.status, headers: answer.headers, body: read };
  };
  return own;
}
