import type { z } from 'zod';
import type { Armed } from './armed.js';
import type { Receipt } from './command.js';
import type { Batch, Sample } from './item.js';
import type { Tag } from './tag.js';

export const CONTRACT_VERSION = 1;

export type Ability = 'read' | 'subscribe' | 'events' | 'write' | 'publish' | 'browse' | 'frames' | 'history';

/** What a connector is, before it is opened. */
export interface Manifest<Config extends z.ZodType = z.ZodType> {
  readonly contract: typeof CONTRACT_VERSION;
  /** Name of the protocol, as in a configuration: `opc-ua`. */
  readonly protocol: string;
  readonly can: ReadonlySet<Ability>;
  /** Settings; a `strictObject` whose faults name what to write instead. Secrets are names of secrets, never values. */
  readonly config: Config;
  /** What becomes of values that nobody has acknowledged in time: it reads no further, or counts a gap. */
  readonly whenFull: 'waits' | 'gap';
}

/** `event` is a short name; fields are plain data without secrets. */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** What a connector is handed when it is opened. */
export interface Context {
  /** Aborted: every pending wait ends, the link closes. */
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Never goes back; for waits and rates. */
  readonly steadyMs: () => number;
  /** 0..1, for jitter. */
  readonly random: () => number;
  /** A secret by its name. @throws where there is none: the message names it. */
  readonly secret: (name: string) => Promise<string>;
  /** Folder of the connector's own: certificates, counters that must survive. It exists and is private. */
  readonly folder: string;
  readonly log: Log;
}

/**
 * `connecting`: no value is current. `up`: values are current. `degraded`: some are not, `why` says which. `down`: none
 * are, and it tries again by itself. Every change of `epoch` means: what was known about the equipment is void.
 */
export interface LinkState {
  readonly state: 'connecting' | 'up' | 'degraded' | 'down';
  readonly why: string;
  readonly epoch: string;
}

export interface Probe {
  readonly ok: boolean;
  /** Time of the round trip to the equipment; null where it failed. */
  readonly tookMs: number | null;
  readonly why: string;
}

export interface NodeInfo {
  readonly address: string;
  readonly name: string;
  readonly kind: 'folder' | 'value' | 'method';
  readonly type?: string;
  readonly writable?: boolean;
}

/**
 * One connection to equipment, which reconnects by itself for as long as it is open. Calls may come in any order and at
 * the same time. `states` and `batches` are each iterated once.
 */
export interface Link {
  /** The present state first, then every change. Ends when the link is closed. */
  states(): AsyncIterable<LinkState>;
  /**
   * Values as they change. After every new epoch each tag is read once in full, so that nobody has to guess what happened
   * meanwhile. A tag that does not exist or cannot be read is delivered as a `bad` sample with its status; it never
   * takes another tag along.
   */
  batches(tags: readonly Tag[]): AsyncIterable<Batch>;
  /**
   * One sample for each tag, in the order of the tags that were asked, also where nothing answers or a tag is asked twice;
   * read now; a bad tag is a bad sample. `sequence` counts within the answer.
   */
  read(tags: readonly Tag[]): Promise<readonly Sample[]>;
  /** An active read of the equipment: the word of a library that all is well is no proof. Never rejects. */
  probe(): Promise<Probe>;
  /**
   * Sends one guarded write, once. A link without `write` in its manifest has none. Refuses (outcome `refused`) what is not
   * armed, what is past its `notAfterMs`, and what was armed under another epoch. A connection that is lost between
   * sending and confirmation is `unknown`. Never rejects, never sends again.
   */
  write?(armed: Armed, tag: Tag): Promise<Receipt>;
  /**
   * Tells others, in order. Resolves when the peer has taken all of them; rejects otherwise, and then some may have arrived:
   * whoever listens knows a repeat by its id. A link without `publish` in its manifest has none.
   */
  publish?(tellings: readonly Telling[]): Promise<void>;
  /** What the equipment offers below an address (`''`: the top), at most `limit`. */
  browse?(from: string, limit: number): AsyncIterable<NodeInfo>;
  /** Idempotent; ends `states` and `batches`. */
  close(): Promise<void>;
}

/** Something that this site tells others: no command, and nothing that equipment acts on. */
export interface Telling {
  /** The same telling sent twice has the same id. */
  readonly id: string;
  /** Words of its place, from the enterprise down. */
  readonly path: readonly string[];
  readonly atMs: number;
  /** Plain JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** It happened before the connection was there. */
  readonly historical: boolean;
}

/** One protocol. The whole of what a maker of equipment has to implement. */
export interface Connector<Config extends z.ZodType = z.ZodType> {
  readonly manifest: Manifest<Config>;
  /**
   * Returns as soon as it may be listened to; a peer that is not there is a state (`down`), not an error.
   * @throws RangeError where the configuration cannot work whatever the peer does; the message says what to change.
   */
  open(config: z.output<Config>, context: Context): Promise<Link>;
}
