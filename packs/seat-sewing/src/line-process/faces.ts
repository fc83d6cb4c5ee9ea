import { setTimeout as wait } from 'node:timers/promises';
import {
  type Datatype,
  opcUaCertificates,
  type ScalarType,
  startOpcUaServer,
  startSparkplugEdge,
  type Value,
} from '@selvedge/connect';
import type { Face, OnWrite } from './face.js';
import type { LineTag } from './line-tags.js';

export interface OpcUaFaceOptions {
  readonly port: number;
  readonly folder: string;
  readonly machine: string;
  readonly plant: string;
  readonly tags: readonly LineTag[];
  readonly onWrite: OnWrite;
  /** The first unknown client within so long is trusted, where none is trusted yet: the commissioning window. */
  readonly commissioningMs: number;
  readonly signal: AbortSignal;
}

const LOOK_MS = 100;

/** A machine with an OPC UA server of its own. Its clients need its trust; signed and encrypted is the only way in. */
export async function opcUaFace(options: OpcUaFaceOptions): Promise<Face & { readonly endpoint: string }> {
  const { port, folder, machine, plant, tags, onWrite } = options;
  const server = await startOpcUaServer({
    ...{ port, folder, application: `SewingMachine-${plant}-${machine}` },
    namespace: LINE_NAMESPACE,
    machine: {
      name: machine,
      manufacturer: 'Selvedge (simulated)',
      serialNumber: `SIM-${plant}-${machine}`,
      productInstanceUri: `urn:selvedge:simulated:${plant}:${machine}`,
      model: 'stitch-synchronous sewing machine',
    },
    tags,
    onWrite: (tag, value) => (onWrite(tag, value) === true ? 'Good' : 'BadInvalidState'),
  });
  void commission(server, options).catch(() => {});
  return {
    endpoint: server.endpoint,
    set: (values) => {
      // Never with a bad status: the server's library stops at one in a client's full queue (node-opcua 2.182.2).
      for (const [tag, value] of Object.entries(values)) server.set(tag, value);
    },
    close: () => server.close(),
  };
}

/** As a person at the machine's panel would in the first minutes; afterwards every unknown client stays refused. */
async function commission(
  server: { trust(thumbprint: string): Promise<void> },
  { folder, commissioningMs, signal }: Pick<OpcUaFaceOptions, 'folder' | 'commissioningMs' | 'signal'>,
): Promise<void> {
  const untilMs = performance.now() + commissioningMs;
  while (performance.now() < untilMs) {
    const met = await opcUaCertificates(folder);
    if (met.some(({ state }) => state === 'trusted')) return;
    const [first] = met;
    if (first !== undefined) return server.trust(first.thumbprint);
    await wait(LOOK_MS, undefined, { signal });
  }
}

export const LINE_NAMESPACE = 'urn:selvedge:equipment';

const SPARKPLUG: Readonly<Partial<Record<ScalarType, Datatype>>> = {
  ...{ uint32: 'UInt32', int32: 'Int32', double: 'Double', float: 'Float', string: 'String' },
  ...{ bool: 'Boolean', bytes: 'Bytes' },
};

export interface SparkplugFaceOptions {
  readonly url: string;
  readonly version: 4 | 5;
  readonly folder: string;
  readonly plant: string;
  readonly machine: string;
  readonly tags: readonly LineTag[];
  readonly onWrite: OnWrite;
}

/** A machine as a device of the line's edge node. All values of one `set` go in one message. */
export function sparkplugFace(options: SparkplugFaceOptions): Face & { readonly born: () => boolean } {
  const { url, version, folder, plant, machine, tags, onWrite } = options;
  const edge = startSparkplugEdge({
    broker: { urls: [url], version, firstPauseMs: 200, longestPauseMs: 2000 },
    ...{ group: LINE_GROUP, edge: plant, folder },
    // What stood there when nobody listened is gone: covers wait on the rack and are shown again.
    mostKept: 0,
    devices: [{ id: machine, metrics: tags.map(metricOf) }],
    onCommand: ({ name, value }) => (onWrite(name, value as Value) === true ? (value as Value) : undefined),
  });
  return {
    born: () => edge.born,
    set: (values) => {
      edge.publish(
        machine,
        Object.entries(values).map(([name, value]) => ({ name, value })),
      );
    },
    close: () => edge.close(),
  };
}

export const LINE_GROUP = 'seats';

function metricOf({ tag, type, array, unit, range, writable, value }: LineTag) {
  const scalar = SPARKPLUG[type] ?? 'String';
  return {
    ...{ name: tag, datatype: (array ? `${scalar}Array` : scalar) as Datatype },
    value,
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    ...(writable === undefined ? {} : { writable }),
  };
}
