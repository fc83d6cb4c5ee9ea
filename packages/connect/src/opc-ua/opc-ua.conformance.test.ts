import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { folderOf, NAMESPACE, tagOf } from '../../test/opc-ua/kit.js';
import { serviceOf, startProxy, type Wire, WRITE_RESPONSE } from '../../test/opc-ua/proxy.js';
import { connectorConformance } from '../conformance/conformance.js';
import type { Peer, Subject } from '../conformance/subject.js';
import type { Scalar } from '../contract/value.js';
import { opcUa } from './connector.js';
import { openPki } from './pki.js';
import type { OpcUaServer } from './server/options.js';
import { startOpcUaServer } from './server.js';

const TAGS = {
  moving: tagOf({ tag: 'moving', type: 'int32' }),
  steady: tagOf({ tag: 'steady', type: 'int32' }),
  spoilt: tagOf({ tag: 'spoilt', type: 'int32' }),
  setting: tagOf({ tag: 'setting', type: 'int32', access: 'rw', range: [0, 1000] }),
};
let folder: { path: string; remove: () => Promise<void> };
let subjects = 0;

beforeAll(async () => {
  folder = await folderOf('opc-ua-conformance');
  // Keys are made once: each peer gets a copy.
  await openPki(join(folder.path, 'keys'), 'SelvedgeServer');
});
afterAll(() => folder?.remove());

/** A real server behind a wire that can be held and cut. */
class ServerPeer implements Peer {
  readonly #held = new Map(Object.values(TAGS).map(({ tag }) => [tag, 0]));
  readonly #spoilt = new Set<string>();
  readonly #written: [string, Scalar][] = [];
  #server: OpcUaServer | null = null;
  #wire: Wire | null = null;

  constructor(
    readonly folder: string,
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    this.#server = await startOpcUaServer({
      port: 0,
      folder: this.folder,
      namespace: NAMESPACE,
      unsecured: 'accepted',
      tags: Object.values(TAGS).map(({ tag, access }) => ({
        tag,
        type: 'int32' as const,
        writable: access === 'rw',
        value: this.#held.get(tag) ?? 0,
      })),
      onWrite: (tag, value) => {
        this.#written.push([tag, value as Scalar]);
        return 'Good';
      },
    });
    for (const tag of this.#spoilt) this.#server.set(tag, 0, undefined, 'bad');
    this.#wire = await startProxy(Number(this.#server.endpoint.split(':').at(-1)), this.port);
  }

  async kill(): Promise<void> {
    const [server, wire] = [this.#server, this.#wire];
    this.#server = null;
    this.#wire = null;
    await wire?.close();
    await server?.close();
  }

  async set({ tag }: { tag: string }, value: number): Promise<void> {
    this.#held.set(tag, value);
    this.#server?.set(tag, value);
  }

  async spoil({ tag }: { tag: string }): Promise<void> {
    this.#spoilt.add(tag);
    this.#server?.set(tag, 0, undefined, 'bad');
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
}

async function make(): Promise<Subject> {
  subjects += 1;
  const own = join(folder.path, `peer-${subjects}`);
  await cp(join(folder.path, 'keys'), own, { recursive: true });
  const peer = new ServerPeer(own, await freePort());
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

connectorConformance({ name: 'opc-ua', make, limits: { upMs: 30_000 } }, { describe, it });
