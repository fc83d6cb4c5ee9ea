import type { Quality, TimeFrom } from '../contract/item.js';
import type { Datatype } from './datatypes.js';
import { type MetricIn, metricValue, type PayloadIn } from './payload.js';
import type { MetricValue } from './values.js';

/** One value of a metric, understood by the type of its birth. */
export interface Reading {
  readonly value: MetricValue;
  readonly quality: Quality;
  readonly status?: string;
  readonly atMs: number;
  readonly timeFrom: TimeFrom;
  readonly historical: boolean;
}

/** Whose clock the times of a message are believed by: an edge node whose clock is off has this machine's. */
export interface Timing {
  readonly nowMs: number;
  readonly toleranceMs: number;
}

/** Ms by which an edge node's clock differs from here, as its message says; undefined within the tolerance. */
export function clockOffMs(payload: PayloadIn, { nowMs, toleranceMs }: Timing): number | undefined {
  const off = payload.atMs === undefined ? 0 : payload.atMs - nowMs;
  return Math.abs(off) > toleranceMs ? off : undefined;
}

export function readingOf(
  metric: MetricIn,
  datatype: Datatype | undefined,
  payload: PayloadIn,
  timing: Timing,
): Reading {
  const off = clockOffMs(payload, timing);
  const said = metric.atMs ?? payload.atMs;
  const believed = off === undefined && said !== undefined && said - timing.nowMs <= timing.toleranceMs;
  const time = believed
    ? { atMs: said, timeFrom: 'source' as const }
    : { atMs: timing.nowMs, timeFrom: 'edge' as const };
  const about = { ...time, historical: metric.historical };
  const clock =
    believed || said === undefined
      ? {}
      : { status: `clock off by ${Math.round(off ?? said - timing.nowMs)} ms` };
  let value: MetricValue;
  try {
    value = metricValue(metric, datatype);
  } catch (error) {
    const status = error instanceof Error ? error.message : String(error);
    return { ...about, value: null, quality: 'bad', status };
  }
  if (value === null) return { ...about, value, quality: 'bad', status: 'null' };
  return { ...about, ...clock, value, ...qualityOf(metric) };
}

/** Section 6.4.11: no property means good; 0, 192 and 500 are the codes of the standard, others are somebody's own. */
function qualityOf(metric: MetricIn): { readonly quality: Quality; readonly status?: string } {
  const said = metric.properties.Quality;
  if (!said || !('value' in said) || said.value === 192) return { quality: 'good' };
  if (said.value === 0) return { quality: 'bad', status: 'BAD' };
  if (said.value === 500) return { quality: 'bad', status: 'STALE' };
  return { quality: 'uncertain', status: `quality ${String(said.value)}` };
}
