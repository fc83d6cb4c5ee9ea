import type { ObservationRef } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { conflict, Refusal } from '../access/refusal.js';
import { REFUSALS } from '../access/routes/typed.js';
import type { Arrival, LiveStation } from '../live/live-station.js';
import { unitOfForm } from './form-unit.js';
import type { FrameCount } from './frame-count.js';
import { isSeenAs } from './same-content.js';
import { contextOf, observationOf, unitMessageSchema } from './unit-message.js';

/** What equipment is told: the unit is on disk under this number; `again` where it was before. */
const receiptSchema = z.strictObject({ seq: z.number().int(), again: z.boolean() });

/** A station that equipment posts units to. */
export interface Stream {
  readonly station: LiveStation;
  /** What the journal holds of a unit that came before; null where there is none. */
  readonly arrived: (unit: string) => ObservationRef | null;
  readonly frames: FrameCount;
}

export const streamOf = (
  station: LiveStation,
  { journal, frames }: { readonly journal: Journal; readonly frames: FrameCount },
): Stream => ({
  station,
  frames,
  arrived: (unit) => {
    const row = journal.db
      .prepare('SELECT observation FROM unit WHERE station = ? AND id = ?')
      .get(station.config.id, unit);
    return row === undefined ? null : JSON.parse(String(row.observation));
  },
});

/**
 * Units that equipment posts: `POST <path>/<stream>` with a token that has the right `bring`, as JSON or as a form with the
 * picture as a file. The answer comes when the journal has the unit; 503 says that it has not, and to send it again. A unit
 * that comes again is acknowledged again; another one under its id is refused.
 */
export function httpSource(
  app: FastifyInstance,
  { path, largest, streams }: { path: string; largest: number; streams: ReadonlyMap<string, Stream> },
): void {
  if (!app.hasContentTypeParser('multipart/form-data'))
    app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request, body, done) => {
      unitOfForm(Buffer.from(body), request.headers['content-type'] ?? '').then(
        (unit) => done(null, unit),
        (error: Error) => done(error),
      );
    });
  const arrive = oneAtATime();
  app.withTypeProvider<ZodTypeProvider>().post(
    `/api${path}/:stream`,
    {
      bodyLimit: largest,
      onRequest: app.requireRight('bring'),
      schema: {
        tags: ['equipment'],
        description:
          'One unit, as JSON or as multipart/form-data: the same fields as parts, or all of them as JSON in the part `unit`, and the picture as the file `image`.',
        params: z.strictObject({ stream: z.string().max(200) }),
        body: unitMessageSchema,
        response: { 200: receiptSchema, ...REFUSALS },
      },
    },
    async ({ params, body }) => {
      const stream = streams.get(params.stream);
      if (stream === undefined)
        throw new Refusal({
          status: 404,
          code: 'no-stream',
          message: `No station reads ${params.stream} here.`,
        });
      const { id, lot, atMs, frame, camera = '' } = body;
      const observation = observationOf(body);
      const unit: Arrival = {
        ...{ id, observation, context: contextOf(body) },
        ...{ lot: lot ?? null, sourceAtMs: atMs ?? null },
      };
      const receipt = await arrive(stream.station, unit);
      if (!receipt.again && frame !== undefined) stream.frames.take({ camera, frame });
      const before = receipt.again ? stream.arrived(id) : null;
      if (before !== null && !isSeenAs(before, observation))
        throw conflict(
          'id-used',
          `Another unit came as ${id} before and stands as it came. Give this one an id of its own.`,
        );
      return receipt;
    },
  );
}

/** Sent twice at the same time, a unit is acknowledged twice: the second when the first is on disk. */
function oneAtATime(): LiveStation['arrive'] extends (unit: Arrival) => infer R
  ? (station: LiveStation, unit: Arrival) => R
  : never {
  const under = new Map<string, Promise<unknown>>();
  return async (station, unit) => {
    const key = JSON.stringify([station.config.id, unit.id]);
    const turn = (under.get(key) ?? Promise.resolve()).then(() => station.arrive(unit));
    const over = turn.catch(() => {});
    under.set(key, over);
    try {
      return await turn;
    } finally {
      if (under.get(key) === over) under.delete(key);
    }
  };
}
