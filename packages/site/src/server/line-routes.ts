import {
  errorSchema,
  eventSchema,
  lineViewSchema,
  type ObservationView,
  observationViewSchema,
  proofViewSchema,
  shiftReportSchema,
  unitLineSchema,
  unitViewSchema,
} from '@selvedge/core/records';
import { z } from 'zod';
import { notFound } from '../access/refusal.js';
import { REFUSALS, someone, type TypedApp } from '../access/routes/typed.js';
import { blindNames } from '../live/alias.js';
import { shownUnit } from '../live/open-questions.js';
import { streamEvents } from './event-stream.js';
import type { Parts } from './parts.js';
import { pictureType } from './picture-type.js';
import { questionBehind } from './reader-routes.js';
import { Curves } from './readings/curves.js';
import { ReadingDesk } from './readings/reading-desk.js';
import { lastUnits, lineView } from './views/line-view.js';
import { proofView } from './views/proof-view.js';
import { shiftReport } from './views/shift-report.js';
import { observationView, unitView } from './views/unit-view.js';

const id = z.string().min(1).max(200);
/** Longest shift: a week. */
const LONGEST_MS = 7 * 86_400_000;
const tags = ['line'];

/** What everybody who may look can see. */
export function lineRoutes(app: TypedApp, parts: Parts, { readerMs }: { readonly readerMs: number }): void {
  const { journal, blobs, live, access, clock } = parts;
  const look = { onRequest: app.requireRight('look') };
  const stations = () => [...live.stations.values()];
  const desk = new ReadingDesk(journal.file);
  const curves = new Curves(journal.db, desk);
  app.addHook('onClose', () => desk.close());
  // Drawn while nobody waits for it yet.
  app.addHook('onListen', async () => {
    void (async () => {
      for (const station of stations()) await curves.of(station).catch(() => {});
    })();
  });
  const isLive = (station: string): boolean => parts.equipment.shownAt(station) !== null;
  const today = () => {
    const nowMs = clock.nowMs();
    return { nowMs, dayStartMs: parts.dayStart(nowMs) };
  };

  app.get(
    '/api/line',
    { ...look, schema: { tags, response: { 200: lineViewSchema, ...REFUSALS } } },
    async () =>
      lineView(journal, stations(), {
        ...{ ...today(), troubles: parts.troubles, live: isLive, stage: parts.stage !== null },
      }),
  );

  app.get(
    '/api/stations/:id/proof',
    {
      ...look,
      schema: { tags, params: z.strictObject({ id }), response: { 200: proofViewSchema, ...REFUSALS } },
    },
    async ({ params }) => {
      const station = live.stations.get(params.id);
      if (station === undefined) throw notFound('station');
      const { nowMs, dayStartMs } = today();
      const troubles = parts.troubles(params.id);
      const period = { fromMs: dayStartMs, toMs: nowMs + 1 };
      const curve = await curves.of(station);
      return proofView(journal.db, station, { ...period, troubles, live: isLive(params.id), curve });
    },
  );

  app.get(
    '/api/units',
    {
      ...look,
      schema: {
        tags,
        querystring: z.strictObject({
          station: id.optional(),
          before: z.coerce.number().int().positive().optional(),
          limit: z.coerce.number().int().min(1).max(500).default(50),
        }),
        response: { 200: z.strictObject({ units: z.array(unitLineSchema) }), ...REFUSALS },
      },
    },
    async ({ query: { station, before, limit } }) => ({
      units: lastUnits(journal, {
        limit,
        ...(station === undefined ? {} : { station }),
        ...(before === undefined ? {} : { before }),
      }),
    }),
  );

  app.get(
    '/api/units/:id',
    {
      ...look,
      schema: { tags, params: z.strictObject({ id }), response: { 200: unitViewSchema, ...REFUSALS } },
    },
    async (request) => {
      const { params } = request;
      const view = unitView(journal, params.id, { judge: someone(request).rights.includes('judge') });
      if (view === null) throw notFound('unit');
      return view;
    },
  );

  app.get(
    '/api/units/:id/observation',
    {
      ...look,
      schema: {
        tags,
        params: z.strictObject({ id }),
        querystring: z.strictObject({ station: id.optional() }),
        response: { 200: observationViewSchema, ...REFUSALS },
      },
    },
    async ({ params, query }) => {
      const behind = questionBehind(parts, params.id);
      if (behind !== null) {
        const { station, question } = behind;
        const seen = await observationView(parts, { unit: shownUnit(question), station: station.config });
        if (seen === null) throw notFound('unit');
        // The address of a picture is made of its content: it would be the same whenever it is shown.
        const unseen = <V extends ObservationView>(view: V): V =>
          view.kind === 'image' ? { ...view, href: `/api/units/${params.id}/picture` } : view;
        return seen.kind === 'pair' ? { ...seen, image: unseen(seen.image) } : unseen(seen);
      }
      const came = journal.db
        .prepare('SELECT station FROM unit WHERE id = ? ORDER BY seq DESC')
        .get(params.id);
      const station = live.stations.get(query.station ?? String(came?.station ?? ''));
      if (station === undefined) throw notFound('unit');
      const view = await observationView(parts, { unit: params.id, station: station.config });
      if (view === null) throw notFound('unit');
      return view;
    },
  );

  app.get(
    '/api/blobs/:hash',
    { ...look, schema: { tags, params: z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/) }) } },
    async ({ params }, reply) => {
      if (!(await blobs.has(params.hash))) throw notFound('content');
      const bytes = await blobs.get(params.hash);
      // Never sniffed, never run: a picture is shown, anything else is saved.
      return reply
        .type(pictureType(bytes) ?? 'application/octet-stream')
        .header('cache-control', 'private, max-age=31536000, immutable')
        .header('content-disposition', pictureType(bytes) === null ? 'attachment' : 'inline')
        .send(bytes);
    },
  );

  app.get(
    '/api/shift',
    {
      ...look,
      schema: {
        tags,
        querystring: z.strictObject({
          fromMs: z.coerce.number().int().nonnegative().optional(),
          toMs: z.coerce.number().int().nonnegative().optional(),
        }),
        response: { 200: shiftReportSchema, ...REFUSALS },
      },
    },
    async ({ query }) => {
      const { nowMs, dayStartMs } = today();
      const toMs = query.toMs ?? Math.round(nowMs) + 1;
      const fromMs = Math.max(query.fromMs ?? dayStartMs, toMs - LONGEST_MS);
      const period = { site: parts.name, origin: parts.origin, fromMs, toMs };
      return shiftReport({ journal, desk }, stations(), period);
    },
  );

  app.get(
    '/api/events',
    {
      ...look,
      schema: {
        tags,
        description: 'Server-sent events: one row of the journal a line, resumable by Last-Event-ID.',
        querystring: z.strictObject({ after: z.coerce.number().int().nonnegative().optional() }),
        response: { 200: eventSchema, 401: errorSchema },
      },
    },
    async (request, reply) => {
      const last = request.headers['last-event-id'];
      const resumed = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : null;
      const identity = someone(request);
      const stillHere = (): boolean => access.stillHere(identity);
      await streamEvents(journal, request, reply, {
        after: resumed ?? request.query.after ?? null,
        stillHere,
        readerMs,
        blind: (station) => {
          const config = live.stations.get(station)?.config;
          return config !== undefined && blindNames(config);
        },
      });
    },
  );
}
