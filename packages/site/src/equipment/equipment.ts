import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Command,
  Guard,
  type GuardMode,
  HostedLink,
  type Item,
  type LinkState,
  type Sample,
  type Standing,
  type Tag,
  type WriteRow,
  type WriteRule,
  type Written,
} from '@selvedge/connect';
import type { SiteFactBody } from '@selvedge/core/records';
import type { Database, Fact, Journal } from '@selvedge/store';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import { Leases } from './leases.js';

/** One connection to equipment as it is configured. */
export interface EquipmentConfig {
  readonly id: string;
  /** Name of the protocol, or a module that exports `connector`. */
  readonly speaks: string;
  /** The connector's own settings; it checks them itself. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tags: readonly Tag[];
  readonly writes: readonly WriteRule[];
}

export interface EquipmentOptions {
  readonly config: EquipmentConfig;
  /** Folder of the site; the connector's own lies below it. */
  readonly folder: string;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly secret: (name: string) => Promise<string>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** What the gate of a station may do at this moment. */
  readonly standing: (station: string, command: Command) => Standing | null;
}

/**
 * What a reader of the equipment is told. Its promise holds back the acknowledgement: it resolves when the disk has it, and
 * rejects where the disk does not get it, because the site stops: then nothing is acknowledged.
 */
export interface Reader {
  items(items: readonly Item[], read: (tags: readonly string[]) => Promise<readonly Sample[]>): Promise<void>;
  state(state: LinkState): void;
}

/** A write as a station or a person wants it. */
export interface Wish {
  readonly target: string;
  readonly value: Command['value'];
  readonly expect?: Command['value'];
  readonly station: string;
  /** `unit:<id>` or `user:<id>`. */
  readonly decision: string;
  readonly release: string;
  /** A person with the right decided it; the limits of the rule hold all the same. */
  readonly byPerson: boolean;
  readonly withinMs: number;
  readonly id?: string;
}

/** An old connection's values are asked after so often: a value that does not change is as fresh as its connection. */
const PROBE_MS = 1000;
const LONGEST_WHY = 500;
const LONGEST_VALUE = 500;

/**
 * One connection to equipment: its connector in a process of its own, what is known of its tags, and the guard before
 * everything that is written. Units are acknowledged to it when the journal has them.
 */
export class Equipment {
  readonly config: EquipmentConfig;
  readonly guard: Guard;
  readonly leases: Leases;
  readonly link: HostedLink;
  readonly #o: EquipmentOptions;
  readonly #readers = new Set<Reader>();
  readonly #tags: ReadonlyMap<string, Tag>;
  readonly #latest = new Map<string, Sample>();
  readonly #people = new Set<string>();
  readonly #doubts: ReturnType<Database['prepare']>;
  readonly #intended: ReturnType<Database['prepare']>;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  #state: LinkState = { state: 'connecting', why: 'not tried yet', epoch: '' };
  #gaps = 0;
  /** Batches that nobody has on disk yet: its connector may hold values back for them. */
  #unacknowledged = 0;
  #modes = 0;
  #beat: { lagMs: number; cpuShare: number } | null = null;

