import {
  answeredSchema,
  answerSchema,
  findingSchema,
  interventionSchema,
  type Question,
  questionsSchema,
  reasonSchema,
  signSchema,
} from '@selvedge/core/records';
import { z } from 'zod';
import { conflict, invalid, notFound } from '../access/refusal.js';
import { REFUSALS, someone, type TypedApp } from '../access/routes/typed.js';
import { aliasOf, blindNames } from '../live/alias.js';
import { factOf } from '../live/facts.js';
import type { LiveStation } from '../live/live-station.js';
import { isFor, type OpenQuestion } from '../live/open-questions.js';
import { signBudget } from '../live/signing.js';
import { TypicalSeries } from '../live/typical-series.js';
import { afterAnswer } from './after-answer.js';
import type { Parts } from './parts.js';

const id = z.string().min(1).max(200);
const byId = z.strictObject({ id });
const done = z.strictObject({ done: z.literal(true) });
/** Questions that a tablet needs to know of at once. */
const MOST_QUESTIONS = 100;

/** What people say: answers, findings, what they did by hand, and what they sign. */
export function peopleRoutes(app: TypedApp, parts: Parts): void {
  const { journal, blobs, live, clock } = parts;
  const typical = new TypicalSeries({ db: journal.db, blobs, steadyMs: () => clock.steadyMs() });
  const seeing = { journal, blobs, typical };
  const answering = { onRequest: app.requireRight('answer') };
  const judging = { onRequest: app.requireRight('judge', { person: true }) };
  const signing = { onRequest: app.requireRight('sign', { person: true }) };
  const stationOf = (station: string): LiveStation => {
    const found = live.stations.get(station);
    if (found === undefined) throw notFound('station');
    return found;
  };
  /** The station of an open question. One that is somebody else's is as if it were over: no answer says why. */
  const asking = (question: string, user: string): LiveStation => {
    const station = live.stationOf(question);
    const open = station?.answers.questions.get(question) ?? null;
    if (station === null || open === null || !isFor(open, user)) throw questionOver();
    return station;
  };

  app.get(
    '/api/questions',
    {
      ...answering,
      schema: {
        tags: ['people'],
        querystring: z.strictObject({ station: id.optional() }),
        response: { 200: questionsSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { query } = request;
      const user = someone(request).by;
      const stations = query.station === undefined ? [...live.stations.values()] : [stationOf(query.station)];
      const questions = stations
        .flatMap((station) =>
          station.answers.questions
            .list()
            .filter((open) => isFor(open, user))
            .map((open) => shown(station, open)),
        )
        .sort((a, b) => a.deadlineAtMs - b.deadlineAtMs)
        .slice(0, MOST_QUESTIONS);
      return { seq: journal.head.seq, nowMs: clock.nowMs(), questions };
    },
  );

  app.post(
    '/api/questions/:id/answer',
    {
      ...answering,
      schema: {
        tags: ['people'],
        params: byId,
        body: answerSchema,
        response: { 200: answeredSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const user = someone(request).by;
      const station = asking(request.params.id, user);
      const { label, by, tookMs } = request.body;
      if (!station.config.choices.some((choice) => choice.label === label))
        throw invalid(
          'unknown-answer',
          `The answers here are: ${station.config.choices.map((c) => c.label).join(', ')}.`,
        );
      const { undoUntilMs, question } = await station.answers
        .answer(request.params.id, { user, label, by, tookMs })
        .catch((error: unknown) => {
          // Somebody else was quicker.
          throw error instanceof RangeError ? questionOver() : error;
        });
      return { undoUntilMs, after: await afterAnswer(seeing, station, question, label) };
    },
  );

  app.post(
    '/api/questions/:id/undo',
    { ...answering, schema: { tags: ['people'], params: byId, response: { 200: done, ...REFUSALS } } },
    async (request) => {
      const user = someone(request).by;
      const station = asking(request.params.id, user);
      if (!(await station.answers.undo(request.params.id, user)))
        throw conflict('left', 'The answer has left for the equipment already.');
      return { done: true as const };
    },
  );

  app.post(
    '/api/questions/:id/help',
    {
      ...answering,
      schema: { tags: ['people'], params: byId, response: { 200: answeredSchema.shape.after, ...REFUSALS } },
    },
    async (request) => {
      const user = someone(request).by;
      const station = asking(request.params.id, user);
      const question = station.answers.questions.get(request.params.id);
      if (question === null || !(await station.answers.help(question.id, user)))
        throw conflict('answered', 'The question is answered already.');
      return afterAnswer(seeing, station, question, null);
    },
  );

  app.post(
    '/api/findings',
    {
      ...judging,
      schema: {
        tags: ['people'],
        body: findingSchema.extend({ station: id.optional() }),
        response: { 200: z.strictObject({ counted: z.boolean() }), ...REFUSALS },
      },
    },
    async (request) => {
      const { unit, where, label, note, station } = request.body;
      const came = journal.db.prepare('SELECT station FROM unit WHERE id = ? ORDER BY seq DESC').get(unit);
      const at = live.stations.get(station ?? String(came?.station ?? ''));
      if (at === undefined) throw notFound('unit');
      const counted = await at.desk.find({ unit, where, label, note, user: someone(request).by });
      return { counted };
    },
  );

  app.post(
    '/api/interventions',
    {
      ...answering,
      schema: { tags: ['people'], body: interventionSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const { station, type, seconds } = request.body;
      stationOf(station);
      const body = { station, type, seconds, user: someone(request).by, verdict: type === 'verdict' };
      await journal.append(factOf('intervened', { subject: station, atMs: clock.nowMs(), body }));
      return { done: true as const };
    },
  );

  app.post(
    '/api/stations/:id/sign',
    {
      ...signing,
      schema: { tags: ['gate'], params: byId, body: signSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const station = stationOf(request.params.id);
      const { reason, plannedUnits, ...budget } = request.body;
      const user = someone(request).by;
      await signBudget(
        station,
        { budget, plannedUnits, user, reason },
        { journal, secrets: live.secrets, clock },
      );
      return { done: true as const };
    },
  );

  app.post(
    '/api/stations/:id/close',
    {
      ...signing,
      schema: { tags: ['gate'], params: byId, body: reasonSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const station = stationOf(request.params.id);
      if (station.gate === null)
        throw conflict('no-gate', 'There is no gate here: nobody has signed a budget.');
      const user = someone(request).user.name;
      await station.desk.tell({
        type: 'close',
        why: `closed by ${user}: ${request.body.reason}`,
        atMs: Math.round(clock.nowMs()),
      });
      return { done: true as const };
    },
  );

  app.post(
    '/api/stations/:id/new-epoch',
    {
      ...signing,
      schema: { tags: ['gate'], params: byId, body: reasonSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const station = stationOf(request.params.id);
      const { gate } = station;
      if (gate === null) throw conflict('no-gate', 'There is no gate here: nobody has signed a budget.');
      const { budget, plannedUnits } = gate.plan;
      const user = someone(request).by;
      const signature = { budget, plannedUnits, user, reason: request.body.reason };
      await signBudget(station, signature, { journal, secrets: live.secrets, clock });
      return { done: true as const };
    },
  );
}

const questionOver = () => conflict('question-over', 'This question is answered, or its time is over.');

/** A question without the reason why it is asked; where units are shown once more, without the unit's name as well. */
const shown = ({ config }: LiveStation, question: OpenQuestion): Question => ({
  id: question.id,
  station: config.id,
  stationName: config.name,
  unit: blindNames(config) ? aliasOf(question.id) : question.unit,
  askedAtMs: question.askedAtMs,
  deadlineAtMs: question.deadlineAtMs,
  otherwise: config.otherwise,
  choices: config.choices.map((choice) => ({ ...choice })),
  context: { ...question.context },
});
