import type { ObservationRef, ObservationView, UnitView } from '@selvedge/core/records';
import { type Blobs, type Journal, StoreError } from '@selvedge/store';
import { readObservation } from '../../live/observations.js';
import type { StationConfig } from '../../live/station-config.js';

/** Rows of one unit that are shown at most. */
const MOST_ROWS = 500;

/** Everything that happened to one unit, in order; null where nobody has heard of it. */
export function unitView(journal: Journal, id: string): UnitView | null {
  const rows = journal.read({ subject: id, limit: MOST_ROWS });
  const unit = journal.db.prepare('SELECT part, lot FROM unit WHERE id = ? ORDER BY seq LIMIT 1').get(id);
  if (unit === undefined) return null;
  return {
    id,
    part: unit.part === null ? null : String(unit.part),
    lot: unit.lot === null ? null : String(unit.lot),
    events: rows.map(({ seq, atMs, kind, body, hash }) => {
      const fields = body as Record<string, unknown>;
      const text = (field: unknown): string | null => (typeof field === 'string' ? field : null);
      return { seq, atMs, kind, station: text(fields.station), user: text(fields.user), body: fields, hash };
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
        return { kind: 'gone', why: 'this kind is not shown' };
    }
  } catch (error) {
    if (error instanceof StoreError) return { kind: 'gone', why: error.message };
    throw error;
  }
}
