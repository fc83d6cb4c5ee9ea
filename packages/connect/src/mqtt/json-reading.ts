import type { Quality } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import type { Scalar, Value } from '../contract/value.js';
import type { Changes } from '../kit/changes.js';
import type { RawItem } from '../kit/feed.js';
import { sampleType } from '../kit/scaling.js';
import { fromRaw, outside } from './as-type.js';
import { pointTo } from './json-address.js';

export interface ReadingOptions {
  readonly qualityPointer?: string | undefined;
  readonly timePointer?: string | undefined;
}

export type RawSample = Extract<RawItem, { kind: 'sample' }>;

/** A publisher says when a value is news; only a deadband leaves some out, and never a historical one. */
export function isTold(tag: Tag, sample: RawSample, changes: Changes): boolean {
  return tag.deadband === 0 || sample.historical === true || changes.take(tag, sample);
}

/** The document of a payload; undefined where it is no JSON, `why` says so. */
export function parseDocument(payload: Buffer): { readonly document?: unknown; readonly why?: string } {
  try {
    return { document: JSON.parse(payload.toString('utf8')) };
  } catch (error) {
    return { why: error instanceof Error ? error.message.slice(0, 100) : 'not JSON' };
  }
}

/** The sample of one tag in one document. Whatever is wrong with it makes a bad sample that says what. */
export function sampleOf(
  tag: Tag,
  pointer: string,
  document: unknown,
  options: ReadingOptions & { readonly nowMs: number },
): RawSample {
  const time = options.timePointer === undefined ? undefined : pointTo(document, options.timePointer);
  const sourceMs = timeOf(time);
  const about = {
    ...({ kind: 'sample', tag: tag.tag, type: sampleType(tag) } as const),
    ...(sourceMs === undefined
      ? { atMs: options.nowMs, timeFrom: 'edge' as const }
      : { atMs: sourceMs, timeFrom: 'source' as const }),
  };
  const bad = (status: string, value: Value = null): RawSample => ({
    ...about,
    value,
    quality: 'bad',
    status,
  });
  const raw = pointTo(document, pointer);
  if (raw === undefined) return bad(`nothing at ${pointer || 'the document'}`);
  if (raw === null) return bad('null');
  const value = fromRaw(fromJson(raw, tag), tag);
  if (value === undefined) return bad(`not a value of type ${tag.type}${tag.array ? '[]' : ''}`);
  const said = options.qualityPointer === undefined ? undefined : pointTo(document, options.qualityPointer);
  const word = qualityOf(said);
  const status =
    word.status ?? (options.timePointer !== undefined && sourceMs === undefined ? 'no time' : undefined);
  if (word.quality === 'good' && outside(value, tag))
    return { ...about, value, quality: 'uncertain', status: 'outside its range' };
  return { ...about, value, quality: word.quality, ...(status === undefined ? {} : { status }) };
}

/** JSON has no 64-bit integers, dates or bytes: texts of digits, ISO 8601 and base64 stand for them. */
function fromJson(raw: unknown, tag: Tag): unknown {
  if (Array.isArray(raw)) return raw.map((one) => fromJson(one, tag));
  if (typeof raw === 'number' && (tag.type === 'int64' || tag.type === 'uint64'))
    return Number.isSafeInteger(raw) ? raw : undefined;
  if (typeof raw !== 'string') return raw;
  switch (tag.type) {
    case 'int64':
    case 'uint64':
      return /^-?\d{1,20}$/.test(raw) ? BigInt(raw) : undefined;
    case 'datetime':
      return timeOf(raw);
    case 'bytes':
      return /^[A-Za-z0-9+/]*={0,2}$/.test(raw) ? new Uint8Array(Buffer.from(raw, 'base64')) : undefined;
    default:
      return raw;
  }
}

/** A raw value as JSON; the inverse of what is read. */
export function toJson(raw: Scalar, tag: Tag): unknown {
  if (typeof raw === 'bigint') return Number.isSafeInteger(Number(raw)) ? Number(raw) : raw.toString();
  if (raw instanceof Uint8Array) return Buffer.from(raw).toString('base64');
  return tag.type === 'datetime' && typeof raw === 'number' ? new Date(raw).toISOString() : raw;
}

/** Epoch ms from a number of ms or a text in ISO 8601 with its zone. */
function timeOf(said: unknown): number | undefined {
  if (typeof said === 'number') return Number.isFinite(said) ? said : undefined;
  if (typeof said !== 'string' || !/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(said)) return undefined;
  const ms = Date.parse(said);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Words, booleans and the numbers of OPC (192 good, 64 uncertain, 0 bad); an unknown word is `uncertain`. */
function qualityOf(said: unknown): { readonly quality: Quality; readonly status?: string } {
  if (said === undefined || said === null || said === true) return { quality: 'good' };
  if (said === false) return { quality: 'bad', status: 'false' };
  const status = String(said).slice(0, 100);
  if (typeof said === 'number') {
    if (said >= 192 && said < 256) return { quality: 'good' };
    return { quality: said >= 64 && said < 128 ? 'uncertain' : 'bad', status };
  }
  if (/^good/i.test(status)) return { quality: 'good' };
  return { quality: /^bad/i.test(status) ? 'bad' : 'uncertain', status };
}
