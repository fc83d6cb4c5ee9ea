import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** How bytes pass: as they come, held for ever (a half-open peer), or late. */
  mode: 'pass' | 'hold' | { readonly lateMs: number };
  /** Looks at each message from the server, and may change its bytes in place. */
  fromServer: (message: Buffer) => void;
  fromClient: (message: Buffer) => void;
  readonly connections: number;
  /** Ends every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** A hostile wire between client and server that knows where messages of OPC UA TCP begin and end. */
export async function startProxy(targetPort: number, port = 0): Promise<Wire> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const proxy: Omit<Wire, 'port' | 'connections'> = {
    mode: 'pass',
    fromServer: () => {},
    fromClient: () => {},
    cut: () => {
      for (const one of sockets) one.destroy();
    },
    close: async () => {
      proxy.cut();
      server.close();
    },
  };
  const server = createServer((client) => {
    connections += 1;
    const peer = dial(targetPort, '127.0.0.1');
    for (const [from, to, look] of [
      [client, peer, (one: Buffer) => proxy.fromClient(one)],
      [peer, client, (one: Buffer) => proxy.fromServer(one)],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        if (proxy.mode !== 'hold') to.destroy();
      });
      from.on(
        'data',
        messages(look, (bytes) => pass(proxy.mode, to, bytes)),
      );
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return Object.defineProperties(proxy, {
    port: { value: typeof address === 'object' && address ? address.port : 0 },
    connections: { get: () => connections },
  }) as Wire;
}

function pass(mode: Wire['mode'], to: Socket, bytes: Buffer): void {
  if (mode === 'hold') return;
  if (mode === 'pass') to.write(bytes);
  else setTimeout(() => to.write(bytes), mode.lateMs);
}

/** Cuts a stream into whole messages: three letters, one for the chunk, and the size (OPC 10000-6, 7.1.2.2). */
function messages(look: (one: Buffer) => void, send: (one: Buffer) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 8) {
      const size = held.readUInt32LE(4);
      if (held.length < size) return;
      const one = Buffer.from(held.subarray(0, size));
      held = held.subarray(size);
      look(one);
      send(one);
    }
  };
}

const BODY = 24;
export const PUBLISH_RESPONSE = 829;
export const REPUBLISH_REQUEST = 832;
export const WRITE_REQUEST = 673;
export const WRITE_RESPONSE = 676;

/** The id of the service in an unsecured message, or null where it is none. */
export function serviceOf(message: Buffer): number | null {
  if (message.toString('latin1', 0, 3) !== 'MSG' || message.readUInt8(BODY) !== 1) return null;
  return message.readUInt16LE(BODY + 2);
}

/** Where a publish response without diagnostics names its subscription (OPC 10000-4, 5.14.5). */
export function subscriptionAt(message: Buffer): number {
  // Type id 4; time stamp 8, handle 4, result 4, diagnostics 1, string table 4, additional header 3.
  const table = BODY + 4 + 8 + 4 + 4 + 1;
  if (message.readInt32LE(table) > 0) throw new Error('a string table was not expected');
  return table + 4 + 3;
}

/** Where the sequence number of its parcel stands: behind the numbers that can still be asked for. */
export function sequenceAt(message: Buffer): number {
  const subscription = subscriptionAt(message);
  const available = message.readInt32LE(subscription + 4);
  return subscription + 4 + 4 + 4 * Math.max(0, available) + 1;
}
