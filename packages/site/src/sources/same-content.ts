import { createHash } from 'node:crypto';
import type { ObservationRef } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Whether what the journal holds of a unit is what is shown of it now, as far as its content is kept under its hash. */
export function isSeenAs(ref: ObservationRef, shown: Observation): boolean {
  if (ref.kind !== shown.kind) return false;
  switch (shown.kind) {
    case 'image':
      return typeof shown.source === 'string' || ref.blob === hashOf(shown.source);
    case 'series': {
      const { buffer, byteOffset, byteLength } = shown.values;
      return ref.blob === hashOf(new Uint8Array(buffer, byteOffset, byteLength));
    }
    case 'pair':
      return (
        isSeenAs({ ...ref, kind: 'series' }, shown.series) &&
        isSeenAs({ ...ref, kind: 'image', blob: ref.picture?.blob ?? null }, shown.image)
      );
    case 'row': {
      const values = Array.from(shown.values, (one) => (Number.isFinite(one) ? one : null));
      return ref.values === null || JSON.stringify(ref.values) === JSON.stringify(values);
    }
    default:
      return true;
  }
}
