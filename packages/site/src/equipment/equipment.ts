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
import type { Database, Journal } from '@selvedge/store';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import { Doubted } from './doubted.js';
import { Leases } from './leases.js';
import { factOfRow, shown, subjectOf } from './write-facts.js';

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
  /** The lease of a station's setting ended, and no other replaces it. */
  readonly onLeaseEnd?: (station: string, target: string) => void;
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
  /** Why a person wants it. */
  readonly reason?: string;
  readonly withinMs: number;
  readonly id?: string;
}

/** An old connection's values are asked after so often: a value that does not change is as fresh as its connection. */
const PROBE_MS = 1000;
/** A write that is under way when the site stops may take so long. */
const CLOSE_MS = 5000;

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
  /** Commands of people that are under way, with their reasons. */
  readonly #people = new Map<string, string | undefined>();
  readonly #doubts: ReturnType<Database['prepare']>;
  readonly #intended: ReturnType<Database['prepare']>;
  readonly #doubted: Doubted;
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
      left: (target) => this.leases.leftAt(target),
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
    this.leases = new Leases({
      ...{ connector: config.id, journal, clock, guard: this.guard, log },
      onEnd: ({ gate, target }) => options.onLeaseEnd?.(gate, target),
    });
    this.#doubted = new Doubted({
      ...{ connector: config.id, journal, clock, guard: this.guard, log },
      onFound: (target, held) => {
        if (typeof held === 'number') this.leases.wrote(target, held);
      },
    });
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
    const { target, value, expect, station, decision, release, withinMs, byPerson, reason } = wish;
    const id = wish.id ?? randomUUID();
    if (byPerson) this.#people.set(id, reason);
    const before = this.#latest.get(target)?.value ?? null;
    try {
      const written = await this.guard.write({
        ...{ id, target, value, decision, release, gate: station },
        ...(expect === undefined ? {} : { expect }),
        notAfterMs: Math.round(this.#o.clock.nowMs()) + withinMs,
      });
      if (written.sent && typeof value === 'number') {
        const { outcome, readBack } = written.receipt;
        // Equipment rounds what it is told: it is expected to hold what it was seen to hold.
        const holds = typeof readBack?.value === 'number' ? readBack.value : value;
        if (outcome === 'done') this.leases.wrote(target, holds);
      }
      if (written.sent && written.receipt.outcome === 'unknown') this.#doubted.add(target, id, before);
      const other = !written.sent && written.why === 'expect-differs' && expect === undefined;
      if (other) this.leases.moved(target);
      return written;
    } finally {
      this.#people.delete(id);
    }
  }

  /** What the equipment was not told in its time, of what it should have been: a person has to see to it. */
  async untold({ id: write, target, value: wanted, station, decision }: Wish & { id: string }, why: string) {
    const { mode } = this.guard;
    // A guard that nobody turned on tells nothing, and people know that.
    if (mode !== 'act') return;
    const { journal, clock, log, config } = this.#o;
    const body = { write, connector: config.id, target, value: shown(wanted), station, decision, mode };
    const subject = subjectOf(decision, station);
    await journal
      .append(
        factOf('write-refused', { subject, atMs: clock.nowMs(), body: { ...body, why: why.slice(0, 60) } }),
      )
      .catch((error) => log('untold-not-written', { connector: config.id, write, error: String(error) }));
  }

  /** How a write that was intended before ended; `unknown` where nobody wrote that down, null where there is none. */
  endedAs(id: string): SiteFactBody<'released'>['outcome'] | null {
    const row = this.db.prepare('SELECT outcome FROM write WHERE id = ?').get(id);
    if (row === undefined) return null;
    if (row.outcome === 'refused') return 'not-sent';
    return row.outcome === 'done' ? 'done' : 'unknown';
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

  /** Writes that are under way end first, as far as they do so soon: what they came to is on disk. */
  async close(): Promise<void> {
    await this.leases.close();
    const late = new AbortController();
    await Promise.race([
      this.guard.close(),
      wait(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
    this.#stop.abort();
    await this.link.close();
    // The line is cut: whatever was under way is `unknown` now.
    await this.guard.close();
    await this.#doubted.idle();
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
      this.#doubted.look(items);
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
    const reason = row.kind === 'write-ended' ? undefined : this.#people.get(row.command.id);
    await journal.append(factOfRow(row, { connector: this.config.id, atMs: clock.nowMs(), reason }));
  }
}
