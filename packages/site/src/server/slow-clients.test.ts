import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { equipment, owner, runningSite } from '../../test/running-site.js';
import { FrameCount } from '../sources/frame-count.js';
import { httpSource, streamOf } from '../sources/http-source.js';
import { buildApp } from './build-app.js';

/** A peer of a raw socket: what it was sent, and when the other side let go of it. */
function peer(address: string): { socket: Socket; text: () => string; gone: Promise<number> } {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const from = performance.now();
  const gone = new Promise<number>((resolve) => {
    socket.once('close', () => resolve(performance.now() - from));
  });
  return { socket, text: () => text, gone };
}

/** Sends a byte now and then until the other side has enough. */
function drip(socket: Socket, bytes: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || !socket.writable) clearInterval(timer);
    else socket.write(bytes[at++ % bytes.length]!);
  }, 50);
  onTestFinished(() => clearInterval(timer));
}

const SLOWEST_MS = 1000;

/** A running site, and a server of its own before it that has little patience. */
async function quick() {
  const { site } = await runningSite();
  const { live } = site.parts;
  const app = await buildApp(site.parts, {
    consoleFolder: null,
    version: 'test',
    patience: { requestMs: SLOWEST_MS, readerMs: SLOWEST_MS },
    sources: (scope) =>
      httpSource(scope, {
        path: '/in/press',
        largest: 1_000_000,
        streams: new Map([
          [
            'press-1',
            streamOf(live.station('press-1'), {
              journal: site.parts.journal,
              frames: new FrameCount({ station: 'press-1', journal: site.parts.journal, log: () => {} }),
            }),
          ],
        ]),
      }),
  });
  onTestFinished(() => app.close());
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket) => sockets.add(socket));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { site, address, sockets };
}

describe('a slow client', () => {
  it('that says nothing, or its headers byte by byte, is cut off', async () => {
    const { address } = await quick();
    const silent = peer(address);
    const slow = peer(address);
    slow.socket.write('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ');
    drip(slow.socket, 'a');
    for (const one of [silent, slow]) expect(await one.gone).toBeGreaterThan(SLOWEST_MS / 2);
    expect(slow.text()).toMatch(/^HTTP\/1.1 408/);
    expect((await fetch(`${address}/health`)).status).toBe(200);
  }, 20_000);

  it('that sends its body byte by byte is cut off, and nothing of it is taken', async () => {
    const { site, address } = await quick();
    const { secret } = await equipment(address, await owner(site));
    const slow = peer(address);
    slow.socket.write(
      `POST /api/in/press/press-1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${secret}\r\ncontent-length: 5000\r\n\r\n{"id":"slow","score":1`,
    );
    drip(slow.socket, ' ');
    await slow.gone;
    expect(site.parts.journal.read({ kind: 'arrived', limit: 1 })).toEqual([]);
    expect((await fetch(`${address}/health`)).status).toBe(200);
  }, 20_000);

  it('does not keep others waiting, however many there are', async () => {
    const { site, address } = await quick();
    const { bring } = await equipment(address, await owner(site));
    const slow = Array.from({ length: 200 }, () => peer(address));
    for (const { socket } of slow) socket.write('POST /api/sign-in HTTP/1.1\r\nhost: x\r\ncontent-le');
    expect((await bring({ id: 'quick', score: 1 })).status).toBe(200);
    await Promise.all(slow.map(({ gone }) => gone));
    expect((await bring({ id: 'later', score: 1 })).status).toBe(200);
  }, 30_000);
});

describe('a hostile body', () => {
  it('without a right is refused before it is read; too large, before it is whole', async () => {
    const { site, address } = await quick();
    const { secret } = await equipment(address, await owner(site));
    const post = (headers: string): ReturnType<typeof peer> => {
      const one = peer(address);
      one.socket.write(
        `POST /api/in/press/press-1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}\r\n\r\n{`,
      );
      return one;
    };
    const stranger = post('content-length: 1000000');
    const large = post(`authorization: Bearer ${secret}\r\ncontent-length: 99000000000`);
    const endless = post(`authorization: Bearer ${secret}\r\ntransfer-encoding: chunked`);
    const chunk = `${(65536).toString(16)}\r\n${' '.repeat(65536)}\r\n`;
    endless.socket.write('\r\n');
    const more = (): void => {
      while (!endless.socket.destroyed && endless.socket.write(chunk));
    };
    endless.socket.on('drain', more);
    more();
    await Promise.all([stranger.gone, large.gone, endless.gone]);
    expect(stranger.text()).toMatch(/^HTTP\/1.1 401/);
    expect(large.text()).toMatch(/^HTTP\/1.1 413/);
    expect((await fetch(`${address}/health`)).status).toBe(200);
    expect(site.parts.journal.read({ kind: 'arrived', limit: 1 })).toEqual([]);
  }, 30_000);

  it('of headers without end is cut off', async () => {
    const { address } = await quick();
    const one = peer(address);
    one.socket.write('GET /health HTTP/1.1\r\nhost: x\r\n');
    one.socket.write(`x: ${'a'.repeat(100_000)}\r\n`);
    await one.gone;
    expect(one.text()).toMatch(/^HTTP\/1.1 431/);
  });
});

describe('a reader of events who does not read', () => {
  it('is let go of, with no more in memory than a socket holds', async () => {
    const { site, address, sockets } = await quick();
    const ada = await owner(site);
    const { journal } = site.parts;
    const reader = peer(address);
    reader.socket.pause();
    reader.socket.write(`GET /api/events HTTP/1.1\r\nhost: x\r\ncookie: ${ada.cookie()}\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [served] = sockets;
    const buffered: number[] = [];
    // Far more than the buffers of both sides can hold.
    const body = { part: 'x'.repeat(190), state: 'up', why: 'y' };
    for (let n = 0; n < 60; n++) {
      await journal.appendAll(
        Array.from({ length: 500 }, () => ({ kind: 'part', subject: 'x'.repeat(190), atMs: 1, body })),
      );
      buffered.push(served!.writableLength);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await expect.poll(() => served!.destroyed, { timeout: 10_000 }).toBe(true);
    expect(Math.max(...buffered)).toBeGreaterThan(0);
    expect(Math.max(...buffered)).toBeLessThan(1_000_000);
  }, 60_000);
});
