import type { Scalar } from '../contract/value.js';
import type { Datatype } from './datatypes.js';
import type { KnownMetric } from './edge-view.js';
import type { MetricOut } from './payload.js';
import { wireOf } from './values.js';

/**
 * The metric of a command: by alias alone where the birth gave one. Undefined where the value is not one of the type that
 * the birth gave. The type is said too: edge nodes are about that do not read a metric without.
 */
export function commandMetric(
  known: KnownMetric,
  datatype: Datatype,
  raw: Scalar,
  atMs: number,
): (MetricOut & { readonly value: Scalar }) | undefined {
  const value = fit(raw, datatype);
  try {
    wireOf(value, datatype);
  } catch {
    return undefined;
  }
  const which = known.alias === undefined ? { name: known.name } : { alias: known.alias };
  return { ...which, atMs, datatype, withType: true, value };
}

/** Between numbers and 64-bit integers nothing is lost where it is whole; a Float is rounded to its 32 bits. */
function fit(raw: Scalar, datatype: Datatype): Scalar {
  if (typeof raw === 'bigint' && (datatype === 'Double' || datatype === 'Float')) return Number(raw);
  if (typeof raw === 'number' && datatype === 'Float') return Math.fround(raw);
  return raw;
}
