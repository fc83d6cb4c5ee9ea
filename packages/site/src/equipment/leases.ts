import { randomUUID } from 'node:crypto';
import { type Guard, type Lease, leaseFaults, type Value, type WriteRule } from '@selvedge/connect';
import type { SiteFactBody } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';

type End = SiteFactBody<'lease-ended'>['why'];

export interface LeasesOptions {
  readonly connector: string;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly guard: Guard;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** Told when one ends that no other replaces: what was proved under it is over. */
  readonly onEnd?: (lease: Lease) => void;
}

interface Held {
  readonly lease: Lease;
  /** The value that was last written under it; null: none yet. */
  last: number | null;
  /** The connection changed: nothing is written until the equipment was seen to hold what was left there. */
  suspended: boolean;
  /** Its end by the steady clock: a wall clock that is set back gives no lease more time. */
  readonly untilSteadyMs: number;
  /** Somebody or something ended it: it carries nothing any more, and the disk has that soon. */
  over: { readonly why: End; readonly user: string | null } | null;
}

interface Owed {
  readonly lease: Lease;
  readonly last: number | null;
  /** The connection under which the equipment refused it; null: it was never asked. */
  readonly refusedIn: string | null;
}

const REPLACED: NonNullable<Held['over']> = { why: 'replaced', user: null };
/** How often the hour of a lease is looked at. */
const LOOK_MS = 250;
/** A setting that was left behind is taken back for so long. */
const LATELY_MS = 7 * 86_400_000;

/**
 * The live leases of one connection. A lease ends by its hour, by a person's word, by harm, or when somebody else moved the
 * setting; then the setting goes back to its signed value, once, through the guard.
 */
export class Leases {
  readonly #o: LeasesOptions;
  readonly #held = new Map<string, Held>();
  /** Ended, and the setting could not be taken back yet: nothing was sent. */
  readonly #owed = new Map<string, Owed>();
  readonly #timer: NodeJS.Timeout;
  #ending: Promise<unknown> = Promise.resolve();
  /** Leases whose end is under way, and targets of which one is being signed. */
  readonly #ends = new Set<string>();
  readonly #signing = new Set<string>();

