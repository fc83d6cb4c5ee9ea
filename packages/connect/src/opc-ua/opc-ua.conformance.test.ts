import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { folderOf, NAMESPACE, tagOf } from '../../test/opc-ua/kit.js';
import { serviceOf, startProxy, type Wire, WRITE_RESPONSE } from '../../test/opc-ua/proxy.js';
import { connectorConformance } from '../conformance/conformance.js';
import type { Peer, Subject } from '../conformance/subject.js';
import type { Scalar } from '../contract/value.js';
import { opcUa } from './connector.js';
import type { OpcUaServer } from './server/options.js';
import { startOpcUaServer } from './server.js';

const TAGS = {
  moving: tagOf({ tag: 'moving', type: 'int32' }),
  steady: tagOf({ tag: 'steady', type: 'int32' }),
  spoilt: tagOf({ tag: 'spoilt', type: 'int32' }),
  setting: tagOf({ tag: 'setting', type: 'int32', access: 'rw', range: [0, 1000] }),
};
const NAMES = Object.values(TAGS).map(({ tag }) => tag);
let folder: { path: string; remove: () => Promise<void> };
let server: OpcUaServer;
let told: (tag: string, value: Scalar) => void = () => {};

// One real server for all checks, as starting one takes its time: a peer that is killed is a wire that is cut and closed.
beforeAll(async () => {
  folder = await folderOf('opc-ua-conformance');
  server = await startOpcUaServer({
    port: 0,
    folder: join(folder.path, 'server'),
    namespace: NAMESPACE,
    unsecured: 'accepted',
    tags: NAMES.map((tag) => ({ tag, type: 'int32', writable: tag === TAGS.setting.tag })),
    onWrite: (tag, value) => {
      told(tag, value as Scalar);
      return 'Good';
    },
  });
});
afterAll(async () => {
  await server?.close();
  await folder?.remove();
});

class WiredPeer implements Peer {
  readonly #held = new Map(NAMES.map((tag) => [tag, 0]));
  readonly #spoilt = new Set<string>();
  readonly #written: [string, Scalar][] = [];
  #wire: Wire | null = null;

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    told = (tag, value) => this.#written.push([tag, value]);
    for (const tag of NAMES) this.#tell(tag);
    this.#wire = await startProxy(Number(server.endpoint.split(':').at(-1)), this.port);
  }

  async kill(): Promise<void> {
    const wire = this.#wire;
    this.#wire = null;
    await wire?.close();
  }

  async set({ tag }: { tag: string }, value: number): Promise<void> {
    this.#held.set(tag, value);
    if (this.#wire) this.#tell(tag);
  }

  async spoil({ tag }: { tag: string }): Promise<void> {
    this.#spoilt.add(tag);
    this.#tell(tag);
  }

  async freeze(): Promise<void> {
    if (this.#wire) this.#wire.mode = 'hold';
  }

  async cutNextWrite(): Promise<void> {
    const wire = this.#wire;
    if (!wire) return;
    wire.fromServer = (message) => {
      if (serviceOf(message) !== WRITE_RESPONSE) return;
      wire.fromServer = () => {};
      wire.cut();
    };
  }

  async written({ tag }: { tag: string }): Promise<readonly Scalar[]> {
    return this.#written.flatMap(([one, value]) => (one === tag ? [value] : []));
  }

  #tell(tag: string): void {
    server.set(tag, this.#held.get(tag) ?? 0, undefined, this.#spoilt.has(tag) ? 'bad' : 'good');
  }
}

async function make(): Promise<Subject> {
  const peer = new WiredPeer(await freePort());
  return {
    connector: opcUa,
    config: {
      endpoint: `opc.tcp://127.0.0.1:${peer.port}`,
      ...{ security: 'None', unsecured: 'accepted' },
      ...{ publishMs: 50, probeMs: 300, deadlineMs: 2_000 },
    },
    peer,
    tags: TAGS,
    dispose: () => peer.kill(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

// Certificates are made and checked at every opening: on a busy machine that is seconds of the processor.
connectorConformance({ name: 'opc-ua', make, limits: { upMs: 30_000, callMs: 15_000 } }, { describe, it });
