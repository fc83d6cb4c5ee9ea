import type { ObservationRef, SiteFactBody } from '@selvedge/core/records';
import type { Database, Fact } from '@selvedge/store';
import { factOf } from './facts.js';
import { partsOf } from './observations.js';

const DAY_MS = 86_400_000;
/** A reader who has seen a seed is not shown it again before so many other seeds and so many days. */
export const REST = { seeds: 20, days: 7 } as const;
/** Who has answered at the station within so long counts as a reader at hand. */
const AT_HAND_MS = DAY_MS;

/**
 * Chooses a seed of the library by a draw in [0, 1): among those that are not on a screen now, the ones that most readers
 * at hand may be shown. Null where there is none. `notFor`: users who may remember it.
 */
export function drawSeed(
  db: Database,
  {
    station,
    nowMs,
    draw,
    open,
  }: { station: string; nowMs: number; draw: number; open: (unit: string) => boolean },
): { unit: string; notFor: string[] } | null {
  const units = db
    .prepare('SELECT unit FROM seed WHERE station = ? AND removed = 0 ORDER BY unit')
    .all(station)
    .map((row) => String(row.unit))
    .filter((unit) => !open(unit));
  if (units.length === 0) return null;
  const readers = db
    .prepare(
      'SELECT DISTINCT user FROM question WHERE station = ? AND answered_at_ms >= ? AND user IS NOT NULL',
    )
    .all(station, nowMs - AT_HAND_MS)
    .map((row) => String(row.user));
  const remembered = whoRemembers(db, station, nowMs);
  const known = units.map((unit) => {
    const notFor = remembered.get(unit) ?? [];
    return { unit, notFor, readers: readers.filter((user) => !notFor.includes(user)).length };
  });
  const most = Math.max(...known.map((one) => one.readers));
  if (most === 0 && readers.length > 0) return null;
  const best = known.filter((one) => one.readers === most);
  const { unit, notFor } = best[Math.min(best.length - 1, Math.floor(draw * best.length))]!;
  return { unit, notFor };
}

/** Newest units among which one is looked for that nobody was asked about. */
const RECENT = 200;

/**
 * The newest live unit that nobody was asked about, whose context a seed may show: values that no reader has seen on
 * another question. Null where people are asked about every unit. `used` says which serve a seed already.
 */
export function unseenContext(
  db: Database,
  station: string,
  used: (unit: string) => boolean,
): { unit: string; context: Readonly<Record<string, string | number | null>> } | null {
  const row = db
    .prepare(
      `SELECT id, context FROM (SELECT * FROM unit WHERE station = ? ORDER BY seq DESC LIMIT ?)
       WHERE decided_by = 'gate' AND audit = 0 ORDER BY seq DESC`,
    )
    .all(station, RECENT)
    .find(({ id }) => !used(String(id)));
  return row === undefined ? null : { unit: String(row.id), context: JSON.parse(String(row.context)) };
}

/** Users who have seen a seed too lately, by unit. */
function whoRemembers(db: Database, station: string, nowMs: number): Map<string, string[]> {
  const since = db.prepare(
    'SELECT count(*) AS n FROM seed_seen WHERE station = ? AND user = ? AND read = 1 AND seq > ?',
  );
  const rows = db
    .prepare(
      `SELECT unit, user, max(seq) AS seq, max(at_ms) AS at_ms FROM seed_seen WHERE station = ?
       GROUP BY unit, user ORDER BY unit, user`,
    )
    .all(station);
  const users = new Map<string, string[]>();
  for (const { unit, user, seq, at_ms } of rows) {
    const rested =
      nowMs - Number(at_ms) >= REST.days * DAY_MS &&
      Number(since.get(station, String(user), Number(seq))?.n) >= REST.seeds;
    if (!rested) users.set(String(unit), [...(users.get(String(unit)) ?? []), String(user)]);
  }
  return users;
}

/**
 * The rows by which a known-bad unit enters the library: its content is pinned, since retention would take it away. No
 * row where it is in already or nothing is kept of it.
 */
export function addedToSeeds(
  db: Database,
  { unit, atMs, body }: { unit: string; atMs: number; body: SiteFactBody<'seed-added'> },
): Fact[] {
  const { station } = body;
  const known = db.prepare('SELECT removed FROM seed WHERE station = ? AND unit = ?').get(station, unit);
  const seen = keptOf(db, station, unit);
  if (known?.removed === 0 || seen === null) return [];
  const pin = pinned(seen, true, { unit, atMs });
  return [factOf('seed-added', { subject: unit, atMs, body }), ...pin];
}

/** The rows by which a unit leaves the library; none where it is not in it. */
export function removedFromSeeds(
  db: Database,
  { unit, atMs, body }: { unit: string; atMs: number; body: SiteFactBody<'seed-removed'> },
): Fact[] {
  const known = db.prepare('SELECT removed FROM seed WHERE station = ? AND unit = ?').get(body.station, unit);
  if (known?.removed !== 0) return [];
  const pin = pinned(keptOf(db, body.station, unit), false, { unit, atMs });
  return [factOf('seed-removed', { subject: unit, atMs, body }), ...pin];
}

/** What is kept of a unit's observation; null where there is nothing that could be shown. */
function keptOf(db: Database, station: string, unit: string): ObservationRef | null {
  const row = db.prepare('SELECT observation FROM unit WHERE station = ? AND id = ?').get(station, unit);
  if (row === undefined) return null;
  const ref = JSON.parse(String(row.observation)) as ObservationRef;
  if (ref.blob === null) return ref.values === null ? null : ref;
  const content = db.prepare('SELECT evicted FROM blob WHERE hash = ?');
  return partsOf(ref).every(({ blob }) => content.get(blob)?.evicted === 0) ? ref : null;
}

/** Everything that was seen of a unit stays, or may go again. */
const pinned = (
  ref: ObservationRef | null,
  on: boolean,
  { unit, atMs }: { unit: string; atMs: number },
): Fact[] =>
  (ref === null ? [] : partsOf(ref)).flatMap(({ blob }) =>
    blob === null ? [] : [{ kind: 'blob-pinned', subject: unit, atMs, body: { hash: blob, pinned: on } }],
  );
