import { join } from 'node:path';
import { type GateState, startGate, step } from '@selvedge/core';
import { JOURNAL_FILE, Journal, verifyJournal } from '@selvedge/store';
import { gateEventOf, planOf } from '../../packages/site/src/folds/gates.js';
import { bodyOf } from '../../packages/site/src/folds/units.js';
import { openForReading } from '../../packages/store/src/sqlite/database.js';
import type { GateAt } from './killed-site.js';

const PAGE = 2000;

/** What became of the units of a journal, counted from its rows alone: no table of the site is asked. */
export interface Fates {
  readonly units: number;
  /** Released by the gate alone. */
  readonly decided: number;
  /** Of these, with nobody able to say whether the equipment heard of it. */
  readonly unknown: number;
  /** Asked of a person, who answered. */
  readonly answered: number;
  /** Asked, not answered in time: the safe default. */
  readonly safeDefault: number;
  /** Still open as a question. */
  readonly open: number;
  /** None of these. */
  readonly unaccounted: number;
  /** A row that may stand once in the life of a unit, more than once. */
  readonly doubled: number;
  /** Gates of a started site that differ from the fold of the rows before. */
  readonly gatesThatDiffer: number;
  readonly gatesCompared: number;
  /** Rows by unit: `station unit`, how often it arrived. */
  readonly arrived: ReadonlyMap<string, number>;
}

interface Life {
  arrived: number;
  decided: number;
  asked: number;
  overdue: number;
  released: number;
  answered: boolean;
  byGate: boolean;
  releasedBy: string | null;
  unknown: boolean;
}

/** Reads a journal that nobody writes, and folds its gates anew beside it. */
export async function readFates(folder: string, gates: readonly GateAt[]): Promise<Fates> {
  const journal = await Journal.open(folder, { nowMs: Date.now });
  const lives = new Map<string, Life>();
  const folded = new Map<string, GateState>();
  const due = [...gates].sort((a, b) => a.seq - b.seq);
  let differ = 0;
  const compare = (upTo: number): void => {
    for (; due.length > 0 && due[0]!.seq < upTo; due.shift()) {
      const { station, state } = due[0]!;
      if (JSON.stringify(folded.get(station) ?? null) !== JSON.stringify(state)) differ++;
    }
  };
  try {
    for (let after = 0; ; ) {
      const rows = journal.read({ after, limit: PAGE });
      for (const entry of rows) {
        compare(entry.seq);
        const signed = bodyOf(entry, 'signed');
        if (signed) {
          const epoch = (folded.get(signed.station)?.epoch ?? 0) + 1;
          folded.set(signed.station, startGate(planOf(signed), { atMs: entry.atMs, epoch }));
        }
        const meant = gateEventOf(entry);
        const before = meant === null ? undefined : folded.get(meant.station);
        if (meant !== null && before !== undefined)
          folded.set(meant.station, step(before, meant.event).state);
        live(lives, entry);
        after = entry.seq;
      }
      if (rows.length < PAGE) break;
    }
    compare(Number.POSITIVE_INFINITY);
  } finally {
    await journal.close();
  }
  return count(lives, { gatesThatDiffer: differ, gatesCompared: gates.length });
}

function live(lives: Map<string, Life>, entry: Parameters<typeof gateEventOf>[0]): void {
  const { kind, subject, body } = entry;
  const station = (body as { station?: string }).station;
  if (subject === null || station === undefined) return;
  const key = `${station} ${subject}`;
  const known = lives.get(key);
  if (known === undefined && kind !== 'arrived') return;
  const life = known ?? {
    ...{ arrived: 0, decided: 0, asked: 0, overdue: 0, released: 0 },
    ...{ answered: false, byGate: false, releasedBy: null, unknown: false },
  };
  lives.set(key, life);
  if (kind === 'arrived') life.arrived++;
  const decided = bodyOf(entry, 'decided');
  if (decided) {
    life.decided++;
    life.byGate = decided.by === 'gate' && !decided.audit;
  }
  const asked = bodyOf(entry, 'asked');
  if (asked && asked.again === undefined) life.asked++;
  if (kind === 'answered') life.answered = true;
  if (kind === 'overdue') life.overdue++;
  const released = bodyOf(entry, 'released');
  if (released) {
    life.released++;
    life.releasedBy = released.by;
    life.unknown = released.outcome === 'unknown';
  }
}

function count(
  lives: ReadonlyMap<string, Life>,
  gates: Pick<Fates, 'gatesThatDiffer' | 'gatesCompared'>,
): Fates {
  const fates = { decided: 0, unknown: 0, answered: 0, safeDefault: 0, open: 0, unaccounted: 0, doubled: 0 };
  for (const life of lives.values()) {
    const { arrived, decided, asked, overdue, released, releasedBy, byGate } = life;
    if (Math.max(arrived, decided, asked, overdue, released) > 1) fates.doubled++;
    const whole = arrived === 1 && decided === 1;
    if (whole && byGate && asked === 0 && releasedBy === 'gate') {
      fates.decided++;
      if (life.unknown) fates.unknown++;
    } else if (whole && asked === 1 && life.answered && releasedBy === 'person') fates.answered++;
    else if (whole && asked === 1 && overdue === 1 && releasedBy === 'deadline') fates.safeDefault++;
    else if (whole && asked === 1 && released === 0) fates.open++;
    else fates.unaccounted++;
  }
  const arrived = new Map([...lives].map(([key, life]) => [key, life.arrived]));
  return { units: lives.size, ...fates, ...gates, arrived };
}

/** While the site runs: acknowledged units that are not in the journal under the number of
 * their receipt (`lost`) or not at all (`missing`), and whether the chain is sound. */
export function lookInside(
  folder: string,
  station: string,
  acknowledged: ReadonlyMap<string, number>,
): { lost: number; missing: number; doubled: number; sound: boolean } {
  const file = join(folder, JOURNAL_FILE);
  const db = openForReading(file);
  try {
    const rows = db
      .prepare(
        `SELECT subject, count(*) AS n, min(seq) AS seq FROM journal WHERE kind = 'arrived'
         AND json_extract(body, '$.station') = ? GROUP BY subject`,
      )
      .all(station);
    const known = new Map(rows.map((row) => [String(row.subject), row]));
    const lost = [...acknowledged].filter(([id, seq]) => Number(known.get(id)?.seq) !== seq).length;
    const missing = [...acknowledged.keys()].filter((id) => !known.has(id)).length;
    const doubled = rows.filter(({ n }) => Number(n) > 1).length;
    return { lost, missing, doubled, sound: verifyJournal(file).ok };
  } finally {
    db.close();
  }
}
