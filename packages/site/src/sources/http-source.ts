import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Refusal } from '../access/refusal.js';
import { REFUSALS } from '../access/routes/typed.js';
import type { LiveStation } from '../live/live-station.js';
import { contextOf, observationOf, unitMessageSchema } from './unit-message.js';

/** What equipment is told: the unit is on disk under this number; `again` where it was before. */
const receiptSchema = z.strictObject({ seq: z.number().int(), again: z.boolean() });

/**
 * Units that equipment posts: `POST <path>/<stream>` with a token that has the right `bring`. The answer comes when the
 * journal has the unit; 503 says that it has not, and to send it again.
 */
export function httpSource(
  app: FastifyInstance,
  { path, largest, stations }: { path: string; largest: number; stations: ReadonlyMap<string, LiveStation> },
): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  typed.post(
    `/api${path}/:stream`,
    {
      bodyLimit: largest,
      onRequest: app.requireRight('bring'),
      schema: {
        tags: ['equipment'],
        params: z.strictObject({ stream: z.string().max(200) }),
        body: unitMessageSchema,
        response: { 200: receiptSchema, ...REFUSALS },
      },
    },
    async ({ params, body }) => {
      const station = stations.get(params.stream);
      if (station === undefined)
        throw new Refusal({
          status: 404,
          code: 'no-stream',
          message: `No station reads ${params.stream} here.`,
        });
      const { id, lot, atMs } = body;
      const observation = observationOf(body);
      return station.arrive({
        id,
        observation,
        context: contextOf(body),
        lot: lot ?? null,
        sourceAtMs: atMs ?? null,
      });
    },
  );
}
