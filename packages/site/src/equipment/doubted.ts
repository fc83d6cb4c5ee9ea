import type { Guard, Item, Scalar, Value } from '@selvedge/connect';
import type { Journal } from '@selvedge/store';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import { heldAs, subjectOf } from './write-facts.js';

export interface DoubtedOptions {
  readonly connector: string;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly guard: Pick<Guard, 'holds'>;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** It was this site that set what the equipment holds. */
  readonly onFound: (target: string, held: Value) => void;
}

/** How every row begins that tells it; a doubt that was told so is not told again. */
const TOLD = 'the command of ';

/**
 * Commands of which nobody knows whether they took effect. Where the equipment holds later what one of them wrote, and did
 * not before, that is written beside it. The doubt stays a person's; nothing is ever sent again.
 */
export class Doubted {
  readonly #o: DoubtedOptions;
  /** By target: the value that the equipment held before, as far as it was known. */
  readonly #open = new Map<string, Map<string, Value>>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: DoubtedOptions) {
    this.#o = options;
    const { journal, connector } = options;
    const rows = journal.db
      .prepare(
        `SELECT id, target FROM write
         WHERE connector = ? AND outcome = 'unknown' AND seen_by IS NULL AND why NOT LIKE ? ORDER BY seq DESC LIMIT ?`,
      )
      .all(connector, `${TOLD}%`, MOST);
    for (const { id, target } of rows) this.add(String(target), String(id), null);
  }

  add(target: string, id: string, before: Value): void {
    const of = this.#open.get(target) ?? new Map<string, Value>();
    this.#open.set(target, of.set(id, before));
    const [oldest] = of.keys();
    if (of.size > MOST && oldest !== undefined) of.delete(oldest);
  }

  /** After every reading. */
  look(items: readonly Item[]): void {
    if (this.#open.size === 0) return;
    for (const item of items) {
      const of = item.kind === 'sample' && item.quality === 'good' ? this.#open.get(item.tag) : undefined;
      if (of === undefined || item.kind !== 'sample' || item.historical === true) continue;
      for (const [id, before] of of) this.#compare(of, { id, before, held: item.value });
      if (of.size === 0) this.#open.delete(item.tag);
    }
  }

  async idle(): Promise<void> {
    await this.#writing;
  }

  #compare(of: Map<string, Value>, doubt: { id: string; before: Value; held: Value }): void {
    const { id, before, held } = doubt;
    const { journal, guard, clock, log, onFound } = this.#o;
    const row = journal.db.prepare('SELECT * FROM write WHERE id = ?').get(id);
    if (row === undefined || row.outcome !== 'unknown') {
      of.delete(id);
      return;
    }
    const target = String(row.target);
    const wrote: Scalar = JSON.parse(String(row.value));
    // What it held already proves nothing.
    if (before !== null && guard.holds(target, before, wrote)) return;
    if (!guard.holds(target, held, wrote)) return;
    of.delete(id);
    onFound(target, held);
    if (row.seen_by !== null) return;
    const at = new Date(Number(row.at_ms)).toISOString();
    const why = `${TOLD}${at} did take effect: the equipment holds its value now. Before: ${String(row.why)}`;
    const station = String(row.station);
    const subject = subjectOf(String(row.decision), station);
    const body = { write: id, station, target, outcome: 'unknown' as const, why: why.slice(0, 500) };
    this.#writing = this.#writing
      .then(() =>
        journal.append(
          factOf('write-ended', { subject, atMs: clock.nowMs(), body: { ...body, readBack: heldAs(held) } }),
        ),
      )
      .catch((error) => log('doubt-not-written', { write: id, error: String(error) }));
  }
}

/** Doubts of one target that are compared; the others stand with the equipment all the same. */
const MOST = 100;
