import { DATATYPES, type Datatype, datatypeOf } from './datatypes.js';
import { bigOf, decodeMessage, encodeMessage, halvesOf } from './proto.js';
import { type MetricValue, meaning, readWire, type Wire, wireOf, writeWire } from './values.js';

/** A property of a metric: a value with its type, or properties again (their lists are carried as lists). */
export type Property =
  | { readonly datatype: Datatype; readonly value: MetricValue }
  | { readonly set: Properties }
  | { readonly sets: readonly Properties[] };
export type Properties = Readonly<Record<string, Property>>;

/** One metric as it is sent. In DATA and CMD messages the standard leaves the type out (`withType` false). */
export interface MetricOut {
  readonly name?: string;
  readonly alias?: bigint;
  /** Epoch ms. */
  readonly atMs?: number;
  readonly datatype: Datatype;
  readonly withType: boolean;
  readonly value: MetricValue;
  readonly historical?: boolean;
  readonly transient?: boolean;
  readonly properties?: Properties;
}

export interface PayloadOut {
  readonly atMs?: number;
  /** 0..255; NDEATH and commands have none. */
  readonly seq?: number;
  readonly metrics: readonly MetricOut[];
}

/** One metric as it came: its value is on the wire until a type, its own or the one of its birth, says what it means. */
export interface MetricIn {
  readonly name?: string;
  readonly alias?: bigint;
  readonly atMs?: number;
  readonly datatype?: Datatype;
  /** Undefined: null, or no value at all. */
  readonly wire?: Wire;
  readonly isNull: boolean;
  readonly historical: boolean;
  readonly transient: boolean;
  readonly properties: Properties;
}

export interface PayloadIn {
  readonly atMs?: number;
  readonly seq?: number;
  readonly metrics: readonly MetricIn[];
}

/** @throws RangeError where a value is not one of its type. */
export function encodePayload(payload: PayloadOut): Buffer {
  return encodeMessage({
    ...(payload.atMs === undefined ? {} : { timestamp: msOf(payload.atMs) }),
    ...(payload.seq === undefined ? {} : { seq: halvesOf(BigInt(payload.seq)) }),
    metrics: payload.metrics.map(writeMetric),
  });
}

/** @throws Error where the bytes are no payload of Sparkplug B; the message says why. */
export function decodePayload(bytes: Uint8Array): PayloadIn {
  const raw = decodeMessage(bytes);
  // A habit of some edge nodes that the standard does not know.
  if (raw.uuid === 'SPBV1.0_COMPRESSED') throw new RangeError('a compressed payload is not understood');
  const seq = has(raw, 'seq') ? Number(bigOf(raw.seq)) : undefined;
  return {
    ...(has(raw, 'timestamp') ? { atMs: Number(bigOf(raw.timestamp)) } : {}),
    ...(seq === undefined ? {} : { seq }),
    metrics: (raw.metrics as readonly Record<string, unknown>[]).map(readMetric),
  };
}

/**
 * The value of a metric by its own type, or else the one remembered from its birth; null where it is null.
 * @throws RangeError where there is neither type, or the value is not one of it.
 */
export function metricValue(metric: MetricIn, remembered?: Datatype): MetricValue {
  if (metric.isNull || !metric.wire) return null;
  const datatype = metric.datatype ?? remembered;
  if (!datatype) throw new RangeError('a value without a type');
  return meaning(metric.wire, datatype);
}

function writeMetric(metric: MetricOut): Record<string, unknown> {
  return {
    ...(metric.name === undefined ? {} : { name: metric.name }),
    ...(metric.alias === undefined ? {} : { alias: halvesOf(metric.alias) }),
    ...(metric.atMs === undefined ? {} : { timestamp: msOf(metric.atMs) }),
    ...(metric.withType ? { datatype: DATATYPES[metric.datatype] } : {}),
    ...(metric.historical ? { is_historical: true } : {}),
    ...(metric.transient ? { is_transient: true } : {}),
    ...(metric.properties ? { properties: writeProperties(metric.properties) } : {}),
    ...(metric.value === null ? { is_null: true } : writeWire(wireOf(metric.value, metric.datatype))),
  };
}

function readMetric(raw: Readonly<Record<string, unknown>>): MetricIn {
  const datatype = has(raw, 'datatype') ? datatypeOf(raw.datatype as number) : undefined;
  const isNull = has(raw, 'is_null') && raw.is_null === true;
  const wire = isNull ? undefined : readWire(raw);
  return {
    ...(has(raw, 'name') ? { name: raw.name as string } : {}),
    ...(has(raw, 'alias') ? { alias: bigOf(raw.alias) } : {}),
    ...(has(raw, 'timestamp') ? { atMs: Number(bigOf(raw.timestamp)) } : {}),
    ...(datatype ? { datatype } : {}),
    ...(wire ? { wire } : {}),
    isNull,
    historical: has(raw, 'is_historical') && raw.is_historical === true,
    transient: has(raw, 'is_transient') && raw.is_transient === true,
    properties: has(raw, 'properties') ? readProperties(raw.properties as Record<string, unknown>) : {},
  };
}

function writeProperties(properties: Properties): Record<string, unknown> {
  return {
    keys: Object.keys(properties),
    values: Object.values(properties).map((one) => {
      if ('set' in one) return { type: DATATYPES.PropertySet, propertyset_value: writeProperties(one.set) };
      if ('sets' in one)
        return {
          type: DATATYPES.PropertySetList,
          propertysets_value: { propertyset: one.sets.map(writeProperties) },
        };
      const { datatype, value } = one;
      return {
        type: DATATYPES[datatype],
        ...(value === null ? { is_null: true } : writeWire(wireOf(value, datatype))),
      };
    }),
  };
}

/** Properties that cannot be understood are left out: a metric is not lost for them. */
function readProperties(raw: Readonly<Record<string, unknown>>): Properties {
  const keys = raw.keys as readonly string[];
  const values = raw.values as readonly Record<string, unknown>[];
  const found: [string, Property][] = [];
  for (const [i, key] of keys.entries()) {
    const one = values[i];
    const property = one && readProperty(one);
    if (property) found.push([key, property]);
  }
  return Object.fromEntries(found);
}

function readProperty(raw: Readonly<Record<string, unknown>>): Property | undefined {
  if (has(raw, 'propertyset_value'))
    return { set: readProperties(raw.propertyset_value as Record<string, unknown>) };
  if (has(raw, 'propertysets_value')) {
    const { propertyset } = raw.propertysets_value as { propertyset: readonly Record<string, unknown>[] };
    return { sets: propertyset.map(readProperties) };
  }
  const datatype = has(raw, 'type') ? datatypeOf(raw.type as number) : undefined;
  if (!datatype) return undefined;
  const wire = readWire(raw);
  if (!wire) return { datatype, value: null };
  try {
    return { datatype, value: meaning(wire, datatype) };
  } catch {
    return undefined;
  }
}

function has(raw: Readonly<Record<string, unknown>>, field: string): boolean {
  return Object.hasOwn(raw, field) && raw[field] !== null && raw[field] !== undefined;
}

function msOf(atMs: number) {
  return halvesOf(BigInt(Math.max(0, Math.round(atMs))));
}
