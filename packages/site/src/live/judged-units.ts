import type { ObservationRef } from '@selvedge/core/records';
import type { FitUnit, Observation } from '@selvedge/models';
import type { Blobs, Database } from '@selvedge/store';
import type { StationConfig, StationModel } from '../config/site-config.js';
import { readObservation } from './observations.js';
import type { PartTrouble } from './supervisor.js';

export type FitSettings = Extract<StationModel, { from: 'fit' }>;

/** Units that a fit reads at most, the newest: what bounds its memory. */
const MOST_UNITS = 20_000;
/** Fewest good units (or half of `fitUnits`) that novelty is learned from, and fewest of each kind for labels. */
const FEWEST_GOOD = 20;
const FEWEST_OF_EACH = 5;

export interface Judged {
  readonly units: number;
  readonly good: number;
  readonly bad: number;
}

/** Units of a station that people have judged, by their last word. */
export function countJudged(db: Database, station: string): Judged {
  const row = db
    .prepare(
      'SELECT count(final_bad) AS units, coalesce(sum(final_bad), 0) AS bad FROM unit WHERE station = ?',
    )
    .get(station);
  const [units, bad] = [Number(row?.units), Number(row?.bad)];
  return { units, bad, good: units - bad };
}

/** What a fit still waits for; null where it can begin. */
export function missingFor(
  { recipe, fitUnits }: FitSettings,
  { units, good, bad }: Judged,
): PartTrouble | null {
  if (units < fitUnits) return { code: 'fit-units', values: { n: units, of: fitUnits } };
  if (recipe === 'supervised') {
    if (good < FEWEST_OF_EACH) return { code: 'fit-good', values: { n: good, of: FEWEST_OF_EACH } };
    return bad < FEWEST_OF_EACH ? { code: 'fit-bad', values: { n: bad, of: FEWEST_OF_EACH } } : null;
  }
  const needed = Math.max(FEWEST_GOOD, Math.ceil(fitUnits / 2));
  return good < needed ? { code: 'fit-good', values: { n: good, of: needed } } : null;
}

/** The judged units read back from disk, oldest first; those whose content is gone are counted. */
export async function readJudged(
  { db, blobs, signal }: { db: Database; blobs: Blobs; signal: AbortSignal },
  { station, observed }: { station: string; observed: StationConfig['observation'] },
): Promise<{ units: FitUnit[]; bad: boolean[]; lost: number }> {
  const rows = db
    .prepare(
      `SELECT id, observation, lot, final_label, final_bad FROM unit
       WHERE station = ? AND final_bad IS NOT NULL ORDER BY seq DESC LIMIT ?`,
    )
    .all(station, MOST_UNITS)
    .reverse();
  const units: FitUnit[] = [];
  const bad: boolean[] = [];
  let lost = 0;
  for (const row of rows) {
    signal.throwIfAborted();
    const ref = JSON.parse(String(row.observation)) as ObservationRef;
    // Content that retention gave up, or that could not be read when it came, teaches nothing.
    const seen =
      ref.blob === null && ref.values === null ? null : await readObservation(blobs, ref).catch(() => null);
    if (seen === null || !isLike(seen, observed)) {
      lost += 1;
      continue;
    }
    const isBad = row.final_bad === 1;
    units.push({
      id: String(row.id),
      label: isBad ? String(row.final_label) : 'good',
      observation: seen,
      ...(row.lot === null ? {} : { group: String(row.lot) }),
    });
    bad.push(isBad);
  }
  return { units, bad, lost };
}

/** Whether an observation is of the form that the station is configured for: the others would bend the fit to theirs. */
export function isLike(seen: Observation, observed: StationConfig['observation']): boolean {
  switch (seen.kind) {
    case 'series':
      return (
        observed.kind === 'series' && seen.channels === observed.channels.length && seen.values.length > 0
      );
    case 'row':
      return observed.kind === 'row' && seen.values.length === observed.columns.length;
    case 'map':
      return observed.kind === 'map' && seen.values.length > 0;
    case 'image':
      return observed.kind === 'image' && seen.source.length > 0;
    case 'pair':
      return (
        observed.kind === 'pair' &&
        seen.series.channels === observed.channels.length &&
        seen.series.values.length > 0 &&
        seen.image.source.length > 0
      );
  }
}
