import type { ServerResponse } from 'node:http';
import type { SiteEvent } from '@selvedge/core/records';
import type { Entry, Journal } from '@selvedge/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { aliasOf } from '../live/alias.js';

/** A comment now and then, so that proxies and browsers know that the line stands. */
const ALIVE_MS = 15_000;
/** Rows behind which somebody is told to load the views anew instead. */
const MOST_BEHIND = 2_000;

/**
 * Server-sent events: one line a row, with its seq as the id, so that a browser that was away goes on where it was. A
 * reader who does not keep up is sent no more than its socket holds; one that takes nothing for `readerMs` is let go of,
 * and may come back.
 */
export async function streamEvents(
  journal: Journal,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    after,
    stillHere,
    readerMs,
    blind,
  }: {
    readonly after: number | null;
    readonly stillHere: () => boolean;
    readonly readerMs: number;
    /** True where a station's questions go by aliases. */
    readonly blind: (station: string) => boolean;
  },
): Promise<void> {
  const { raw, stop, end } = beginStream(request, reply, stillHere);
  const head = journal.head.seq;
  const behind = after === null || after > head || head - after > MOST_BEHIND;
  const from = behind ? head : after;
  raw.write(`retry: 1000\nid: ${from}\nevent: ${behind ? 'reload' : 'resume'}\ndata: ${from}\n\n`);
  try {
    for await (const entry of journal.follow(from, stop.signal)) {
      if (!raw.write(`id: ${entry.seq}\ndata: ${JSON.stringify(eventOf(entry, blind))}\n\n`))
        if (!(await drained(raw, stop.signal, readerMs))) return;
    }
  } finally {
    end();
  }
}

/** Headers of a stream of events, a sign of life now and then, and its end when the reader goes or may not look any more. */
export function beginStream(
  request: FastifyRequest,
  reply: FastifyReply,
  stillHere: () => boolean,
): { readonly raw: ServerResponse; readonly stop: AbortController; readonly end: () => void } {
  const stop = new AbortController();
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  request.raw.once('close', () => stop.abort());
  const alive = setInterval(() => {
    if (!stillHere()) stop.abort();
    else if (!raw.writableNeedDrain) raw.write(': alive\n\n');
  }, ALIVE_MS);
  const end = (): void => {
    clearInterval(alive);
    // What nobody takes is not waited for.
    if (raw.writableNeedDrain) raw.destroy();
    else raw.end();
  };
  return { raw, stop, end };
}

/** Rows that say which units are shown once more: who looks is told that there is a row and no more. */
const OF_READERS = new Set(['second-read', 'seed-read', 'seed-added', 'seed-removed', 'blob-pinned']);

function eventOf({ seq, atMs, kind, subject, body }: Entry, blind: (station: string) => boolean): SiteEvent {
  const { station, question } = body as { station?: unknown; question?: unknown };
  const at = typeof station === 'string' ? station : null;
  if (OF_READERS.has(kind)) return { seq, atMs, kind: 'readers', subject: null, station: at };
  const asked = typeof question === 'string' && at !== null && blind(at);
  // A question that nobody answered ends in the same word whatever it showed.
  const said = kind === 'lapsed' ? 'overdue' : kind;
  return { seq, atMs, kind: said, subject: asked ? aliasOf(question) : subject, station: at };
}

/** False where nothing was taken in time. */
export function drained(raw: NodeJS.WritableStream, signal: AbortSignal, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (taken: boolean): void => {
      clearTimeout(timer);
      raw.removeListener('drain', done);
      signal.removeEventListener('abort', done);
      resolve(taken);
    };
    const done = (): void => end(true);
    const timer = setTimeout(() => end(false), withinMs);
    raw.once('drain', done);
    signal.addEventListener('abort', done);
  });
}
