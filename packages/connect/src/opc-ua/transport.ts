import type { Socket } from 'node:net';
import { defaultClientTransportFactory } from 'node-opcua';

type Factory = typeof defaultClientTransportFactory;

/**
 * The library's transport with two things added: an error listener that stays on the socket for its whole life (a late
 * `ECONNRESET` without a listener has ended whole processes), and a way to cut every socket, whatever state the library
 * believes itself to be in.
 */
export function containedTransport(): { readonly factory: Factory; readonly cut: () => void } {
  const sockets = new Set<Socket>();
  return {
    factory: {
      create: (settings) => {
        const transport = defaultClientTransportFactory.create(settings);
        const inner = transport as unknown as { _install_socket: (socket: Socket) => void };
        const install = inner._install_socket.bind(transport);
        inner._install_socket = (socket) => {
          socket.on('error', () => {});
          socket.once('close', () => sockets.delete(socket));
          sockets.add(socket);
          install(socket);
        };
        return transport;
      },
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
