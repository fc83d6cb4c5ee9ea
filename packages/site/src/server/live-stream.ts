import { setTimeout as wait } from 'node:timers/promises';
import type { Sample } from '@selvedge/connect';
import type { LiveValues } from '@selvedge/core/records';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Shown } from '../equipment/plant-equipment.js';
import { beginStream, drained } from './event-stream.js';

/** Pictures a second that a person takes in; more is a waste of the network. */
const EVERY_MS = 200;

/** One station of a stream, and what its events say beside the values: nothing where it is the only one. */
export interface Streamed {
  readonly shown: Shown;
  readonly of: { readonly station?: string };
}

/**
 * What is measured while units are being made: the tags that changed, five times a second at most. A reader who takes
 * nothing for `readerMs` is let go of.
 */
export async function streamLive(
  stations: readonly Streamed[],
  request: FastifyRequest,
  reply: FastifyReply,
  is: { readonly stillHere: () => boolean; readonly nowMs: () => number; readonly readerMs: number },
): Promise<void> {
  const { raw, stop, end } = beginStream(request, reply, is.stillHere);
  raw.write('retry: 1000\n\n');
  for (const { shown, of } of stations)
    raw.write(
      `event: tags\ndata: ${JSON.stringify(of.station === undefined ? shown.tags : { ...of, tags: shown.tags })}\n\n`,
    );
  const told = stations.map(() => new Map<string, Sample | null>());
  try {
    while (!stop.signal.aborted) {
      for (const [i, { shown, of }] of stations.entries()) {
        const values = changedOf(shown, told[i] ?? new Map());
        if (Object.keys(values).length === 0) continue;
        const line: LiveValues = { ...of, atMs: is.nowMs(), values };
        if (!raw.write(`data: ${JSON.stringify(line)}\n\n`))
          if (!(await drained(raw, stop.signal, is.readerMs))) return;
      }
      await wait(EVERY_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    end();
  }
}

/** What changed since it was told; remembers it as told. */
function changedOf({ equipment, tags }: Shown, told: Map<string, Sample | null>): LiveValues['values'] {
  const values: LiveValues['values'] = {};
  for (const { tag } of tags) {
    const sample = equipment.latest(tag);
    const before = told.get(tag);
    if (before === sample) continue;
    told.set(tag, sample);
    const value = shownOf(sample);
    // Equipment that is away says so again and again; people are told once.
    if (value === null && before !== undefined && shownOf(before) === null) continue;
    values[tag] = value;
  }
  return values;
}

function shownOf(sample: Sample | null): LiveValues['values'][string] {
  if (sample === null || sample.quality !== 'good' || sample.value instanceof Uint8Array) return null;
  const { value } = sample;
  if (Array.isArray(value)) return value.map((one) => (Number.isFinite(Number(one)) ? Number(one) : null));
  return typeof value === 'bigint' ? String(value) : (value as string | number | boolean | null);
}
