import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Scalar, Tag } from '@selvedge/connect';
import type { Peer } from '@selvedge/connect/conformance';

/** The equipment, played by a real server on this machine, which can be killed, frozen and cut. */
export class LinePeer implements Peer {
  readonly port: number;
  readonly #held = new Map<string, string>();
  readonly #written: (readonly [address: string, value: Scalar])[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #frozen = false;
  #cuts = false;

  private constructor(port: number) {
    this.port = port;
  }

  /** On a free port, not started yet. */
  static async make(): Promise<LinePeer> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (address === null || typeof address === 'string') throw new Error('no port is free');
    return new LinePeer(address.port);
  }

  async start(): Promise<void> {
    this.#frozen = false;
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  }

  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  async set(tag: Tag, value: number): Promise<void> {
    this.#held.set(tag.address, `= ${value}`);
  }

  async spoil(tag: Tag): Promise<void> {
    this.#held.set(tag.address, 'SENSOR BROKEN');
  }

  async freeze(): Promise<void> {
    this.#frozen = true;
  }

  async cutNextWrite(): Promise<void> {
    this.#cuts = true;
  }

  async written(tag: Tag): Promise<readonly Scalar[]> {
    return this.#written.filter(([address]) => address === tag.address).map(([, value]) => value);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    createInterface({ input: socket })
      .on('error', () => {})
      .on('line', (text) => {
        const answer = this.#frozen ? null : this.#answer(text);
        if (answer !== null) socket.write(`${answer}\n`);
      });
  }

  #answer(text: string): string | null {
    const [verb = '', address = '', value = ''] = text.split(' ');
    if (verb === 'PING') return 'PONG';
    if (verb === 'GET') return this.#held.get(address) ?? 'NO SUCH NAME';
    if (verb !== 'SET') return 'WHAT';
    this.#written.push([address, Number(value)]);
    this.#held.set(address, `= ${value}`);
    if (!this.#cuts) return 'OK';
    this.#cuts = false;
    for (const one of this.#sockets) one.destroy();
    return null;
  }
}