  constructor(options: LeasesOptions) {
    this.#o = options;
    const { journal, connector } = options;
    const rows = journal.db
      .prepare('SELECT body, from_ms FROM lease WHERE connector = ? AND ended_ms IS NULL ORDER BY seq')
      .all(connector);
    for (const { body, from_ms } of rows) {
      const lease = leaseOf(JSON.parse(String(body)), Number(from_ms));
      this.#hold(lease, { last: this.#lastWritten(lease.id), suspended: true });
    }
    for (const { body, from_ms } of this.#endedLately()) {
      const lease = leaseOf(JSON.parse(String(body)), Number(from_ms));
      const last = this.#lastWritten(lease.id);
      const away = this.#left(lease, last).some((value) => !this.#near(lease, value, lease.rollBack));
      if (away && !this.#held.has(lease.target))
        this.#owed.set(lease.target, { lease, last, refusedIn: null });
    }
    this.#timer = setInterval(() => this.#expire(), LOOK_MS);
  }

  /** The lease that carries a change of a setting now; null where there is none, or it is suspended. */
  live(target: string): Lease | null {
    const held = this.#held.get(target);
    if (held === undefined || held.suspended || held.over !== null) return null;
    return this.#o.clock.steadyMs() < held.untilSteadyMs ? held.lease : null;
  }

  /** Whether there is a lease that has not ended, suspended or not. */
  has(target: string): boolean {
    const held = this.#held.get(target);
    return held !== undefined && (held.over === null || held.over === REPLACED);
  }

  /** Every lease that has not ended, and whether it is suspended. */
  all(): readonly { readonly lease: Lease; readonly suspended: boolean }[] {
    return [...this.#held.values()].filter(({ over }) => over === null);
  }

  /**
   * Signs one; an older one of the same setting is replaced.
   * @throws RangeError with every fault, as sentences.
   */
  async sign(wish: Omit<Lease, 'id' | 'fromMs'>, rule: WriteRule | undefined): Promise<Lease> {
    const { journal, clock, connector } = this.#o;
    const fromMs = Math.round(clock.nowMs());
    const lease: Lease = { ...wish, id: randomUUID(), fromMs };
    const faults =
      rule === undefined ? [`${wish.target} may not be written: it is not listed`] : leaseFaults(lease, rule);
    if (rule !== undefined && !rule.gates.includes(wish.gate))
      faults.push(`${wish.gate} may not adjust ${wish.target}`);
    if (faults.length > 0) throw new RangeError(faults.join('; '));
    const {
      id,
      target,
      gate: station,
      bounds,
      maxStep,
      minIntervalMs,
      untilMs,
      rollBack,
      by: user,
      reason,
    } = lease;
    if (this.#signing.has(target)) throw new RangeError(`somebody else signs a lease of ${target} right now`);
    const before = this.#held.get(target);
    const rows = [
      ...(before === undefined ? [] : [this.#ended(before.lease, 'replaced', user)]),
      factOf('lease-signed', {
        ...{ subject: station, atMs: fromMs },
        body: {
          ...{
            lease: id,
            connector,
            target,
            station,
            bounds: [bounds[0], bounds[1]],
            maxStep,
            minIntervalMs,
          },
          ...{ untilMs, rollBack, user, reason },
        },
      }),
    ];
    // From now on the older one carries nothing; where the disk takes neither row it goes on.
    this.#signing.add(target);
    if (before !== undefined) before.over ??= REPLACED;
    try {
      await journal.appendAll(rows);
    } catch (error) {
      if (before?.over === REPLACED) before.over = null;
      throw error;
    } finally {
      this.#signing.delete(target);
    }
    this.#owed.delete(target);
    this.#hold(lease, { last: null, suspended: !this.#o.guard.known.up });
    return lease;
  }

  /** A value was written under the lease of a setting: what the equipment is expected to hold from now on. */
  wrote(target: string, value: number): void {
    const held = this.#held.get(target);
    if (held !== undefined) held.last = value;
  }

  /** Where a setting was left that is moved under a lease; null where nobody knows. */
  leftAt(target: string): number | null {
    const held = this.#held.get(target);
    return held === undefined || held.suspended || held.over !== null ? null : held.last;
  }

  /** The equipment holds another value than was left there: its lease ends, and what they set stays. */
  moved(target: string): void {
    const held = this.#held.get(target);
    if (held !== undefined && held.over === null) this.#later(held.lease.id, 'moved-by-others');
  }

  /** Ends one; the setting goes back. False where there is none of that id. */
  async end(id: string, why: End, user: string | null = null): Promise<boolean> {
    const held = [...this.#held.values()].find(({ lease }) => lease.id === id);
    if (held === undefined) return false;
    const { lease } = held;
    // From now on nothing carries a write; the way back is no write of the lease.
    held.over = { why, user };
    if (this.#ends.has(id)) return true;
    this.#ends.add(id);
    try {
      await this.#o.journal.append(this.#ended(lease, why, user));
    } finally {
      this.#ends.delete(id);
    }
    // Somebody may have signed the next one meanwhile.
    if (this.#held.get(lease.target) !== held) return true;
    this.#held.delete(lease.target);
    if (why !== 'replaced') this.#o.onEnd?.(lease);
    // What somebody else has set is theirs: it is not taken back.
    if (why !== 'moved-by-others' && why !== 'replaced') await this.#takeBack(lease, held.last);
    return true;
  }

  /** The way back, once. What was certainly not sent is tried again when the equipment is there and nobody moved it. */
  async #takeBack(lease: Lease, last: number | null): Promise<void> {
    this.#owed.delete(lease.target);
    const back = await this.#o.guard.rollBack(lease, randomUUID());
    if (back.sent && back.receipt.outcome === 'done') return;
    this.#o.log('roll-back-failed', {
      ...{ lease: lease.id, target: lease.target },
      why: back.sent ? back.receipt.why : back.why,
    });
    const { epoch } = this.#o.guard.known;
    // What the equipment refused is asked again under its next connection, and not at every reading.
    const refused = back.sent && back.receipt.outcome === 'refused';
    if ((refused || !back.sent) && !this.#held.has(lease.target))
      this.#owed.set(lease.target, { lease, last, refusedIn: refused ? epoch : null });
  }

  /** The connection changed: what the equipment holds is unknown. */
  suspend(): void {
    for (const held of this.#held.values()) held.suspended = true;
  }

  /** After every reading: goes on where the equipment holds what was left there, ends where somebody moved it. */
  look(value: (target: string) => Value): void {
    for (const held of this.#held.values()) {
      if (!held.suspended || held.over !== null) continue;
      const { lease, last } = held;
      const now = value(lease.target);
      if (now === null) continue;
      const own = this.#left(lease, last).find((one) => this.#near(lease, now, one));
      if (last !== null && own === undefined) {
        this.#later(lease.id, 'moved-by-others');
        continue;
      }
      held.suspended = false;
      // A command of which nobody knew has taken effect: it was nobody else.
      held.last = own ?? last;
    }
    for (const { lease, last, refusedIn } of this.#owed.values()) {
      const now = value(lease.target);
      if (refusedIn === this.#o.guard.known.epoch) continue;
      if (now === null || this.#o.guard.rollBackRefusal(lease) !== null) continue;
      this.#owed.delete(lease.target);
      // Only what was left there by the lease is taken back.
      const own = this.#left(lease, last).some((one) => this.#near(lease, now, one));
      if (own && !this.#near(lease, now, lease.rollBack))
        this.#ending = this.#ending
          .then(() => this.#takeBack(lease, last))
          .catch((error) => this.#o.log('roll-back-failed', { lease: lease.id, why: String(error) }));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ending;
  }

  #expire(): void {
    const now = this.#o.clock.nowMs();
    const steadyMs = this.#o.clock.steadyMs();
    for (const { lease, over, untilSteadyMs } of this.#held.values()) {
      // What the disk did not take the first time.
      if (over !== null && !this.#signing.has(lease.target)) this.#later(lease.id, over.why, over.user);
      else if (now >= lease.untilMs || steadyMs >= untilSteadyMs) this.#later(lease.id, 'expired');
    }
  }

  #hold(lease: Lease, how: Pick<Held, 'last' | 'suspended'>): void {
    const { clock } = this.#o;
    const untilSteadyMs = clock.steadyMs() + lease.untilMs - clock.nowMs();
    this.#held.set(lease.target, { lease, ...how, untilSteadyMs, over: null });
  }

  #later(id: string, why: End, user: string | null = null): void {
    if (this.#ends.has(id)) return;
    this.#ending = this.#ending
      .then(() => this.end(id, why, user))
      .catch((error) => this.#o.log('lease-not-ended', { lease: id, error: String(error) }));
  }

  #ended({ id, gate: station }: Lease, why: End, user: string | null) {
    const atMs = this.#o.clock.nowMs();
    return factOf('lease-ended', { subject: station, atMs, body: { lease: id, station, why, user } });
  }

  #endedLately() {
    const { journal, connector, clock } = this.#o;
    return journal.db
      .prepare(
        // A way back of which nobody knows whether it took effect is a person's matter: it is not sent again.
        `SELECT body, from_ms FROM lease WHERE connector = ? AND ended_ms > ? AND NOT EXISTS (
           SELECT 1 FROM write WHERE write.lease = lease.id AND decision = 'lease:' || lease.id AND outcome = 'unknown'
         ) ORDER BY seq`,
      )
      .all(connector, Math.round(clock.nowMs()) - LATELY_MS);
  }

  /**
   * Values at which a setting may stand by this lease alone: the last one that the equipment confirmed, and those after it
   * of which nobody knows whether they took effect.
   */
  #left({ id }: Lease, last: number | null): number[] {
    const rows = this.#o.journal.db
      .prepare(
        `SELECT value FROM write WHERE lease = ? AND outcome = 'unknown' AND seq >
         COALESCE((SELECT max(seq) FROM write WHERE lease = ? AND outcome = 'done'), 0)`,
      )
      .all(id, id);
    const doubtful = rows.map(({ value }) => Number(JSON.parse(String(value)))).filter(Number.isFinite);
    return last === null ? doubtful : [last, ...doubtful];
  }

  /** Equipment rounds what it is told; its rule says how far. */
  #near({ target }: Lease, held: Value, wanted: number): boolean {
    const close = typeof held === 'number' && Math.abs(held - wanted) <= 1e-6 + Math.abs(wanted) * 1e-5;
    return close || this.#o.guard.holds(target, held, wanted);
  }

  #lastWritten(lease: string): number | null {
    const row = this.#o.journal.db
      .prepare(`SELECT value FROM write WHERE lease = ? AND outcome = 'done' ORDER BY seq DESC LIMIT 1`)
      .get(lease);
    return row === undefined ? null : Number(JSON.parse(String(row.value)));
  }
}

function leaseOf(body: SiteFactBody<'lease-signed'>, fromMs: number): Lease {
  const {
    lease: id,
    target,
    station: gate,
    bounds,
    maxStep,
    minIntervalMs,
    untilMs,
    rollBack,
    user: by,
    reason,
  } = body;
  return { id, target, gate, bounds, maxStep, minIntervalMs, fromMs, untilMs, rollBack, by, reason };
}
