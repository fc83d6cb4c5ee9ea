import type { z } from 'zod';
import type { Connector } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';
import type { Scalar } from '../contract/value.js';

/**
 * The equipment behind a connector, played by whoever wrote the connector: a real server on a free port of this machine
 * wherever that is possible. Not started when the suite gets it. Every call resolves when it has taken effect.
 */
export interface Peer {
  /** Serves at the place that the configuration names; again after a `kill`, with the values it held. */
  start(): Promise<void>;
  /** Ends at once, as by a power cut: every connection breaks. */
  kill(): Promise<void>;
  /** Sets what a tag holds; while the peer is killed, what it will hold when it starts. Numbers are whole, 0..1000. */
  set(tag: Tag, value: number): Promise<void>;
  /** From now on this tag cannot be read (an error of its own), and no other tag is touched by it. */
  spoil(tag: Tag): Promise<void>;
  /** Connections stay and new ones are taken, but nothing is answered any more until `kill`: a half-open line. */
  freeze?(): Promise<void>;
  /** The next write is carried out and the connections break before it is confirmed. */
  cutNextWrite?(): Promise<void>;
  /** Every value that a write brought for this tag, in order, over all starts. */
  written(tag: Tag): Promise<readonly Scalar[]>;
}

/** Tags with different addresses, all of one numeric type that holds 0..1000, with `scale` 1. */
export interface SubjectTags {
  /** Changes only when the suite sets it. */
  readonly moving: Tag;
  /** Never changes. */
  readonly steady: Tag;
  /** The suite spoils it. */
  readonly spoilt: Tag;
  /** `access: rw` and `range: [0, 1000]`; left out where the connector does not write. */
  readonly setting?: Tag;
}

/** One fresh connector with its own peer. */
export interface Subject {
  readonly connector: Connector<z.ZodType>;
  /** As in a configuration file, before it is parsed. */
  readonly config: unknown;
  readonly peer: Peer;
  readonly tags: SubjectTags;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Called after every check, whatever it came to, when the link is closed. */
  dispose(): Promise<void>;
}

export interface Limits {
  /** A peer that is there is `up` after so long, and one that came back. */
  readonly upMs: number;
  /** A peer that is gone, or answers no more, is no longer `up` after so long. */
  readonly downMs: number;
  /** `read`, `probe`, `write`, `open` and `close` end within this time, whatever the peer does. */
  readonly callMs: number;
  /** A changed value is told after so long. */
  readonly changeMs: number;
  /** Batches that may be handed out without one being acknowledged. */
  readonly mostUnacknowledged: number;
}

export const LIMITS: Limits = {
  ...{ upMs: 10_000, downMs: 15_000, callMs: 5_000, changeMs: 4_000, mostUnacknowledged: 16 },
};

export interface ConformanceOptions {
  /** Of the connector, for the report. */
  readonly name: string;
  /** A fresh subject for every check. */
  readonly make: () => Promise<Subject>;
  /** What this connector cannot show, by the names of the checks (or how they begin), and why. */
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
  readonly limits?: Partial<Limits>;
}
