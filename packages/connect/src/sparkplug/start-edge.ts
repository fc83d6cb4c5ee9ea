import type { z } from 'zod';
import type { Context } from '../contract/connector.js';
import { brokerSchema } from '../mqtt/broker-config.js';
import { type EdgeOptions, SparkplugEdge } from './edge.js';
import type { Report } from './edge-metrics.js';
import { memoryOutbox } from './outbox.js';

export interface StartEdgeOptions extends Omit<EdgeOptions, 'broker' | 'context' | 'outbox'> {
  readonly broker: z.input<typeof brokerSchema>;
  /** Folder of its own, which exists: the number of births and deaths lives there. */
  readonly folder: string;
  /** Values kept while it is not connected; 0: only the last of each metric counts. 10,000 where absent. */
  readonly mostKept?: number;
  /** What differs from the machine's own clock, chance and an empty set of secrets. */
  readonly context?: Partial<Omit<Context, 'folder'>>;
}

export interface RunningEdge {
  /** New values of a device's metrics; null: the edge node's own. @throws RangeError on what was not declared. */
  publish(device: string | null, reports: readonly Report[]): 'sent' | 'kept';
  setDevice(id: string, alive: boolean): void;
  readonly born: boolean;
  close(): Promise<void>;
}

/**
 * A simulator's edge node: connects, gives birth and stays, whatever becomes of the broker.
 * @throws RangeError where the options cannot be Sparkplug.
 */
export function startSparkplugEdge(options: StartEdgeOptions): RunningEdge {
  const { broker, folder, mostKept = 10_000, context, ...rest } = options;
  const edge = new SparkplugEdge({
    ...rest,
    broker: brokerSchema.parse(broker),
    ...(mostKept > 0 ? { outbox: memoryOutbox(mostKept) } : {}),
    context: {
      signal: new AbortController().signal,
      nowMs: () => Date.now(),
      steadyMs: () => performance.now(),
      random: () => Math.random(),
      secret: (name) => Promise.reject(new Error(`there is no secret ${name}`)),
      log: () => {},
      ...context,
      folder,
    },
  });
  edge.start();
  return edge;
}
