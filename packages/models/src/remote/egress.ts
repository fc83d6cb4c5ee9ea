import { lookup as systemLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isAllowed, placeOf, plainAddress, type Target, targetOf } from './host-address.js';

/** One request. */
export interface Ask {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The whole answer is there by then, or there is none: a body that drips gains nothing. */
  readonly withinMs: number;
  /** A longer body is given up. */
  readonly mostBytes: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The only way out of an applicant's process. */
export interface Egress {
  /**
   * @throws Error with the reason where the target is not allowed, nobody answers in time, the certificate is not good, the
   * answer is a redirect, compressed, cut off or too long. Every status other than a redirect is an answer.
   */
  ask(ask: Ask): Promise<Answer>;
}

export interface EgressOptions {
  /** `host` or `host:port`; the loopback needs no leave. */
  readonly allowedHosts: readonly string[];
  /** Names to addresses; default: the system's. */
  readonly lookup?: (name: string) => Promise<readonly string[]>;
  /** Authorities that are trusted instead of the system's, PEM. */
  readonly ca?: string;
}

/** Nobody listens there: the next address of the same name is tried. Nothing was sent. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/**
 * Opens the way out. A name is looked up once for each request and what was looked at is connected to, never the name; a
 * name must not lead to this machine, the link or nobody, and over plain http it must lead to where it led at first (over
 * https the certificate says who it is). One connection for one question, so that a server that answers too often answers
 * nobody else's. No proxy, whatever the environment says.
 */
export function openEgress({ allowedHosts, lookup = systemAddresses, ca }: EgressOptions): Egress {
  const first = new Map<string, ReadonlySet<string>>();

  const addressesOf = async (target: Target): Promise<readonly string[]> => {
    const { host, port, literal, secure } = target;
    const place = literal ? placeOf(host) : null;
    if (place === 'here') return [host];
    if (place === 'nobody') throw new Error(`${host} is no address of anybody`);
    const local = host === 'localhost';
    // Before the look-up: a name that nobody allowed is not told to a name server either.
    if (!local && !isAllowed(target, allowedHosts))
      throw new Error(`nobody has allowed that observations go to ${host}:${port}`);
    if (literal) return [host];
    const found = (await lookup(host)).map(plainAddress);
    if (found.length === 0) throw new Error(`${host} has no address`);
    for (const address of found) {
      const there = placeOf(address);
      if (local !== (there === 'here') || there === 'nobody' || there === 'link')
        throw new Error(`${host} leads to ${address}: it is not asked`);
    }
    if (local || secure) return found;
    const known = first.get(host) ?? new Set(found);
    first.set(host, known);
    const same = found.filter((address) => known.has(address));
    if (same.length === 0)
      throw new Error(
        `${host} leads to ${found[0]} now and did to ${[...known][0]}: an owner may allow it anew`,
      );
    return same;
  };

  return {
    ask: async (ask) => {
      const until = performance.now() + ask.withinMs;
      const url = new URL(ask.url);
      const target = targetOf(url);
      const addresses = await inTime(addressesOf(target), ask.withinMs);
      let fault: unknown;
      for (const address of addresses) {
        try {
          const leftMs = until - performance.now();
          if (leftMs <= 0) throw late(ask.withinMs);
          return await exchange(ask, { url, target, address, leftMs, ...(ca === undefined ? {} : { ca }) });
        } catch (error) {
          fault = error;
          if (!NOT_CONNECTED.has(String((error as NodeJS.ErrnoException).code))) break;
        }
      }
      throw fault;
    },
  };
}

interface Way {
  readonly url: URL;
  readonly target: Target;
  readonly address: string;
  readonly leftMs: number;
  readonly ca?: string;
}

function exchange(ask: Ask, { url, target, address, leftMs, ca }: Way): Promise<Answer> {
  const { host, port, literal, secure } = target;
  return new Promise<Answer>((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      ...{ host: address, port, method: ask.method, path: `${url.pathname}${url.search}` },
      // A connection of its own that is closed afterwards, without any proxy.
      agent: false,
      headers: {
        'accept-encoding': 'identity',
        ...ask.headers,
        host: url.host,
        connection: 'close',
        ...(ask.body === undefined ? {} : { 'content-length': String(ask.body.length) }),
      },
      ...(secure
        ? {
            // Said, so that no variable of the environment says otherwise.
            rejectUnauthorized: true,
            ...(literal ? {} : { servername: host }),
            ...(ca === undefined ? {} : { ca }),
          }
        : {}),
    });
    const timer = setTimeout(() => request.destroy(late(ask.withinMs)), leftMs);
    const give = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      request.destroy();
    };
    request.on('error', give);
    request.on('response', (response) => {
      const wrong = refusalOf(response);
      if (wrong !== null) {
        give(wrong);
        return;
      }
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > ask.mostBytes) give(new Error(`its answer is longer than ${ask.mostBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', give);
      response.on('close', () => {
        if (!response.complete) give(new Error('its answer was cut off'));
      });
      response.on('end', () => {
        if (!response.complete) return;
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(chunks),
        });
      });
    });
    request.end(ask.body);
  });
}

function refusalOf({ statusCode = 0, headers }: IncomingMessage): Error | null {
  if (statusCode >= 300 && statusCode < 400)
    return new Error(
      `it answered ${statusCode} and wants to be asked at another place: that is not followed`,
    );
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    return new Error(`its answer is packed (${coding.slice(0, 40)}), which was not asked for`);
  return null;
}

const late = (withinMs: number): Error =>
  new Error(`it gave no whole answer within ${Math.round(withinMs)} ms`);

async function inTime<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(withinMs)), withinMs);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}

async function systemAddresses(name: string): Promise<string[]> {
  return (await systemLookup(name, { all: true })).map(({ address }) => address);
}
