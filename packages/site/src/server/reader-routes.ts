import { seedRemovalSchema, seedSchema, seedsSchema } from '@selvedge/core/records';
import { heatPng } from '@selvedge/models';
import { z } from 'zod';
import { conflict, notFound } from '../access/refusal.js';
import { REFUSALS, someone, type TypedApp } from '../access/routes/typed.js';
import type { LiveStation } from '../live/live-station.js';
import { type OpenQuestion, shownUnit } from '../live/open-questions.js';
import { addedToSeeds, removedFromSeeds } from '../live/seed-library.js';
import { seenOf } from './after-answer.js';
import type { Parts } from './parts.js';
import { pictureType } from './picture-type.js';

const id = z.string().min(1).max(200);
const byId = z.strictObject({ id });
const done = z.strictObject({ done: z.literal(true) });
/** The page shows a picture beside its heat map when the question is over and its alias forgotten. */
const SHOWN_LATER = 'private, max-age=600';
/** Heat maps kept at once. */
const HEATS = 64;

/** The question that goes by an alias, with its station; null for any other name. */
export function questionBehind(
  { live }: Pick<Parts, 'live'>,
  alias: string,
): { station: LiveStation; question: OpenQuestion } | null {
  for (const station of live.stations.values()) {
    const question = station.answers.questions.byAlias(alias);
    if (question !== null) return { station, question };
  }
  return null;
}

/** What measures the readers and what they are shown: pictures by another name, heat maps after the answer, seeds. */
export function readerRoutes(app: TypedApp, parts: Parts): void {
  const { journal, live, clock } = parts;
  const answering = { onRequest: app.requireRight('answer') };
  const judging = { onRequest: app.requireRight('judge', { person: true }) };
  const heats = new Map<string, Promise<Uint8Array | null>>();

  app.get(
    '/api/units/:id/picture',
    { onRequest: app.requireRight('look'), schema: { tags: ['people'], params: byId } },
    async ({ params }, reply) => {
      const found = questionBehind(parts, params.id);
      if (found === null) throw notFound('question');
      const { station, question } = found;
      const seen = await seenOf(parts, station.config.id, shownUnit(question));
      const picture = seen?.kind === 'pair' ? seen.image : seen;
      if (picture?.kind !== 'image' || typeof picture.source === 'string') throw notFound('picture');
      const { source } = picture;
      const type = pictureType(source);
      return reply
        .type(type ?? 'application/octet-stream')
        .header('cache-control', SHOWN_LATER)
        .header('content-disposition', type === null ? 'attachment' : 'inline')
        .send(Buffer.from(source));
    },
  );

  app.get(
    '/api/questions/:id/heat',
    { ...answering, schema: { tags: ['people'], params: byId } },
    async ({ params }, reply) => {
      const row = journal.db
        .prepare(
          `SELECT station, coalesce(again_unit, unit) AS unit FROM question
           WHERE id = ? AND (first_label IS NOT NULL OR help = 1)`,
        )
        .get(params.id);
      // Before the first answer it says no more than that of a question that never was.
      const station = row === undefined ? undefined : live.stations.get(String(row.station));
      if (row === undefined || station === undefined) throw notFound('heat map');
      const { model } = station;
      if (model === null) throw notFound('heat map');
      const key = `${model.hash} ${params.id}`;
      const png = heats.get(key) ?? heatOf(station, String(row.unit));
      heats.set(key, png);
      png.catch(() => heats.delete(key));
      if (heats.size > HEATS) heats.delete(heats.keys().next().value ?? '');
      const bytes = await png;
      if (bytes === null) throw notFound('heat map');
      return reply.type('image/png').header('cache-control', SHOWN_LATER).send(Buffer.from(bytes));
    },
  );

  async function heatOf({ config, model }: LiveStation, unit: string): Promise<Uint8Array | null> {
    const seen = await seenOf(parts, config.id, unit);
    if (seen?.kind !== 'image' && seen?.kind !== 'pair') return null;
    const heat = (await model?.scorer.heat(seen)) ?? null;
    return heat === null ? null : heatPng(heat.values, heat.width, heat.height);
  }

  app.get(
    '/api/seeds',
    { ...judging, schema: { tags: ['readers'], response: { 200: seedsSchema, ...REFUSALS } } },
    async () => ({
      seeds: journal.db
        .prepare('SELECT * FROM seed WHERE removed = 0 ORDER BY seq DESC LIMIT 1000')
        .all()
        .map((row) => ({
          unit: String(row.unit),
          station: String(row.station),
          label: String(row.label),
          by: row.added_by === null ? null : String(row.added_by),
          atMs: Number(row.at_ms),
          read: Number(row.read),
          missed: Number(row.missed),
        })),
    }),
  );

  /** A unit that is over, at a station that has it. */
  const unitAt = ({ unit, station }: { unit: string; station?: string | undefined }) => {
    const row = journal.db
      .prepare(
        `SELECT station, disposition, final_label, final_bad, found, answered_by FROM unit
         WHERE id = ? AND station = coalesce(?, station) ORDER BY seq DESC LIMIT 1`,
      )
      .get(unit, station ?? null);
    const at = row === undefined ? undefined : live.stations.get(String(row.station));
    if (row === undefined || at === undefined) throw notFound('unit');
    return { row, at };
  };

  app.post(
    '/api/seeds',
    {
      ...judging,
      schema: { tags: ['readers'], body: seedSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const { unit } = request.body;
      const { row, at } = unitAt(request.body);
      if (row.disposition === null) throw conflict('open', 'A question about this unit is still open.');
      const by = someone(request).by;
      const bad = at.config.choices.filter((choice) => choice.bad).map((choice) => choice.label);
      const said = [row.found, row.final_label].map(String).find((label) => bad.includes(label)) ?? bad[0];
      const seenBy = [...new Set([by, ...(row.answered_by === null ? [] : [String(row.answered_by)])])];
      const added = await at.desk.commit(() => {
        const body = { station: at.config.id, label: said ?? 'bad', by, seenBy };
        const facts = addedToSeeds(journal.db, { unit, atMs: Math.round(clock.nowMs()), body });
        return { facts, result: facts.length > 0 };
      });
      if (!added)
        throw conflict('no-seed', 'The unit is in the library already, or nothing is kept of what was seen.');
      return { done: true as const };
    },
  );

  app.post(
    '/api/seeds/remove',
    {
      ...judging,
      schema: { tags: ['readers'], body: seedRemovalSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const { unit, reason } = request.body;
      const { at } = unitAt(request.body);
      const removed = await at.desk.commit(() => {
        const body = { station: at.config.id, by: someone(request).by, reason };
        const facts = removedFromSeeds(journal.db, { unit, atMs: Math.round(clock.nowMs()), body });
        return { facts, result: facts.length > 0 };
      });
      if (!removed) throw notFound('seed');
      return { done: true as const };
    },
  );
}
