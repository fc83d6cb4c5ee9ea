import type { Sample, Tag, WriteRule } from '@selvedge/connect';
import { type EquipmentView, type LeaseView, SITE_FACTS, type WriteView } from '@selvedge/core/records';
import type { Database, Row } from '@selvedge/store';
import type { Equipment } from '../../equipment/equipment.js';
import type { PlantEquipment } from '../../equipment/plant-equipment.js';
import { nameOf } from './name-of.js';

/** Writes that are shown at once. */
const LAST = 30;
/** Doubts that are shown at once; there are pages of them. */
const DOUBTS = 50;
/** As the index has it. */
const OPEN = `connector = ? AND outcome IN ('unknown', 'untold') AND seen_by IS NULL`;
/** Rows of writes that were held back, of all connectors, among which those of one are looked for. */
const LOOKED_AT = 500;

/** What is connected, what it says, what may be written and what was. */
export const equipmentView = (plant: PlantEquipment, db: Database): EquipmentView => ({
  connectors: [...plant.all.values()].map((equipment) => connectorView(equipment, plant, db)),
});

function connectorView(
  equipment: Equipment,
  plant: PlantEquipment,
  db: Database,
): EquipmentView['connectors'][number] {
  const { config, state, guard, link, gaps, beat } = equipment;
  const set = db.prepare('SELECT by_user, reason FROM guard WHERE connector = ?').get(config.id);
  return {
    id: config.id,
    speaks: config.speaks,
    state: state.state,
    why: state.why,
    restarts: link.restarts,
    gaps,
    cpuShare: link.pid === null ? null : (beat?.cpuShare ?? null),
    mode: guard.mode,
    modeBy: set === undefined ? null : nameOf(db, String(set.by_user)),
    modeReason: set === undefined ? null : String(set.reason),
    tags: config.tags.map((tag) => tagView(tag, equipment.latest(tag.tag))),
    rules: config.writes.map(ruleView),
    leases: equipment.leases.all().map(({ lease, suspended }): LeaseView => {
      const { id, gate, by, bounds, ...rest } = lease;
      const own = { lease: id, station: gate, user: nameOf(db, by), connector: config.id, suspended };
      return { ...rest, ...own, bounds: [bounds[0], bounds[1]] };
    }),
    openings: plant.openingsOf(config.id),
    writes: lastWrites(config.id, db),
    doubts: doubtsOf(db, config.id, { after: 0, limit: DOUBTS }).doubts,
    doubtsInAll: Number(db.prepare(`SELECT count(*) AS n FROM write WHERE ${OPEN}`).get(config.id)?.n ?? 0),
  };
}

/** What a person has to look after at one connection, from the row `after` on, the oldest first. */
export function doubtsOf(
  db: Database,
  connector: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): { doubts: WriteView[]; next: number | null } {
  const rows = db
    .prepare(`SELECT * FROM write WHERE ${OPEN} AND seq > ? ORDER BY seq LIMIT ?`)
    .all(connector, after, limit + 1);
  const page = rows.slice(0, limit);
  return {
    doubts: page.map((row) => writeView(row, db)),
    next: rows.length > limit ? Number(page.at(-1)?.seq ?? 0) : null,
  };
}

/** The last writes that were sent, and those that the guard held back, newest first. */
function lastWrites(connector: string, db: Database): WriteView[] {
  const sent = db
    .prepare(`SELECT * FROM write WHERE connector = ? AND outcome IS NOT 'untold' ORDER BY seq DESC LIMIT ?`)
    .all(connector, LAST)
    .map((row) => ({ seq: Number(row.seq), view: writeView(row, db) }));
  const held = db
    .prepare(
      `SELECT seq, at_ms, body FROM (SELECT * FROM journal WHERE kind = 'write-refused' ORDER BY seq DESC LIMIT ?)
       WHERE json_extract(body, '$.connector') = ? LIMIT ?`,
    )
    .all(LOOKED_AT, connector, LAST)
    .map((row) => ({ seq: Number(row.seq), view: heldView(row) }));
  return [...sent, ...held]
    .sort((a, b) => b.seq - a.seq)
    .slice(0, LAST)
    .map(({ view }) => view);
}

function heldView(row: Row): WriteView {
  const { target, value, station, decision, why } = SITE_FACTS['write-refused'].parse(
    JSON.parse(String(row.body)),
  );
  return {
    ...{ write: `row:${Number(row.seq)}`, atMs: Number(row.at_ms), target, value, station, decision },
    ...{ lease: null, outcome: 'held', why, seenBy: null },
  };
}

function tagView(tag: Tag, sample: Sample | null): EquipmentView['connectors'][number]['tags'][number] {
  const value = sample?.value ?? null;
  const plain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
  const noNumber = typeof value === 'number' && !Number.isFinite(value);
  const list = Array.isArray(value) || value instanceof Uint8Array;
  return {
    tag: tag.tag,
    unit: tag.unit,
    // A number that is none has no place in JSON.
    value: typeof value === 'bigint' || noNumber ? String(value) : plain ? value : null,
    size: list ? value.length : null,
    quality: sample?.quality ?? 'bad',
    status: sample === null ? 'not read yet' : (sample.status ?? null),
    atMs: sample?.atMs ?? null,
    writable: tag.access === 'rw',
  };
}

function ruleView(rule: WriteRule): EquipmentView['connectors'][number]['rules'][number] {
  const { target, does, safety, range, values, pattern, maxStep, gates, stop } = rule;
  const limits = range === undefined ? (pattern ?? (values ?? []).join(', ')) : `${range[0]} … ${range[1]}`;
  return {
    ...{ target, does, safety, range: limits, limits: range ?? null, maxStep: maxStep ?? null },
    ...{ values: values === undefined ? null : [...values], pattern: pattern ?? null, stop: stop ?? null },
    stations: [...gates],
  };
}

function writeView(row: Row, db: Database): WriteView {
  const outcome = row.outcome === 'untold' ? 'held' : row.outcome;
  return {
    write: String(row.id),
    atMs: Number(row.at_ms),
    target: String(row.target),
    value: JSON.parse(String(row.value)) as WriteView['value'],
    station: String(row.station),
    decision: String(row.decision),
    lease: row.lease === null ? null : String(row.lease),
    outcome: outcome === null ? null : (String(outcome) as WriteView['outcome']),
    why: String(row.why ?? ''),
    seenBy: row.seen_by === null ? null : nameOf(db, String(row.seen_by)),
  };
}
