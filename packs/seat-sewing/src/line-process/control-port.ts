import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What a presenter may ask of the line; nothing of it goes over the equipment's protocols. */
export type Moment =
  | { readonly do: 'go' }
  | { readonly do: 'pause' }
  | { readonly do: 'finish' }
  | { readonly do: 'state' }
  | { readonly do: 'thread-lot'; readonly machine: string; readonly friction?: number }
  | { readonly do: 'skip'; readonly machine: string }
  | { readonly do: 'template'; readonly machine: string; readonly miss?: number }
  /** The next seams of every machine are sewn at this factor of time; everything else keeps its own. */
  | { readonly do: 'slow'; readonly factor: number; readonly seams: number };

export interface ControlPort {
  readonly port: number;
  close(): Promise<void>;
}

const LONGEST_LINE = 10_000;

/** JSON lines over TCP on this machine alone: one moment a line, one answer a line. */
export async function openControlPort(
  port: number,
  answer: (moment: Moment) => object,
): Promise<ControlPort> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    createInterface(socket).on('line', (line) => {
      let said: object;
      try {
        if (line.length > LONGEST_LINE) throw new RangeError('the line is too long');
        said = answer(JSON.parse(line) as Moment);
      } catch (error) {
        said = { error: error instanceof Error ? error.message : String(error) };
      }
      if (!socket.destroyed) socket.write(`${JSON.stringify(said)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
