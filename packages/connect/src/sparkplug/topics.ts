const NODE_VERBS = ['NBIRTH', 'NDEATH', 'NDATA', 'NCMD'] as const;
const DEVICE_VERBS = ['DBIRTH', 'DDEATH', 'DDATA', 'DCMD'] as const;
/** Kinds of messages of Sparkplug B 3.0, section 4.1. */
export type Verb = (typeof NODE_VERBS)[number] | (typeof DEVICE_VERBS)[number];

export const NAMESPACE = 'spBv1.0';

export interface Topic {
  readonly group: string;
  readonly verb: Verb;
  readonly edge: string;
  /** Of a device's message. */
  readonly device?: string;
}

/** Whether it may name a group, an edge node, a device or a host: one level of a topic without wildcards. */
export function isSparkplugId(id: string): boolean {
  return id.length > 0 && !/[/+#\0]/.test(id) && Buffer.from(id, 'utf8').toString('utf8') === id;
}

export function formatTopic({ group, verb, edge, device }: Topic): string {
  return [NAMESPACE, group, verb, edge, ...(device === undefined ? [] : [device])].join('/');
}

/** Undefined where it is no topic of an edge node or a device. */
export function parseTopic(topic: string): Topic | undefined {
  const [namespace, group, verb, edge, device, ...more] = topic.split('/');
  if (namespace !== NAMESPACE || !group || !verb || !edge || more.length > 0) return undefined;
  const node = NODE_VERBS.find((one) => one === verb);
  if (node && device === undefined) return { group, verb: node, edge };
  const of = DEVICE_VERBS.find((one) => one === verb);
  return of && device ? { group, verb: of, edge, device } : undefined;
}

export function stateTopic(host: string): string {
  return `${NAMESPACE}/STATE/${host}`;
}

/** Whether a host application is there. `atMs`: of its latest CONNECT, or of its death. */
export interface HostState {
  readonly online: boolean;
  readonly atMs: number;
}

export function formatState({ online, atMs }: HostState): Buffer {
  return Buffer.from(JSON.stringify({ online, timestamp: atMs }), 'utf8');
}

/** Undefined where it is no STATE of version 3: those before it said ONLINE and OFFLINE in plain text. */
export function parseState(payload: Uint8Array): HostState | undefined {
  try {
    const said: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof said !== 'object' || said === null) return undefined;
    const { online, timestamp } = said as Record<string, unknown>;
    return typeof online === 'boolean' && typeof timestamp === 'number'
      ? { online, atMs: timestamp }
      : undefined;
  } catch {
    return undefined;
  }
}
