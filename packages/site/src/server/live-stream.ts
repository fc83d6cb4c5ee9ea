import { setTimeout as wait } from 'node:timers/promises';
import type { Sample } from '@selvedge/connect';
import type { LiveValues } from '@selvedge/core/records';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Shown } from '../equipment/plant-equipment.js';
import { beginStream, drained } from './event-stream.js';

/** Pictures a second that a person takes in; more is a waste of the network. */
const EVERY_MS = 200;

/**
 * What is measured while a unit is being made: the tags that changed, five times a second at most. A reader who takes
 * nothing for `readerMs` is let go of.
 */
export async function streamLive(
  { equipment, tags }: Shown,
  request: FastifyRequest,
  reply: FastifyReply,
  of: { readonly stillHere: () => boolean; readonly nowMs: () => number; readonly readerMs: number },
): Promise<void> {
  const { raw, stop, end } = beginStream(request, reply, of.stillHere);
  raw.write(`retry: 1000\nevent: tags\ndata: ${JSON.stringify(tags)}\n\n`);
  const told = new Map<string, Sample | null>();
  try {
    while (!stop.signal.aborted) {
      const values: LiveValues['values'] = {};
      for (const { tag } of tags) {
        const sample = equipment.latest(tag);
        if (told.get(tag) === sample) continue;
        told.set(tag, sample);
        values[tag] = shownOf(sample);
      }
      if (Object.keys(values).length > 0) {
        const line: LiveValues = { atMs: of.nowMs(), values };
        if (!raw.write(`data: ${JSON.stringify(line)}\n\n`))
          if (!(await drained(raw, stop.signal, of.readerMs))) return;
      }
      await wait(EVERY_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    end();
  }
}

function shownOf(sample: Sample | null): LiveValues['values'][string] {
  if (sample === null || sample.quality !== 'good' || sample.value instanceof Uint8Array) return null;
  const { value } = sample;
  if (Array.isArray(value)) return value.map((one) => (Number.isFinite(Number(one)) ? Number(one) : null));
  return typeof value === 'bigint' ? String(value) : (value as string | number | boolean | null);
}
