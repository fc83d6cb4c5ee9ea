import type { Receipt } from '../contract/command.js';
import type { LinkState, NodeInfo, Probe, Telling } from '../contract/connector.js';
import type { Item, Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import type { Sealed } from '../guard/armed.js';

/** What a connector's process is told. */
export type ToChild =
  | {
      readonly say: 'open';
      /** Name of a built-in protocol, or a module that exports `connector`. */
      readonly connector: string;
      readonly config: unknown;
      readonly tags: readonly Tag[];
      readonly folder: string;
      /** Knows a command of the guard by its seal. */
      readonly key: Uint8Array;
      readonly beatMs: number;
    }
  | { readonly say: 'ack'; readonly batch: number }
  | { readonly say: 'call'; readonly id: number; readonly what: Call }
  | { readonly say: 'secret'; readonly id: number; readonly value: string | null; readonly why: string }
  | { readonly say: 'close' };

export type Call =
  | { readonly do: 'read'; readonly tags: readonly Tag[] }
  | { readonly do: 'probe' }
  /** `untilMs` (`machineMs`) ends the command's time: two processes need not agree about the hour, and a clock may step. */
  | { readonly do: 'write'; readonly sealed: Sealed; readonly tag: Tag; readonly untilMs: number }
  | { readonly do: 'publish'; readonly tellings: readonly Telling[] }
  | { readonly do: 'browse'; readonly from: string; readonly limit: number };

export interface Results {
  read: readonly Sample[];
  probe: Probe;
  write: Receipt;
  browse: readonly NodeInfo[];
  publish: null;
}

/** What it tells. */
export type FromChild =
  | { readonly say: 'ready' }
  | { readonly say: 'opened'; readonly can: readonly string[] }
  /** The configuration cannot work: starting it again changes nothing. */
  | { readonly say: 'refused'; readonly why: string }
  /** `lagMs`: longest stall of its event loop since the last beat; `cpuShare`: of one core. */
  | { readonly say: 'beat'; readonly lagMs: number; readonly cpuShare: number; readonly heapBytes: number }
  | { readonly say: 'state'; readonly state: LinkState }
  /** `lagMs`: for how long the newest item has waited in the connector's process. */
  | { readonly say: 'batch'; readonly batch: number; readonly items: readonly Item[]; readonly lagMs: number }
  | { readonly say: 'result'; readonly id: number; readonly value: unknown }
  | { readonly say: 'failed'; readonly id: number; readonly why: string }
  | { readonly say: 'secret'; readonly id: number; readonly name: string }
  | { readonly say: 'log'; readonly event: string; readonly fields: Readonly<Record<string, unknown>> };
