import type { ObservationRef } from '@selvedge/core/records';
import type { Blobs, Database } from '@selvedge/store';
import { partsOf, readObservation } from './observations.js';
import type { StationConfig } from './station-config.js';

/** Newest good units that say what is typical, and how many of them a place needs. */
const UNITS = 200;
const ENOUGH = 20;
/** Newest units among which good ones with kept content are looked for. */
const LOOKED_AT = 5_000;
/** What is typical is made anew after so long, aside: whoever answers meanwhile sees the one before. */
const RENEW_MS = 10 * 60_000;
const SOON_MS = 30_000;
/** A deviation is shown up to here; the scale of a normal's median absolute deviation. */
const FARTHEST = 20;
const MAD_SCALE = 1.4826;
/** A place that hardly varies is held to this share of its channel's usual spread, or every rounding would stand out. */
const LEAST_SPREAD = 0.25;

/** One channel: median and spread at each place, as far as enough good units reach. */
interface Channel {
  readonly middle: Float64Array;
  readonly spread: Float64Array;
}

/** What a good unit of a station looks like, place by place. */
export class TypicalSeries {
  readonly #known = new Map<string, { untilMs: number; typical: Promise<readonly Channel[] | null> }>();
  readonly #o: { readonly db: Database; readonly blobs: Blobs; readonly steadyMs: () => number };

  constructor(options: { readonly db: Database; readonly blobs: Blobs; readonly steadyMs: () => number }) {
    this.#o = options;
  }

  /**
   * How far each reading is from a typical good one: robust z, (value - median) / (1.4826 MAD) of the newest good units at
   * the same place, within -20..20, one list a channel; 0 where the unit is longer than the good ones. Null where there
   * are fewer than 20 good units with kept content.
   *
   * @param values interleaved, `[reading][channel]`.
   */
  async marks(
    station: StationConfig,
    { values, channels }: { values: Float32Array; channels: number },
  ): Promise<number[][] | null> {
    const typical = await this.#of(station, channels);
    if (typical === null) return null;
    const length = Math.floor(values.length / channels);
    return typical.map(({ middle, spread }, c) =>
      Array.from({ length }, (_, i) => {
        const [value, at, by] = [values[i * channels + c], middle[i], spread[i]];
        if (value === undefined || at === undefined || by === undefined || !Number.isFinite(value)) return 0;
        if (value === at) return 0;
        return Math.max(-FARTHEST, Math.min(FARTHEST, (value - at) / by));
      }),
    );
  }

  #of(station: StationConfig, channels: number): Promise<readonly Channel[] | null> {
    const key = `${station.id} ${channels}`;
    const now = this.#o.steadyMs();
    const known = this.#known.get(key);
    if (known !== undefined && now < known.untilMs) return known.typical;
    const typical = this.#make(station, channels);
    const keep = (untilMs: number): void => {
      this.#known.set(key, { untilMs, typical });
    };
    if (known === undefined) keep(now + RENEW_MS);
    else this.#known.set(key, { ...known, untilMs: now + RENEW_MS });
    typical.then(
      (found) => keep(now + (found === null ? SOON_MS : RENEW_MS)),
      () => this.#known.delete(key),
    );
    return known?.typical ?? typical;
  }

  async #make({ id, part }: StationConfig, channels: number): Promise<readonly Channel[] | null> {
    const { db, blobs } = this.#o;
    const rows = db
      .prepare(
        `SELECT observation FROM (SELECT * FROM unit WHERE station = ? ORDER BY seq DESC LIMIT ?)
         WHERE part IS ? AND disposition = 'pass' AND found IS NULL AND coalesce(final_bad, 0) = 0
           AND json_extract(observation, '$.blob') IS NOT NULL ORDER BY seq DESC LIMIT ?`,
      )
      .all(id, LOOKED_AT, part, 2 * UNITS);
    const good: Float32Array[] = [];
    for (const row of rows) {
      const ref = JSON.parse(String(row.observation)) as ObservationRef;
      // Of a pair the trace alone is read: its picture may be gone already.
      const [trace] = partsOf(ref);
      if (trace?.kind !== 'series' || trace.blob === null || trace.channels !== channels) continue;
      const seen = await readObservation(blobs, trace).catch(() => null);
      if (seen?.kind === 'series') good.push(seen.values);
      if (good.length === UNITS) break;
    }
    if (good.length < ENOUGH) return null;
    const made: Channel[] = [];
    for (let c = 0; c < channels; c += 1) {
      made.push(channelOf(good, c, channels));
      // Units go on being taken between two channels.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return made;
  }
}

function channelOf(good: readonly Float32Array[], c: number, channels: number): Channel {
  const middle: number[] = [];
  const spread: number[] = [];
  for (let i = 0; ; i += 1) {
    const here = good.flatMap((values) => {
      const value = values[i * channels + c];
      return value === undefined || !Number.isFinite(value) ? [] : [value];
    });
    if (here.length < ENOUGH) break;
    const at = medianOf(here);
    middle.push(at);
    spread.push(MAD_SCALE * medianOf(here.map((value) => Math.abs(value - at))));
  }
  const usual = spread.length === 0 ? 0 : medianOf(spread);
  const least = Math.max(usual * LEAST_SPREAD, Number.EPSILON);
  return {
    middle: Float64Array.from(middle),
    spread: Float64Array.from(spread, (one) => Math.max(one, least)),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
