import {
  boardSchema,
  disagreementsSchema,
  hireSchema,
  hostActSchema,
  learningSchema,
  leaveSchema,
  policySchema,
} from '@selvedge/core/records';
import { z } from 'zod';
import { conflict, notFound } from '../access/refusal.js';
import { REFUSALS, someone, type TypedApp } from '../access/routes/typed.js';
import { allowHost } from '../learning/hosts.js';
import { signPolicy } from '../learning/policy.js';
import type { Parts } from './parts.js';
import { boardView, disagreementsView } from './views/board-view.js';

const TAGS = ['learning'];
const id = z.string().min(1).max(200);
const byStation = z.strictObject({ id });
const byApplicant = z.strictObject({ id, applicant: z.string().regex(/^[0-9a-f]{64}$/) });
const done = z.strictObject({ done: z.literal(true) });
const OK = { done: true } as const;

/** Who applies for the post of a station, what is learnt there, and what people decide about it. */
export function learningRoutes(app: TypedApp, parts: Parts): void {
  const { journal, live, clock, learning } = parts;
  const look = { onRequest: app.requireRight('look') };
  const signing = { onRequest: app.requireRight('sign', { person: true }) };
  const configuring = { onRequest: app.requireRight('configure', { person: true }) };
  const governing = { onRequest: app.requireRight('govern', { person: true }) };
  const at = (station: string) => {
    const one = learning.stations.get(station);
    const settings = learning.settingsOf(station);
    if (one === undefined || settings === null) throw notFound('station');
    return { ...one, settings, station: live.station(station) };
  };
  const known = (station: string, applicant: string) => {
    const one = at(station);
    if (!one.applicants.all().some(({ id: other }) => other === applicant)) throw notFound('applicant');
    return one;
  };

  app.get(
    '/api/stations/:id/applicants',
    { ...look, schema: { tags: TAGS, params: byStation, response: { 200: boardSchema, ...REFUSALS } } },
    async ({ params }) => boardView(parts, at(params.id).settings, clock.nowMs()),
  );

  app.get(
    '/api/stations/:id/applicants/:applicant/disagreements',
    {
      ...look,
      schema: { tags: TAGS, params: byApplicant, response: { 200: disagreementsSchema, ...REFUSALS } },
    },
    async ({ params: { id: station, applicant } }) => {
      const { station: live, roles } = known(station, applicant);
      return disagreementsView(parts, live, { applicant, roles });
    },
  );

  app.post(
    '/api/stations/:id/applicants/:applicant/hire',
    {
      ...signing,
      schema: { tags: TAGS, params: byApplicant, body: hireSchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const { params, body } = request;
      const user = someone(request).by;
      await known(params.id, params.applicant).applicants.hire({
        ...{ applicant: params.applicant, by: 'signature', user, reason: body.reason },
      });
      return OK;
    },
  );

  for (const [path, why] of [
    ['leave', 'withdrawn'],
    ['readmit', 'readmitted'],
  ] as const)
    app.post(
      `/api/stations/:id/applicants/:applicant/${path}`,
      {
        ...signing,
        schema: { tags: TAGS, params: byApplicant, body: leaveSchema, response: { 200: done, ...REFUSALS } },
      },
      async (request) => {
        const { params, body } = request;
        const { applicants, station } = known(params.id, params.applicant);
        if (why === 'withdrawn' && station.model?.hash === params.applicant)
          throw conflict('in-post', 'It has the post. Close the gate, or hire another one first');
        const user = someone(request).by;
        await applicants.dismiss(params.applicant, { why, barred: false, user, note: body.reason });
        return OK;
      },
    );

  app.get(
    '/api/stations/:id/learning',
    { ...look, schema: { tags: TAGS, params: byStation, response: { 200: learningSchema, ...REFUSALS } } },
    async ({ params }) => {
      const { learner, settings, extra } = at(params.id);
      return {
        ...{ station: params.id, name: settings.name, ...learner.view() },
        extra: { perHour: settings.learn.extraPerHour, ...extra.counts(parts.dayStart(clock.nowMs())) },
      };
    },
  );

  app.post(
    '/api/stations/:id/learning/fit',
    { ...configuring, schema: { tags: TAGS, params: byStation, response: { 200: done, ...REFUSALS } } },
    async ({ params }) => {
      const { learner, settings } = at(params.id);
      if (!settings.learn.enabled)
        throw conflict('learning-off', 'The configuration says that nothing is learnt here');
      learner.fitNow();
      return OK;
    },
  );

  app.put(
    '/api/stations/:id/learning/policy',
    {
      ...signing,
      schema: { tags: TAGS, params: byStation, body: policySchema, response: { 200: done, ...REFUSALS } },
    },
    async (request) => {
      const { params, body } = request;
      const { station } = at(params.id);
      if (body.active && station.gate === null)
        throw conflict('no-budget', 'Sign a budget first: a policy works inside of one');
      await signPolicy({ journal, clock }, { ...body, station: params.id, user: someone(request).by });
      return OK;
    },
  );

  app.put(
    '/api/hosts/:host',
    {
      ...governing,
      schema: {
        tags: TAGS,
        params: z.strictObject({
          host: z
            .string()
            .min(1)
            .max(200)
            .regex(/^[a-z0-9.\-[\]:]+:\d{1,5}$/),
        }),
        body: hostActSchema,
        response: { 200: done, ...REFUSALS },
      },
    },
    async (request) => {
      const { params, body } = request;
      await allowHost({ journal, clock }, { host: params.host, ...body, user: someone(request).by });
      for (const { applicants } of learning.stations.values()) await applicants.hostsChanged();
      return OK;
    },
  );
}
