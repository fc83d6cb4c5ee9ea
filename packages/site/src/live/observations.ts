import type { ObservationRef } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import type { BlobRef, Blobs } from '@selvedge/store';

/** A row of this many values or fewer stands in the journal itself. */
const INLINE_VALUES = 64;

/** Makes ready what was seen and returns what the journal holds of it: on disk when the row that names it is. */
export async function keepObservation(
  blobs: Blobs,
  observation: Observation,
): Promise<{ ref: ObservationRef; blobs: BlobRef[] }> {
  const kept = (blob: BlobRef, channels: number | null, kind: ObservationRef['kind']) => ({
    ref: { kind, blob: blob.hash, bytes: blob.bytes, channels, values: null },
    blobs: [blob],
  });
  switch (observation.kind) {
    case 'series': {
      const { values, channels } = observation;
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      return kept(await blobs.carry(bytes, 'series'), channels, 'series');
    }
    case 'pair': {
      const [series, image] = [
        await keepObservation(blobs, observation.series),
        await keepObservation(blobs, observation.image),
      ];
      const { blob, bytes } = image.ref;
      if (blob === null) throw new RangeError('the picture of a pair is kept as content');
      return {
        ref: { ...series.ref, kind: 'pair', picture: { blob, bytes } },
        blobs: [...series.blobs, ...image.blobs],
      };
    }
    case 'row': {
      const values = Array.from(observation.values, (v) => (Number.isFinite(v) ? v : null));
      if (values.length <= INLINE_VALUES)
        return { ref: { kind: 'row', blob: null, bytes: 0, channels: null, values }, blobs: [] };
      const bytes = new Uint8Array(Float32Array.from(observation.values).buffer);
      return kept(await blobs.carry(bytes, 'row'), null, 'row');
    }
    case 'image': {
      if (typeof observation.source === 'string')
        throw new RangeError('a picture reaches the site as bytes, not as a path');
      return kept(await blobs.carry(observation.source, 'image'), null, 'image');
    }
    case 'map': {
      const text = JSON.stringify({ ...observation, values: Array.from(observation.values) });
      return kept(await blobs.carry(Buffer.from(text), 'map'), null, 'map');
    }
  }
}

/** The references to both parts of a pair, or the one that there is. */
export function partsOf(ref: ObservationRef): ObservationRef[] {
  if (ref.kind !== 'pair') return [ref];
  const { picture, ...rest } = ref;
  const series = { ...rest, kind: 'series' } as const;
  if (picture === undefined) return [series];
  return [series, { kind: 'image', ...picture, channels: null, values: null }];
}

/** What was seen, back from disk; a pair is whole or not there. @throws StoreError `blob-missing` or `blob-damaged`. */
export async function readObservation(blobs: Pick<Blobs, 'get'>, ref: ObservationRef): Promise<Observation> {
  if (ref.values !== null)
    return { kind: 'row', values: Float64Array.from(ref.values, (v) => v ?? Number.NaN) };
  const bytes = await blobs.get(ref.blob ?? '');
  const floats = (): Float32Array =>
    new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  switch (ref.kind) {
    case 'series':
      return { kind: 'series', values: floats(), channels: ref.channels ?? 1 };
    case 'pair': {
      const source = await blobs.get(ref.picture?.blob ?? '');
      const series = { kind: 'series', values: floats(), channels: ref.channels ?? 1 } as const;
      return { kind: 'pair', series, image: { kind: 'image', source } };
    }
    case 'image':
      return { kind: 'image', source: bytes };
    case 'map': {
      const { values, ...rest } = JSON.parse(bytes.toString('utf8'));
      return { ...rest, values: Uint8Array.from(values) };
    }
    default:
      return { kind: 'row', values: Float64Array.from(floats()) };
  }
}
