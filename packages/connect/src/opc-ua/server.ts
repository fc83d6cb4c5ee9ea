import type { OpcUaServer, OpcUaServerOptions } from './server/options.js';

/**
 * A server of tags, and of what the companion specifications say of a machine. Its certificate is made at the first
 * start; clients come in with a trusted certificate only. Loading costs seconds and memory: only what is asked for is loaded.
 * @throws RangeError where the options contradict each other; Error where the port is taken
 */
export async function startOpcUaServer(options: OpcUaServerOptions): Promise<OpcUaServer> {
  const { start } = await import('./server/start.js');
  return start(options);
}