  private constructor(options: EquipmentOptions, folder: string) {
    this.#o = options;
    const { config, journal, clock, secret, log } = options;
    this.config = config;
    this.#tags = new Map(config.tags.map((tag) => [tag.tag, tag]));
    const nowMs = (): number => Math.round(clock.nowMs());
    const steadyMs = (): number => clock.steadyMs();
    this.#doubts = journal.db.prepare(
      `SELECT id FROM write WHERE connector = ? AND target = ? AND outcome = 'unknown' AND seen_by IS NULL LIMIT 1`,
    );
    this.#intended = journal.db.prepare('SELECT id FROM write WHERE id = ?');
    this.guard = new Guard({
      ...{ rules: config.writes, tags: config.tags, nowMs, steadyMs },
      link: {
        read: (tags) => this.link.read(tags),
        write: (armed, tag) => this.link.write(armed, tag),
      },
      standing: (station, command) =>
        this.#people.has(command.id)
          ? { authority: 'person', release: command.release, boundShare: 1 }
          : options.standing(station, command),
      lease: (target) => this.leases.live(target),
      doubt: (target) => this.#doubts.get(config.id, target) !== undefined,
      record: (row) => this.#record(row),
      intended: (id) => this.#intended.get(id) !== undefined,
    });
    this.link = new HostedLink({
      ...{ connector: config.speaks, config: config.settings, tags: config.tags, key: this.guard.key },
      context: {
        ...{ signal: this.#stop.signal, nowMs, steadyMs, random: Math.random, secret, folder },
        log: (event, fields = {}) => log(event, { connector: config.id, ...fields }),
      },
      onBeat: ({ lagMs, cpuShare }) => {
        this.#beat = { lagMs, cpuShare };
      },
    });
    this.leases = new Leases({ connector: config.id, journal, clock, guard: this.guard, log });
    const mode = journal.db.prepare('SELECT mode FROM guard WHERE connector = ?').get(config.id);
    if (mode !== undefined) this.guard.setMode(String(mode.mode) as GuardMode);
    this.#running = Promise.all(
      [this.#states(), this.#batches(), this.#probes()].map((part) =>
        // Without one of them nothing may be written any more.
        part.catch((error) => {
          this.guard.setMode('off');
          log('connector-not-followed', { connector: config.id, error: String(error) });
        }),
      ),
    );
  }

  static async open(options: EquipmentOptions): Promise<Equipment> {
    const { folder, config, journal, clock } = options;
    const own = join(folder, 'connectors', config.id);
    await mkdir(own, { recursive: true, mode: 0o700 });
    // What was intended and never ended: the process stopped in between, and nobody can say whether it was sent.
    const open = journal.db
      .prepare('SELECT id, station, target, decision FROM write WHERE connector = ? AND outcome IS NULL')
      .all(config.id);
    for (const { id, station, target, decision } of open) {
      const why = 'the site stopped while it was being written';
      const body = { write: String(id), station: String(station), target: String(target) };
      await journal.append(
        factOf('write-ended', {
          ...{ subject: subjectOf(String(decision), String(station)), atMs: clock.nowMs() },
          body: { ...body, outcome: 'unknown', why, readBack: null },
        }),
      );
    }
    return new Equipment(options, own);
  }

  get state(): LinkState {
    return this.#state;
  }

  get db(): Database {
    return this.#o.journal.db;
  }

  /** Samples and batches known to be lost since the start. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Load of the connector's process, as of its last beat. */
  get beat(): { lagMs: number; cpuShare: number } | null {
    return this.#beat;
  }

  /** The last sample of a tag, whatever its quality. */
  latest(tag: string): Sample | null {
    return this.#latest.get(tag) ?? null;
  }

  /**
   * Follows it from now on; returns what ends that. What stands there is told first: it may have come before anybody
   * followed.
   */
  follow(reader: Reader): () => void {
    this.#readers.add(reader);
    reader.state(this.#state);
    const held = [...this.#latest.values()];
    if (held.length > 0)
      reader
        .items(held, (tags) => this.read(tags))
        .catch((error) =>
          this.#o.log('items-not-taken', { connector: this.config.id, error: String(error) }),
        );
    return () => this.#readers.delete(reader);
  }

  read(tags: readonly string[]): Promise<readonly Sample[]> {
    return this.link.read(tags.flatMap((name) => this.#tags.get(name) ?? []));
  }

  /** Through the guard; never rejects. */
  async write(wish: Wish): Promise<Written> {
    const { target, value, expect, station, decision, release, withinMs, byPerson } = wish;
    const id = wish.id ?? randomUUID();
    if (byPerson) this.#people.add(id);
    try {
      const written = await this.guard.write({
        ...{ id, target, value, decision, release, gate: station },
        ...(expect === undefined ? {} : { expect }),
        notAfterMs: Math.round(this.#o.clock.nowMs()) + withinMs,
      });
      if (written.sent && written.receipt.outcome === 'done' && typeof value === 'number')
        this.leases.wrote(target, value);
      return written;
    } finally {
      this.#people.delete(id);
    }
  }

  /** How a write that was intended before ended; `unknown` where nobody wrote that down. */
  endedAs(id: string): SiteFactBody<'released'>['outcome'] {
    const row = this.db.prepare('SELECT outcome FROM write WHERE id = ?').get(id);
    if (row?.outcome === 'refused') return 'not-sent';
    return row?.outcome === 'done' ? 'done' : 'unknown';
  }

  /** A person turns the guard on or off; on disk before it holds, except for `off`, which holds at once. */
  async setMode(mode: GuardMode, { user, reason }: { user: string; reason: string }): Promise<void> {
    const { journal, clock, config } = this.#o;
    this.#modes += 1;
    const turn = this.#modes;
    if (mode !== 'act') this.guard.setMode(mode);
    const body = { connector: config.id, mode, user, reason };
    await journal.append(factOf('guard-mode', { subject: config.id, atMs: clock.nowMs(), body }));
    // What somebody has said since then holds.
    if (turn === this.#modes) this.guard.setMode(mode);
  }

  async close(): Promise<void> {
    await this.leases.close();
    this.#stop.abort();
    await this.link.close();
    await this.#running;
  }

  async #states(): Promise<void> {
    for await (const state of this.link.states()) {
      const changed = state.epoch !== this.#state.epoch;
      this.#state = state;
      this.guard.known.state(state);
      if (changed) this.#latest.clear();
      for (const reader of this.#readers) reader.state(state);
      if (changed) this.leases.suspend();
    }
  }

  async #batches(): Promise<void> {
    const read = (tags: readonly string[]): Promise<readonly Sample[]> => this.read(tags);
    for await (const { items, lagMs, ack } of this.link.batches()) {
      this.guard.known.take(items, lagMs);
      for (const item of items) {
        if (item.kind === 'sample') this.#latest.set(item.tag, item);
        if (item.kind === 'gap') this.#gaps += Math.max(1, item.missing ?? 1);
      }
      this.leases.look((target) => this.guard.known.good(target)?.value ?? null);
      this.#unacknowledged += 1;
      void Promise.all([...this.#readers].map((reader) => reader.items(items, read)))
        .then(
          () => ack(),
          (error) => this.#o.log('items-not-taken', { connector: this.config.id, error: String(error) }),
        )
        .finally(() => {
          this.#unacknowledged -= 1;
        });
    }
  }

  /**
   * An active read of the equipment: what a library says of itself is no proof of life. Where batches wait for the disk,
   * their connector may hold back what changed since: then it proves nothing about the values that are here.
   */
  async #probes(): Promise<void> {
    const { clock } = this.#o;
    while (!this.#stop.signal.aborted) {
      const { known } = this.guard;
      const from = clock.steadyMs();
      const all = this.#unacknowledged === 0;
      const probe = known.up && all ? await this.link.probe() : null;
      if (probe?.ok === true) known.heard(from);
      await wait(PROBE_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #record(row: WriteRow): Promise<void> {
    const { journal, clock } = this.#o;
    await journal.append(factOfRow(row, { connector: this.config.id, atMs: clock.nowMs() }));
  }
}

function factOfRow(row: WriteRow, { connector, atMs }: { connector: string; atMs: number }): Fact {
  if (row.kind === 'write-ended') {
    const { receipt, target, gate: station, decision } = row;
    const held = receipt.readBack?.value;
    const plainHeld = typeof held === 'object' || held === undefined ? null : shown(held);
    return factOf('write-ended', {
      ...{ subject: subjectOf(decision, station), atMs },
      body: {
        ...{ write: row.id, station, target, outcome: receipt.outcome },
        why: receipt.why.slice(0, LONGEST_WHY),
        readBack: plainHeld,
      },
    });
  }
  const { command } = row;
  const { id: write, target, gate: station, decision, release, notAfterMs } = command;
  const subject = subjectOf(decision, station);
  if (row.kind === 'write-intended') {
    const { epoch, lease } = row;
    const value = plain(command.value);
    const body = { write, connector, target, value, station, decision, release, epoch, lease, notAfterMs };
    return factOf('write-intended', { subject, atMs, body });
  }
  const { why, mode } = row;
  const value = shown(command.value);
  const body = { connector, target, value, station, decision, why, mode };
  return factOf('write-refused', { subject, atMs, body });
}

/** `unit:<id>` is written to the unit, everything else to the station. */
function subjectOf(decision: string, station: string): string {
  return decision.startsWith('unit:') ? decision.slice('unit:'.length) : station;
}

function plain(value: Command['value']): SiteFactBody<'write-intended'>['value'] {
  return typeof value === 'bigint' || value instanceof Uint8Array ? String(value) : value;
}

/** What was not written, or stands at the equipment: whatever it is, it has a place in its row. */
function shown(value: Command['value']): SiteFactBody<'write-refused'>['value'] {
  const one = plain(value);
  if (typeof one === 'string') return one.slice(0, LONGEST_VALUE);
  return typeof one === 'number' && !Number.isFinite(one) ? String(one) : one;
}
