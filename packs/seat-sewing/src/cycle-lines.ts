import { MANIFEST } from './manifest.js';
import type { SeamCycle } from './seam-cycles.js';

/** One seam as the pack's own format holds it. */
export interface RecordedCycle {
  readonly id: string;
  readonly label: string;
  /** Epoch ms, or null where the line names no time. */
  readonly atMs: number | null;
  readonly hideId: string | null;
  readonly threadLotId: string | null;
  /** Row-major [stitches, 3], the channels of `MANIFEST.channels`. */
  readonly values: Float32Array;
}

const CHANNELS = MANIFEST.channels.length;
/** Fewer readings are no seam. */
const MIN_STITCHES = 4;

/**
 * Seams in the pack's own format: one JSON object a line, `{"id", "label", "time", "hide", "thread_lot", "stitches":
 * [[thread consumption in mm, needle-thread tension in cN, motor torque in N cm], …]}`.
 */
export function* writeCycleLines(seams: Iterable<SeamCycle>): Generator<string> {
  for (const { id, label, atMs, hideId, threadLotId, values } of seams) {
    const stitches = Array.from({ length: values.length / CHANNELS }, (_, i) =>
      Array.from(values.subarray(i * CHANNELS, (i + 1) * CHANNELS), (v) => Number(v.toFixed(3))),
    );
    const time = new Date(atMs).toISOString();
    yield `${JSON.stringify({ id, label, time, hide: hideId, thread_lot: threadLotId, stitches })}\n`;
  }
}

/** Why a line cannot be used, with what could be read of it. */
export interface DamagedCycle {
  readonly fault: string;
  readonly id: string | null;
  readonly label: string | null;
}

/** Reads one line; a seam is never guessed. */
export function parseCycleLine(line: string): { readonly cycle: RecordedCycle } | DamagedCycle {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return { fault: 'the line is no JSON', id: null, label: null };
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    return { fault: 'the line is no JSON object', id: null, label: null };
  const { id, label, time, hide, thread_lot: threadLot, stitches } = read as Record<string, unknown>;
  const named = (field: unknown): string | null => (typeof field === 'string' && field !== '' ? field : null);
  const damaged = (fault: string): DamagedCycle => ({ fault, id: named(id), label: named(label) });
  const [ownId, ownLabel] = [named(id), named(label)];
  if (ownId === null) return damaged('the field "id" is missing');
  if (ownLabel === null) return damaged('the field "label" is missing');
  const atMs = typeof time === 'string' ? Date.parse(time) : null;
  if (atMs !== null && Number.isNaN(atMs)) return damaged(`the time "${time}" is not ISO 8601`);
  if (!Array.isArray(stitches) || stitches.length < MIN_STITCHES)
    return damaged(`the field "stitches" needs ${MIN_STITCHES} stitches at least`);
  const values = new Float32Array(stitches.length * CHANNELS);
  for (const [i, stitch] of stitches.entries()) {
    if (!Array.isArray(stitch) || stitch.length !== CHANNELS || !stitch.every(Number.isFinite))
      return damaged(`stitch ${i + 1} is not ${CHANNELS} numbers`);
    values.set(stitch, i * CHANNELS);
  }
  const cycle = {
    id: ownId,
    label: ownLabel,
    atMs,
    hideId: named(hide),
    threadLotId: named(threadLot),
    values,
  };
  return { cycle };
}
