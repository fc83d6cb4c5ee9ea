import type { ScalarType, Value } from './value.js';

/** `uncertain` and `bad` values are delivered, never dropped: whoever reads decides. */
export type Quality = 'good' | 'uncertain' | 'bad';

/** Whose clock made the time of a value: the source itself, the server before it, or this machine on arrival. */
export type TimeFrom = 'source' | 'server' | 'edge';

/** One value of one tag. */
export interface Sample {
  readonly kind: 'sample';
  /** Name of the tag, as in its definition; never an address, an alias or an index of a session. */
  readonly tag: string;
  readonly value: Value;
  readonly type: ScalarType;
  readonly quality: Quality;
  /** The equipment's own word for the quality (`BadSensorFailure`, `exception 2`); absent where it has none. */
  readonly status?: string;
  /** Epoch ms by the clock that `timeFrom` names; may be fractional. */
  readonly atMs: number;
  readonly timeFrom: TimeFrom;
  /** Epoch ms at which this machine took it. */
  readonly receivedMs: number;
  /** Which connection (session, birth) it came by. */
  readonly epoch: string;
  /** 0, 1, 2, … without a gap within an epoch and connector: whoever sees a gap knows how many are missing. */
  readonly sequence: number;
  /** Recorded before the connection was there and delivered late. */
  readonly historical?: true;
}

/** Something that happened at the equipment, with an identity of its own: an alarm, the end of a cycle. */
export interface MachineEvent {
  readonly kind: 'event';
  /** The same event delivered twice has the same id. */
  readonly id: string;
  readonly name: string;
  readonly subject: { readonly unit?: string; readonly part?: string; readonly lot?: string };
  readonly atMs: number;
  readonly timeFrom: TimeFrom;
  readonly receivedMs: number;
  readonly body: Readonly<Record<string, Value>>;
  readonly epoch: string;
  readonly sequence: number;
}

/** A picture or another large thing that lies on this machine's disk under its hash. */
export interface Frame {
  readonly kind: 'frame';
  readonly tag: string;
  /** Of the bytes as captured. */
  readonly sha256: string;
  readonly mime: string;
  readonly bytes: number;
  readonly path: string;
  readonly atMs: number;
  readonly timeFrom: TimeFrom;
  readonly receivedMs: number;
  /** The camera's own number: a gap is a dropped frame, and a dropped frame is an undecided unit. */
  readonly frame: number | null;
  readonly about: Readonly<Record<string, string | number>>;
  readonly epoch: string;
  readonly sequence: number;
}

/** Values that were lost on the way: counted, never silent. */
export interface Gap {
  readonly kind: 'gap';
  /** Null: unknown which. */
  readonly tag: string | null;
  /** Null: unknown how many. */
  readonly missing: number | null;
  readonly why: string;
  readonly receivedMs: number;
  readonly epoch: string;
  readonly sequence: number;
}

export type Item = Sample | MachineEvent | Frame | Gap;

/**
 * Items in the order of their `sequence`. `ack` is called once they are on disk; a connector holds at most a bounded
 * number of batches that are not, and what it does then (stop reading, or count a gap) its manifest says.
 */
export interface Batch {
  readonly items: readonly Item[];
  ack(): Promise<void>;
}
