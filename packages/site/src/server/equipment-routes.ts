import {
  doubtsPageSchema,
  equipmentViewSchema,
  leaseViewSchema,
  leaseWishSchema,
  liveValuesOfSchema,
  liveValuesSchema,
  modeWishSchema,
  writeSeenSchema,
  writeWishSchema,
  writtenSchema,
} from '@selvedge/core/records';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { conflict, invalid, notFound } from '../access/refusal.js';
import { REFUSALS, someone, type TypedApp } from '../access/routes/typed.js';
import type { Equipment } from '../equipment/equipment.js';
import type { Shown } from '../equipment/plant-equipment.js';
import { heldAs } from '../equipment/write-facts.js';
import { factOf } from '../live/facts.js';
import { streamLive } from './live-stream.js';
import type { Parts } from './parts.js';
import { doubtsOf, equipmentView } from './views/equipment-view.js';

const id = z.string().min(1).max(200);
const byConnector = z.strictObject({ connector: id });
const done = z.strictObject({ done: z.literal(true) });
const tags = ['equipment'];
/** A write by hand that the equipment does not take so soon is not sent any more. */
const BY_HAND_MS = 3000;
/** Stations in one stream of live values. */
const MOST_LIVE = 64;

/** What is connected; who turns guards on, signs leases, writes by hand, and looks after a doubt. */
export function equipmentRoutes(
  app: TypedApp,
  parts: Parts,
  { readerMs }: { readonly readerMs: number },
): void {
  const { journal, clock, equipment: plant } = parts;
  const of = (connector: string): Equipment => {
    const found = plant.all.get(connector);
    if (found === undefined) throw notFound('connector');
    return found;
  };
  const shownAt = (station: string): Shown => {
    const shown = plant.shownAt(station);
    if (shown === null) throw notFound('live station');
    return shown;
  };
  const isOf = (request: FastifyRequest) => {
    const identity = someone(request);
    return { readerMs, nowMs: () => clock.nowMs(), stillHere: () => parts.access.stillHere(identity) };
  };

  app.get(
    '/api/equipment',
    {
      onRequest: app.requireRight('look'),
      schema: { tags, response: { 200: equipmentViewSchema, ...REFUSALS } },
    },
    async () => equipmentView(plant, journal.db),
  );

  app.get(
    '/api/equipment/:connector/doubts',
    {
      onRequest: app.requireRight('look'),
      schema: {
        tags,
        params: byConnector,
        querystring: z.strictObject({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: doubtsPageSchema, ...REFUSALS },
      },
    },
    async ({ params, query }) => doubtsOf(journal.db, of(params.connector).config.id, query),
  );

  app.get(
    '/api/stations/:id/live',
    {
      onRequest: app.requireRight('look'),
      schema: {
        tags,
        description:
          'Server-sent events: what is measured while a unit is being made. The first names the tags.',
        params: z.strictObject({ id }),
        response: { 200: liveValuesSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const shown = shownAt(request.params.id);
      await streamLive([{ shown, of: {} }], request, reply, isOf(request));
    },
  );

  app.get(
    '/api/live',
    {
      onRequest: app.requireRight('look'),
      schema: {
        tags,
        description:
          'Server-sent events: several stations in one stream. For each an event that names its tags, then its values.',
        querystring: z.strictObject({
          station: z.preprocess(
            (given) => (typeof given === 'string' ? [given] : given),
            z.array(id).min(1).max(MOST_LIVE),
          ),
        }),
        response: { 200: liveValuesOfSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const stations = [...new Set(request.query.station)];
      await streamLive(
        stations.map((station) => ({ shown: shownAt(station), of: { station } })),
        request,
        reply,
        isOf(request),
      );
    },
  );

  app.post(
    '/api/equipment/:connector/mode',
    {
      onRequest: app.requireRight('sign', { person: true }),
      schema: { tags, params: byConnector, body: modeWishSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const { mode, reason } = request.body;
      await of(request.params.connector).setMode(mode, { user: someone(request).user.id, reason });
      return { done: true as const };
    },
  );

  app.post(
    '/api/equipment/:connector/leases',
    {
      onRequest: app.requireRight('sign', { person: true }),
      schema: {
        tags,
        params: byConnector,
        body: leaseWishSchema,
        response: { 200: leaseViewSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { target, station, bounds, maxStep, minIntervalMs, hours, rollBack, reason } = request.body;
      const equipment = of(request.params.connector);
      const rule = equipment.config.writes.find((one) => one.target === target);
      const untilMs = Math.round(clock.nowMs() + hours * 3_600_000);
      const by = someone(request).user.id;
      const wish = { target, gate: station, bounds, maxStep, minIntervalMs, untilMs, rollBack, by, reason };
      try {
        const lease = await equipment.leases.sign(wish, rule);
        await plant.leaseSigned(equipment.config.id, station, target);
        return {
          ...{ lease: lease.id, connector: equipment.config.id, target, station, bounds, maxStep },
          ...{ minIntervalMs, untilMs, rollBack, user: by, reason, fromMs: lease.fromMs, suspended: false },
        };
      } catch (error) {
        if (error instanceof RangeError) throw invalid('lease', error.message);
        throw error;
      }
    },
  );

  app.post(
    '/api/leases/:id/end',
    {
      onRequest: app.requireRight('answer', { person: true }),
      schema: { tags, params: z.strictObject({ id }), response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      // Whoever stands at the line may stop it.
      for (const equipment of plant.all.values())
        if (await equipment.leases.end(request.params.id, 'withdrawn', someone(request).user.id))
          return { done: true as const };
      throw notFound('lease');
    },
  );

  app.post(
    '/api/equipment/:connector/write',
    {
      // It is written on a person's word, which needs no open gate and no lease: a token has none.
      onRequest: app.requireRight('configure', { person: true }),
      schema: {
        tags,
        params: byConnector,
        body: writeWishSchema,
        response: { 200: writtenSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { target, station, value, reason } = request.body;
      const user = someone(request).user.id;
      const written = await of(request.params.connector).write({
        ...{ target, station, value, decision: `user:${user}`, release: '', byPerson: true, reason },
        withinMs: BY_HAND_MS,
      });
      if (!written.sent) return { sent: false, outcome: null, why: written.why, readBack: null };
      const { outcome, why, readBack } = written.receipt;
      return { sent: true, outcome, why, readBack: heldAs(readBack?.value) };
    },
  );

  app.post(
    '/api/writes/:id/seen',
    {
      onRequest: app.requireRight('answer', { person: true }),
      schema: {
        tags,
        params: z.strictObject({ id }),
        body: writeSeenSchema,
        response: { 200: done, ...REFUSALS },
      },
    },
    async (request) => {
      const row = journal.db
        .prepare('SELECT station, outcome, seen_by FROM write WHERE id = ?')
        .get(request.params.id);
      if (row === undefined) throw notFound('write');
      if ((row.outcome !== 'unknown' && row.outcome !== 'untold') || row.seen_by !== null)
        throw conflict('no-doubt', 'There is no doubt about this write, or somebody has looked already.');
      const body = { write: request.params.id, user: someone(request).user.id, note: request.body.note };
      await journal.append(factOf('write-seen', { subject: String(row.station), atMs: clock.nowMs(), body }));
      return { done: true as const };
    },
  );
}
