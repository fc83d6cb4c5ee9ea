import { randomBytes } from 'node:crypto';
import type { Command, Receipt } from '../contract/command.js';
import type { Link } from '../contract/connector.js';
import type { Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { type Scalar, sameValue, type Value } from '../contract/value.js';
import { arm } from './armed.js';
import { type InterlockRefusal, Known } from './interlocks.js';
import { allowed, own, standingRefusal, understood, within } from './judging.js';
import { type Lease, type LeaseRefusal, leaseRefusal } from './lease.js';
import type { Authority, GuardMode, WriteRule } from './rule.js';

/** Why a write was not sent, in the order in which it is asked. */
export type Refusal =
  | `mode-${Exclude<GuardMode, 'act'>}`
  | 'not-listed'
  | 'gate-not-listed'
  | 'release-not-listed'
  | 'no-authority'
  | 'release-not-signed'
  | 'safety-stop-only'
  | 'out-of-range'
  | 'duplicate'
  | 'doubt-open'
  | 'too-late'
  | 'busy'
  | 'too-soon'
  | InterlockRefusal
  | 'held-unknown'
  | 'step-too-large'
  | 'expect-differs'
  | LeaseRefusal
  | 'epoch-changed'
  | 'not-journaled'
  | 'link-refused';

/** What the gate of a station may do at this moment, asked anew for every write. */
export interface Standing {
  /** `person`: somebody with the right decided; the limits of the rule hold all the same. */
  readonly authority: Authority | 'person';
  /** The release that the gate is signed for; a command of another one is refused. */
  readonly release: string;
  /** Share of a lease's bounds that is open: .5 in a trial. */
  readonly boundShare: number;
}

/** The row that is on disk before anything is sent, and the one after it. */
export type WriteRow =
  | {
      readonly kind: 'write-intended';
      readonly command: Command;
      readonly epoch: string;
      readonly lease: string | null;
    }
  | {
      readonly kind: 'write-ended';
      readonly id: string;
      readonly target: string;
      readonly gate: string;
      readonly decision: string;
      readonly receipt: Receipt;
    }
  | {
      readonly kind: 'write-refused';
      readonly command: Command;
      readonly why: Refusal;
      readonly mode: GuardMode;
    };

export interface GuardOptions {
  readonly rules: readonly WriteRule[];
  readonly tags: readonly Tag[];
  readonly link: Pick<Link, 'read' | 'write'>;
  readonly standing: (gate: string, command: Command) => Standing | null;
  readonly lease: (target: string) => Lease | null;
  /** Where a machine left a setting; null where nobody knows. It moves only what still stands there. */
  readonly left?: (target: string) => number | null;
  /** Whether an earlier write to the target ended `unknown` and nobody has looked since. */
  readonly doubt?: (target: string) => boolean;
  /** Resolves when the row is on disk. @throws where it cannot be: then nothing is sent. */
  readonly record: (row: WriteRow) => Promise<void>;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  /** Seals what crosses to a connector's own process; drawn at random where none is given. */
  readonly key?: Uint8Array;
  /** Whether a command of that id was ever intended, as the record has it: a restart writes none twice. */
  readonly intended?: (id: string) => boolean;
}

export type Written =
  | { readonly sent: false; readonly why: Refusal }
  | { readonly sent: true; readonly receipt: Receipt };

/** How often a value that was written is read until it shows. */
const READ_BACK_EVERY_MS = 20;

/**
 * The one way to the equipment. A write passes: mode, allow-list, authority of the gate, range, single flight, rate,
 * interlocks, what the equipment holds now, the lease; its intent is on disk before it is sent, once; then it is read back
 * and the outcome is on disk. Whatever ends in doubt is `unknown` and a person's matter.
 */
export class Guard {
  readonly known: Known;
  readonly key: Uint8Array;
  readonly #o: GuardOptions;
  readonly #rules: ReadonlyMap<string, WriteRule>;
  readonly #tags: ReadonlyMap<string, Tag>;
  readonly #seen = new Map<string, number>();
  /** One write at a time for a target: the promise ends with it. */
  readonly #flying = new Map<string, Promise<unknown>>();
  readonly #lastMs = new Map<string, number>();
  #mode: GuardMode = 'off';
  #closed = false;

  constructor(options: GuardOptions) {
    this.#o = options;
    this.#rules = new Map(options.rules.map((rule) => [rule.target, rule]));
    this.#tags = new Map(options.tags.map((tag) => [tag.tag, tag]));
    this.known = new Known(this.#tags, options.steadyMs);
    this.key = options.key ?? randomBytes(32);
  }

  get mode(): GuardMode {
    return this.#mode;
  }

  /** Who changed it and why is the caller's to write down. */
  setMode(mode: GuardMode): void {
    if (!this.#closed) this.#mode = mode;
  }

  /** Never rejects; every refusal and every outcome is on disk when it resolves, as far as the disk takes rows. */
  async write(asked: Command): Promise<Written> {
    const command = own(asked);
    const { target } = command;
    try {
      const early = this.#mayAtAll(command);
      if (early !== null) return this.#refuse(command, early);
      if (this.#flying.has(target)) return this.#refuse(command, 'busy');
      const untilMs = this.#untilMs(command);
      return await this.#fly(target, () => this.#alone(command, untilMs));
    } catch {
      // Whoever is asked for the standing, the lease or a doubt may fail: nothing was sent.
      return this.#refuse(command, 'no-authority');
    }
  }

  /** Why nothing could be written to a target at this moment, as far as it passes by itself; null where something could. */
  ready(target: string): Refusal | null {
    const rule = this.#rules.get(target);
    if (rule === undefined) return 'not-listed';
    if (this.#mode !== 'act') return `mode-${this.#mode}`;
    if (this.#flying.has(target)) return 'busy';
    const lastMs = this.#lastMs.get(target) ?? -Infinity;
    return this.#o.steadyMs() - lastMs < rule.minIntervalMs ? 'too-soon' : this.known.refusal(rule);
  }

  /** Whether a value that the equipment holds is the one that was written, as far off as its rule allows. */
  holds(target: string, held: Value, wanted: Scalar): boolean {
    return within(held, wanted, this.#rules.get(target)?.tolerance ?? 0);
  }

  /** Nothing is let through any more. Resolves when what is under way has ended and its outcome is on disk. */
  async close(): Promise<void> {
    this.#mode = 'off';
    this.#closed = true;
    while (this.#flying.size > 0) await Promise.allSettled(this.#flying.values());
  }

  /**
   * Takes a setting back to the value of its lease: when the lease ends, whatever the gate may do by then. Range,
   * interlocks and single flight hold; steps and rates do not, since somebody signed this very value.
   */
  async rollBack(lease: Lease, id: string): Promise<Written> {
    // A write that is under way is older than the end of its lease: it is let out first.
    while (this.#flying.has(lease.target)) await this.#flying.get(lease.target)?.catch(() => {});
    const command: Command = {
      ...{ id, target: lease.target, value: lease.rollBack, decision: `lease:${lease.id}` },
      ...{ release: 'roll-back', gate: lease.gate, notAfterMs: this.#o.nowMs() + ROLL_BACK_MS },
    };
    const untilMs = this.#untilMs(command);
    return this.#fly(lease.target, async () => {
      const rule = this.#rules.get(lease.target);
      const refused = this.#known(id) ? 'duplicate' : this.rollBackRefusal(lease);
      if (refused !== null || rule === undefined) return this.#refuse(command, refused ?? 'not-listed');
      return this.#send(command, rule, {
        ...{ lease: lease.id, untilMs, still: () => this.rollBackRefusal(lease) },
      });
    });
  }

  /** Why a setting could not be taken back at this moment; null where it could. Nothing is sent and nothing written down. */
  rollBackRefusal(lease: Lease): Refusal | null {
    const rule = this.#rules.get(lease.target);
    if (this.#mode !== 'act') return `mode-${this.#mode}`;
    if (rule === undefined || rule.does !== 'adjust' || rule.safety) return 'not-listed';
    return allowed(rule, lease.rollBack) ? this.known.refusal(rule) : 'out-of-range';
  }

  #fly(target: string, act: () => Promise<Written>): Promise<Written> {
    const flight = act().finally(() => this.#flying.delete(target));
    this.#flying.set(target, flight);
    return flight;
  }

  /** What needs no look at the equipment. */
  #mayAtAll(command: Command): Refusal | null {
    if (this.#mode !== 'act') return `mode-${this.#mode}`;
    const rule = this.#rules.get(command.target);
    if (rule === undefined || this.#tags.get(command.target)?.access !== 'rw') return 'not-listed';
    if (!rule.gates.includes(command.gate)) return 'gate-not-listed';
    const standing = this.#o.standing(command.gate, command);
    const unsigned = standingRefusal(standing, command, rule);
    if (unsigned !== null) return unsigned;
    // Also a person's word does not move a safety target through here.
    if (rule.safety && (rule.stop === undefined || !sameValue(command.value, rule.stop)))
      return 'safety-stop-only';
    if (!allowed(rule, command.value)) return 'out-of-range';
    if (this.#known(command.id)) return 'duplicate';
    // A machine does not move again what may have moved already; a person who looks does, and calls go on unit by unit.
    const moves = rule.does === 'adjust' || rule.does === 'act';
    if (moves && standing?.authority !== 'person' && this.#o.doubt?.(command.target) === true)
      return 'doubt-open';
    // Also a time that is none.
    if (!(this.#o.nowMs() <= command.notAfterMs)) return 'too-late';
    return null;
  }

  async #alone(command: Command, untilMs: number): Promise<Written> {
    const { steadyMs, lease } = this.#o;
    const rule = this.#rules.get(command.target) as WriteRule;
    const lastMs = this.#lastMs.get(command.target) ?? null;
    if (lastMs !== null && steadyMs() - lastMs < rule.minIntervalMs) return this.#refuse(command, 'too-soon');
    const locked = this.known.refusal(rule);
    if (locked !== null) return this.#refuse(command, locked);
    const { turn } = this.known;
    let held: Scalar | null = null;
    if (rule.does === 'adjust' || rule.maxStep !== undefined || command.expect !== undefined) {
      held = await this.#held(command.target);
      if (held === null) return this.#refuse(command, 'held-unknown');
      if (command.expect !== undefined && !sameValue(held, command.expect))
        return this.#refuse(command, 'expect-differs');
      if (this.#movedByOthers(command, rule, held)) return this.#refuse(command, 'expect-differs');
      const step =
        typeof held === 'number' && typeof command.value === 'number' ? command.value - held : null;
      if (rule.maxStep !== undefined && !(step !== null && Math.abs(step) <= rule.maxStep * (1 + 1e-9)))
        return this.#refuse(command, 'step-too-large');
      const why = this.#carriedNot(command, rule, held);
      if (why !== null) return this.#refuse(command, why);
    }
    if (this.known.turn !== turn) return this.#refuse(command, 'epoch-changed');
    return this.#send(command, rule, {
      lease: rule.does === 'adjust' ? (lease(command.target)?.id ?? null) : null,
      untilMs,
      still: () => this.#carriedNot(command, rule, held),
    });
  }

  /** Two hands at one setting would pull it to and fro: a machine leaves it to whoever moved it from where it was left. */
  #movedByOthers(command: Command, rule: WriteRule, held: Scalar): boolean {
    if (rule.does !== 'adjust' || rule.readBackMs === 0) return false;
    if (this.#o.standing(command.gate, command)?.authority === 'person') return false;
    const left = this.#o.left?.(command.target) ?? null;
    return left !== null && !within(held, left, rule.tolerance);
  }

  /**
   * Whether the gate, and for a machine's change of a setting its lease, carry a command at this moment. A person's own
   * change stands in the rule's limits alone.
   */
  #carriedNot(command: Command, rule: WriteRule, held: Scalar | null): Refusal | null {
    const { nowMs, steadyMs, standing, lease, doubt } = this.#o;
    const now = standing(command.gate, command);
    const unsigned = standingRefusal(now, command, rule);
    if (unsigned !== null || now === null || now.authority === 'person') return unsigned;
    if ((rule.does === 'adjust' || rule.does === 'act') && doubt?.(command.target) === true)
      return 'doubt-open';
    if (rule.does !== 'adjust') return null;
    const lastMs = this.#lastMs.get(command.target) ?? null;
    const signed = lease(command.target);
    return leaseRefusal(signed?.gate === command.gate ? signed : null, {
      ...{ value: Number(command.value), held: typeof held === 'number' ? held : null, nowMs: nowMs() },
      lastMs: lastMs === null ? null : nowMs() - (steadyMs() - lastMs),
      boundShare: now.boundShare,
    });
  }

  async #send(
    command: Command,
    rule: WriteRule,
    how: {
      readonly lease: string | null;
      /** Steady ms after which it is too late, whatever the wall clock does meanwhile. */
      readonly untilMs: number;
      readonly still: () => Refusal | null;
    },
  ): Promise<Written> {
    const { record, link, steadyMs } = this.#o;
    const { lease, untilMs, still } = how;
    const { epoch, turn } = this.known;
    const tag = this.#tags.get(command.target);
    if (link.write === undefined || tag === undefined) return this.#refuse(command, 'link-refused');
    this.#remember(command);
    try {
      await record({ kind: 'write-intended', command, epoch, lease });
    } catch {
      this.#seen.delete(command.id);
      return { sent: false, why: 'not-journaled' };
    }
    // The disk took its time: what was true before may not be any more.
    const late = this.#late(command, { turn, rule, untilMs, still });
    if (late !== null) {
      await this.#end(command, { id: command.id, outcome: 'refused', why: late });
      return { sent: false, why: late };
    }
    this.#lastMs.set(command.target, steadyMs());
    let receipt: Receipt;
    try {
      receipt = understood(command.id, await link.write(arm(command, epoch, this.key), tag));
      if (receipt.outcome === 'done' && rule.readBackMs > 0)
        receipt = await this.#readBack(command, rule, receipt);
    } catch (error) {
      // A link never rejects; one that does all the same leaves everything open.
      receipt = { id: command.id, outcome: 'unknown', why: String(error) };
    }
    await this.#end(command, receipt);
    return { sent: true, receipt };
  }

  #late(
    { notAfterMs }: Command,
    of: {
      readonly turn: number;
      readonly rule: WriteRule;
      readonly untilMs: number;
      readonly still: () => Refusal | null;
    },
  ): Refusal | null {
    const { nowMs, steadyMs } = this.#o;
    if (this.#mode !== 'act') return `mode-${this.#mode}`;
    if (nowMs() > notAfterMs || !(steadyMs() <= of.untilMs)) return 'too-late';
    if (this.known.turn !== of.turn) return 'epoch-changed';
    try {
      return this.known.refusal(of.rule) ?? of.still();
    } catch {
      return 'no-authority';
    }
  }

  async #readBack(command: Command, rule: WriteRule, receipt: Receipt): Promise<Receipt> {
    const { steadyMs } = this.#o;
    const untilMs = steadyMs() + rule.readBackMs;
    let last: Sample | null = null;
    do {
      last = await this.#sample(command.target);
      if (last !== null && last.quality === 'good' && within(last.value, command.value, rule.tolerance))
        return { ...receipt, readBack: last };
      await new Promise((resolve) => setTimeout(resolve, READ_BACK_EVERY_MS));
    } while (steadyMs() < untilMs);
    const why =
      last === null ? 'it could not be read back' : 'the equipment confirmed it and holds another value';
    return { ...receipt, outcome: 'unknown', why, ...(last === null ? {} : { readBack: last }) };
  }

  async #held(target: string): Promise<Scalar | null> {
    const sample = await this.#sample(target);
    if (sample === null || sample.quality !== 'good' || sample.value === null) return null;
    return Array.isArray(sample.value) ? null : (sample.value as Scalar);
  }

  async #sample(target: string): Promise<Sample | null> {
    const tag = this.#tags.get(target);
    if (tag === undefined) return null;
    // What a link says of another tag says nothing of this one.
    return (await this.#o.link.read([tag]).catch(() => [])).find((one) => one.tag === target) ?? null;
  }

  /** Steady ms until which a command may be sent. */
  #untilMs({ notAfterMs }: Command): number {
    const { nowMs, steadyMs } = this.#o;
    return steadyMs() + notAfterMs - nowMs();
  }

  #known(id: string): boolean {
    return this.#seen.has(id) || this.#o.intended?.(id) === true;
  }

  /** An id is kept for as long as its command may come again: a later one is too late anyway. */
  #remember({ id, notAfterMs }: Command): void {
    this.#seen.set(id, notAfterMs);
    if (this.#seen.size % MANY !== 0) return;
    const now = this.#o.nowMs();
    for (const [one, untilMs] of this.#seen) if (untilMs < now - FORGET_MS) this.#seen.delete(one);
  }

  async #refuse(command: Command, why: Refusal): Promise<Written> {
    await this.#o.record({ kind: 'write-refused', command, why, mode: this.#mode }).catch(() => {});
    return { sent: false, why };
  }

  /** A disk that does not take the outcome leaves the intent open: after a restart it counts as unknown. */
  async #end({ id, target, gate, decision }: Command, receipt: Receipt): Promise<void> {
    await this.#o.record({ kind: 'write-ended', id, target, gate, decision, receipt }).catch(() => {});
  }
}

const ROLL_BACK_MS = 5000;
const MANY = 1024;
/** Also a clock that is set back a little brings nothing again. */
const FORGET_MS = 3_600_000;
