import { type DataValue, type StatusCode, StatusCodes } from 'node-opcua';
import type { Quality, Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { sampleType } from '../kit/scaling.js';
import { toValue } from './values.js';

/** A sample before the feed numbers it. */
export type Reading = Omit<Sample, 'receivedMs' | 'epoch' | 'sequence'>;

/** OPC 10000-4, 7.39: the two highest bits are the severity. */
export function qualityOf(status: StatusCode): Quality {
  const severity = status.value >>> 30;
  return severity === 0 ? 'good' : severity === 1 ? 'uncertain' : 'bad';
}

/** InfoType DataValue with the overflow bit: the server's queue was too short and values are missing. */
export function overflowed(status: StatusCode): boolean {
  return (status.value & 0x480) === 0x480;
}

/** The server's word without the flags that the library appends. */
export function wordOf(status: StatusCode): string {
  return status.name.split('#')[0] ?? status.name;
}

/** One value of one tag as the server told it; what does not fit the tag is `bad`, what is out of its range `uncertain`. */
export function readingOf(tag: Tag, told: DataValue, nowMs: number): Reading {
  const status = told.statusCode ?? StatusCodes.Good;
  const quality = qualityOf(status);
  const word = (status.value & 0xffff_0000) === 0 ? undefined : wordOf(status);
  const time = timeOf(told, nowMs);
  // OPC 10000-4, 7.11.1: with a bad status there is no value, whatever stands there.
  const value = quality === 'bad' ? { value: null } : toValue(told.value, tag);
  if ('fault' in value) return { ...bad(tag, value.fault, nowMs), ...time };
  const base = { kind: 'sample', tag: tag.tag, type: sampleType(tag), ...time } as const;
  if (value.value === null) return { ...base, value: null, quality: 'bad', status: word ?? 'no value' };
  const outside = quality === 'good' && isOutside(value.value, tag.range);
  return {
    ...base,
    value: value.value,
    quality: outside ? 'uncertain' : quality,
    ...(outside ? { status: 'outside its range' } : word === undefined ? {} : { status: word }),
  };
}

/** A tag that cannot be had, with the reason. */
export function bad(tag: Tag, status: string, nowMs: number): Reading {
  return {
    kind: 'sample',
    tag: tag.tag,
    value: null,
    type: sampleType(tag),
    quality: 'bad',
    status,
    atMs: nowMs,
    timeFrom: 'edge',
  };
}

function timeOf(told: DataValue, nowMs: number): Pick<Sample, 'atMs' | 'timeFrom'> {
  if (told.sourceTimestamp)
    return { atMs: told.sourceTimestamp.getTime() + (told.sourcePicoseconds ?? 0) / 1e9, timeFrom: 'source' };
  if (told.serverTimestamp)
    return { atMs: told.serverTimestamp.getTime() + (told.serverPicoseconds ?? 0) / 1e9, timeFrom: 'server' };
  return { atMs: nowMs, timeFrom: 'edge' };
}

function isOutside(value: Sample['value'], range: Tag['range']): boolean {
  if (range === undefined) return false;
  const [least, most] = range;
  const all = Array.isArray(value) ? value : [value];
  return all.some(
    (one) =>
      (typeof one === 'number' && !(one >= least && one <= most)) ||
      (typeof one === 'bigint' && (one < least || one > most)),
  );
}
