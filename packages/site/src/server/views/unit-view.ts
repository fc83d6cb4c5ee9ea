import type { ObservationRef, ObservationView, UnitView } from '@selvedge/core/records';
import { type Blobs, type Journal, StoreError } from '@selvedge/store';
import { partsOf, readObservation } from '../../live/observations.js';
import type { StationConfig } from '../../live/station-config.js';
import { nameOf } from './name-of.js';

/** Rows of one unit that are shown at most. */
const MOST_ROWS = 500;

/** Rows that say which units are seeds: known to who keeps the library, since a reader would remember them. */
const OF_SEEDS = new Set(['seed-added', 'seed-removed', 'seed-read', 'blob-pinned']);
/** Rows that say what the model made of a unit, and why a person is asked. */
const BEFORE_ANSWER = new Set(['decided', 'asked']);

/**
 * Everything that happened to one unit, in order; null where nobody has heard of it. While a question about it waits for
 * its first answer the model's call is kept back, and seeds are shown to `judge` alone.
 */
export function unitView(journal: Journal, id: string, { judge }: { judge: boolean }): UnitView | null {
  const { db } = journal;
  const unit = db.prepare('SELECT part, lot FROM unit WHERE id = ? ORDER BY seq LIMIT 1').get(id);
  if (unit === undefined) return null;
  const waiting = new Set(
    db
      .prepare(
        `SELECT station FROM question WHERE unit = ? AND state = 'open' AND first_label IS NULL AND help = 0`,
      )
      .all(id)
      .map(({ station }) => String(station)),
  );
  // A second read or a seed was asked by another name; what was said on it belongs here once it is over.
  const again = db
    .prepare(`SELECT unit, reason FROM question WHERE again_unit = ? AND state NOT IN ('open', 'answered')`)
    .all(id)
    .filter(({ reason }) => judge || reason !== 'seed');
  const rows = [id, ...again.map((row) => String(row.unit))]
    .flatMap((subject) => journal.read({ subject, limit: MOST_ROWS }))
    .filter(({ kind }) => judge || !OF_SEEDS.has(kind))
    .filter(({ kind, body }) => {
      const { station } = body as { station?: unknown };
      return !(BEFORE_ANSWER.has(kind) && waiting.has(String(station)));
    })
    .sort((a, b) => a.seq - b.seq)
    .slice(0, MOST_ROWS);
  return {
    id,
    part: unit.part === null ? null : String(unit.part),
    lot: unit.lot === null ? null : String(unit.lot),
    waits: waiting.size > 0,
    events: rows.map(({ seq, atMs, kind, body, hash }) => {
      const fields = body as Record<string, unknown>;
      const text = (field: unknown): string | null => (typeof field === 'string' ? field : null);
      const user = text(fields.user);
      return {
        ...{ seq, atMs, kind, hash, body: fields },
        station: text(fields.station),
        user: user === null ? null : nameOf(journal.db, user),
      };
    }),
  };
}

/** What was seen of a unit at a station, to be drawn; null where it never came. */
export async function observationView(
  { journal, blobs }: { journal: Journal; blobs: Blobs },
  { unit, station }: { unit: string; station: StationConfig },
): Promise<ObservationView | null> {
  const row = journal.db
    .prepare('SELECT observation FROM unit WHERE station = ? AND id = ?')
    .get(station.id, unit);
  if (row === undefined) return null;
  const ref = JSON.parse(String(row.observation)) as ObservationRef;
  const [first, second] = partsOf(ref);
  if (first === undefined || second === undefined) return viewOf(blobs, first ?? ref, station);
  // Retention may have given up one of the two: the other is still shown.
  const [series, image] = [await viewOf(blobs, first, station), await viewOf(blobs, second, station)];
  return {
    kind: 'pair',
    series: series.kind === 'series' || series.kind === 'gone' ? series : NOT_SHOWN,
    image: image.kind === 'image' || image.kind === 'gone' ? image : NOT_SHOWN,
  };
}

const NOT_SHOWN = { kind: 'gone', why: 'this kind is not shown' } as const;

/** What people judged before the site was here came without what they saw. */
const NEVER_KEPT = { kind: 'gone', why: 'the unit was judged before the site was here' } as const;

/** One part of what was seen. */
async function viewOf(blobs: Blobs, ref: ObservationRef, station: StationConfig): Promise<ObservationView> {
  if (ref.blob === null && ref.values === null) return NEVER_KEPT;
  if (ref.kind === 'image' && ref.blob !== null)
    return (await blobs.has(ref.blob))
      ? { kind: 'image', href: `/api/blobs/${ref.blob}`, width: 0, height: 0 }
      : { kind: 'gone', why: 'retention has given the picture up' };
  try {
    const seen = await readObservation(blobs, ref);
    switch (seen.kind) {
      case 'series': {
        const { values, channels } = seen;
        const length = Math.floor(values.length / channels);
        return {
          kind: 'series',
          channels: Array.from(
            { length: channels },
            (_, c) => station.channels[c] ?? { name: `channel ${c + 1}`, unit: '1' },
          ),
          values: Array.from({ length: channels }, (_, c) =>
            Array.from({ length }, (_v, i) => values[i * channels + c]!),
          ),
        };
      }
      case 'map':
        return {
          kind: 'map',
          width: seen.width,
          height: seen.height,
          cells: Array.from(seen.values).join(''),
        };
      case 'row':
        return {
          kind: 'row',
          names: null,
          values: Array.from(seen.values, (v) => (Number.isFinite(v) ? v : null)),
        };
      default:
        return NOT_SHOWN;
    }
  } catch (error) {
    if (error instanceof StoreError) return { kind: 'gone', why: error.message };
    throw error;
  }
}
