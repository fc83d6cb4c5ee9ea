import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Session } from '@selvedge/core/records';
import { onTestFinished } from 'vitest';
import type { OidcOptions } from '../../src/access/oidc-provider.js';
import { type Server, startServer } from './kit.js';

const CHILD = fileURLToPath(new URL('oidc-child.mjs', import.meta.url));
export const ADDRESS = 'https://plant.example';
const PROXY = '192.0.2.1';

/** What the provider does next. */
export interface ProviderControl {
  /** Who signs in there; null = they stop. */
  readonly account?: string | null;
  /** Claims by subject. */
  readonly people?: Readonly<Record<string, object>>;
  /** Handed out in place of the ID token that was asked for. */
  readonly idToken?: string | null;
  /** Cuts every connection. */
  readonly down?: boolean;
  /** How far its clock is behind. */
  readonly behindMs?: number;
}

export interface Provider {
  readonly issuer: string;
  set(control: ProviderControl): Promise<void>;
}

/** oidc-provider in a process of its own; its warnings about Node 20 and its own keys are not shown. */
export async function startProvider(): Promise<Provider> {
  const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill();
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const issuer = line.toString().trim();
  return {
    issuer,
    async set(control) {
      await fetch(`${issuer}/control`, { method: 'POST', body: JSON.stringify(control) });
    },
  };
}

/** A browser that goes from the site to the provider and back, with the cookies of both. */
export interface OidcBrowser {
  readonly site: Map<string, string>;
  /** The start at the site: where the browser is sent. */
  start(query?: string): Promise<string>;
  /** From there through the provider until it sends the browser back to the site: that address. */
  atProvider(url: string): Promise<string>;
  /** Back at the site: where that sends the browser. */
  back(url: string): Promise<string>;
  /** All three. */
  signIn(query?: string): Promise<string>;
  get(path: string): Promise<Answer>;
  post(path: string, body: object): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly location: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly body: any;
  readonly setCookie: string[];
}

export function openOidcBrowser(server: Server): OidcBrowser {
  const site = new Map<string, string>();
  const provider = new Map<string, string>();
  let csrf: string | null = null;
  const line = (jar: Map<string, string>) => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const keep = (jar: Map<string, string>, lines: readonly string[]): void => {
    for (const one of lines) {
      const [pair = ''] = one.split(';');
      const at = pair.indexOf('=');
      const value = pair.slice(at + 1);
      if (value === '') jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), value);
    }
  };
  const send = async (method: 'GET' | 'POST', url: string, payload?: object): Promise<Answer> => {
    const answer = await server.app.inject({
      method,
      url,
      remoteAddress: PROXY,
      headers: {
        host: 'plant.example',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '198.51.100.9',
        cookie: line(site),
        ...(csrf === null ? {} : { 'x-csrf-token': csrf }),
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const setCookie = [answer.headers['set-cookie'] ?? []].flat();
    keep(site, setCookie);
    const body = answer.body === '' ? null : (JSON.parse(answer.body) as Session);
    if (body !== null && 'csrf' in body) csrf = body.csrf;
    return { status: answer.statusCode, location: String(answer.headers.location), body, setCookie };
  };
  const own: OidcBrowser = {
    site,
    start: async (query = '') => (await send('GET', `/api/sign-in/oidc${query}`)).location,
    async atProvider(url) {
      for (let at = url, hops = 0; hops < 10; hops += 1) {
        const answer = await fetch(at, { redirect: 'manual', headers: { cookie: line(provider) } });
        keep(provider, answer.headers.getSetCookie());
        const location = answer.headers.get('location');
        if (location === null) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 300)}`);
        at = new URL(location, at).href;
        if (at.startsWith(ADDRESS)) return at;
      }
      throw new Error('round and round');
    },
    back: async (url) => (await send('GET', url.slice(ADDRESS.length))).location,
    signIn: async (query) => own.back(await own.atProvider(await own.start(query))),
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
  };
  return own;
}

/** A site at https://plant.example that knows the provider, and the provider that knows three people. */
export async function withProvider(more: Partial<OidcOptions> = {}, folder?: string) {
  const provider = await startProvider();
  await provider.set({
    account: 'ada',
    people: {
      ada: { name: 'Ada Lovelace', groups: ['staff', 'qa', 'ops'], email: 'olga@plant.example' },
      bob: { name: 'Bob', groups: ['staff'], realm: { access: { roles: 'qa' } } },
      olga: { name: 'Olga', groups: ['ops'], email: 'olga@plant.example' },
    },
  });
  const server = await startServer({
    ...(folder === undefined ? {} : { folder }),
    origins: [ADDRESS],
    trustProxy: [PROXY],
    oidc: {
      ...{ issuer: provider.issuer, name: 'Plant account', clientId: 'selvedge' },
      ...{ clientSecret: 'secret of selvedge', scopes: ['openid', 'profile'], rolesClaim: 'groups' },
      roles: [
        { value: 'ops', role: 'operator' },
        { value: 'qa', role: 'quality' },
        { value: 'bosses', role: 'owner' },
      ],
      clockSkewSeconds: 30,
      address: ADDRESS,
      ...more,
    },
  });
  return { provider, server, browser: () => openOidcBrowser(server) };
}
