import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, httpServer, json, type Reply } from '../../test/http-server.js';
import type { Observation } from '../observe/observation.js';
import { openRemoteScorer } from './open-remote-scorer.js';

const PATIENT = 120_000;
const row = (...values: number[]): Observation => ({ kind: 'row', values: Float64Array.from(values) });
const valuesOf = ({ body }: Asked): number[] => JSON.parse(body.toString()).inputs[0].data;
const answer = (asked: Asked, scores: unknown[], more: object = {}) => ({
  model_name: 'm',
  model_version: '3',
  id: JSON.parse(asked.body.toString()).id,
  outputs: [{ name: 'score', shape: [scores.length], datatype: 'FP32', data: scores }],
  ...more,
});

async function inference(infer: Reply, { shape = [-1, 1] }: { shape?: number[] } = {}) {
  const server = await httpServer((asked, response) => {
    if (asked.path.endsWith('/infer')) return infer(asked, response);
    if (asked.path === '/v2/health/ready') json(response, {});
    else if (asked.path === '/v2') json(response, { name: 's', version: '1', extensions: [] });
    else
      json(response, {
        ...{ name: 'm', versions: ['3'], platform: 'x' },
        inputs: [{ name: 'x', datatype: 'FP32', shape }],
        outputs: [{ name: 'score', datatype: 'FP32', shape: [-1] }],
      });
  });
  const spec = { kind: 'open-inference', model: 'm', version: '3', token: 'hush', allowedHosts: [] } as const;
  const scorer = await openRemoteScorer({ ...spec, url: server.url }, { batchMs: 20_000 });
  return { server, scorer };
}

const choice = (content: string, more: object = {}) => ({
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content }, ...more }],
});

async function language(reply: Reply) {
  const server = await httpServer((asked, response) =>
    asked.method === 'GET' ? json(response, { data: [] }) : reply(asked, response),
  );
  const spec = {
    kind: 'language',
    model: 'q',
    prompt: 'Bad is high.',
    token: 'hush',
    allowedHosts: [],
  } as const;
  const more = { channels: ['force (kN)'], timeoutMs: 20_000, url: `${server.url}/v1` };
  return { server, scorer: await openRemoteScorer({ ...spec, ...more }, { batchMs: 40_000 }) };
}

describe('a server of the Open Inference Protocol', () => {
  it(
    'is asked as the protocol says, and its answer is read unit by unit',
    async () => {
      const { server, scorer } = await inference((asked, response) =>
        json(response, answer(asked, valuesOf(asked))),
      );
      const said = await scorer.score([row(1), row(1, 2), row(Number.NaN), row(4)]);
      expect(said.map(({ score }) => score)).toEqual([1, Number.NaN, Number.NaN, 4]);
      const last = server.asked.at(-1)!;
      expect(last.path).toBe('/v2/models/m/versions/3/infer');
      expect(last.headers.authorization).toBe('Bearer hush');
      expect(JSON.parse(last.body.toString()).inputs).toEqual([
        { name: 'x', shape: [2, 1], datatype: 'FP32', data: [1, 4] },
      ]);
    },
    PATIENT,
  );

  it(
    'reads binary tensor data behind the JSON',
    async () => {
      const { scorer } = await inference((asked, response) => {
        const { id } = JSON.parse(asked.body.toString());
        const output = {
          name: 'score',
          shape: [2, 1],
          datatype: 'FP32',
          parameters: { binary_data_size: 8 },
        };
        const head = Buffer.from(JSON.stringify({ model_name: 'm', id, outputs: [output] }));
        const data = Buffer.from(new Float32Array([0.5, Number.NaN]).buffer);
        response.writeHead(200, { 'inference-header-content-length': String(head.length) });
        response.end(Buffer.concat([head, data]));
      });
      const said = await scorer.score([row(1), row(2)]);
      expect(said[0]).toEqual({ score: 0.5 });
      expect(said[1]).toMatchObject({ score: Number.NaN, fault: expect.stringMatching(/no finite number/) });
    },
    PATIENT,
  );

  it(
    'costs its own scores where it misbehaves, with the reason, and goes on when it behaves',
    async () => {
      let reply: Reply = () => {};
      const { scorer } = await inference((asked, response) => reply(asked, response));
      const wrong: [Reply, RegExp][] = [
        [(a, r) => json(r, answer(a, [1])), /scores \[1\] for 2 units/],
        [(a, r) => json(r, answer(a, [1, 2, 3])), /scores \[3\] for 2/],
        [(a, r) => json(r, answer(a, [1, 2], { id: 'other' })), /another question/],
        [(a, r) => json(r, answer(a, [1, 2], { id: undefined })), /which question/],
        [(a, r) => json(r, answer(a, [1, 2], { model_version: '4' })), /version 4/],
        [(a, r) => json(r, answer(a, [1, 2], { model_name: 'n' })), /another model/],
        [(a, r) => json(r, answer(a, [null, '2'])), /no finite number/],
        [(_, r) => r.end('{"id": "tr'), /no whole JSON/],
        [(_, r) => json(r, { error: 'bad token hush' }, 503), /answered 503: bad token \(token\)/],
        [(_, r) => void r.writeHead(302, { location: 'http://10.0.0.1/' }).end(), /not followed/],
        [(_, r) => void r.destroy(), /.+/],
      ];
      for (const [next, why] of wrong) {
        reply = next;
        for (const { score, fault } of await scorer.score([row(1), row(2)])) {
          expect(score).toBeNaN();
          expect(fault).toMatch(why);
        }
      }
      // One unit that it refuses takes no other along.
      reply = (a, r) =>
        valuesOf(a).includes(2) ? json(r, { error: 'poison' }, 400) : json(r, answer(a, valuesOf(a)));
      const said = await scorer.score([row(1), row(2), row(3)]);
      expect(said.map(({ score }) => score)).toEqual([1, Number.NaN, 3]);
    },
    PATIENT,
  );
});

describe('a language model', () => {
  it(
    'is asked in the strictest form that its server takes',
    async () => {
      const { server, scorer } = await language((asked, response) => {
        const { response_format } = JSON.parse(asked.body.toString());
        if (response_format?.type === 'json_schema')
          json(response, { error: { message: 'unavailable' } }, 400);
        else json(response, choice('```json\n{"score": 0.25, "label": null}\n```'));
      });
      expect(await scorer.score([row(7)])).toEqual([{ score: 0.25 }]);
      expect(await scorer.score([row(7)])).toEqual([{ score: 0.25 }]);
      const asked = server.asked
        .filter(({ method }) => method === 'POST')
        .map(({ body }) => JSON.parse(body.toString()));
      expect(asked.map((one) => one.response_format.type)).toEqual([
        'json_schema',
        'json_object',
        'json_object',
      ]);
      expect(asked[0]).toMatchObject({ model: 'q', temperature: 0, stream: false });
      expect(asked[0].messages[1].content).toBe('force (kN): 7');
    },
    PATIENT,
  );

  it(
    'gives no score where it refuses, is cut off, or says nothing that can be read',
    async () => {
      const said: object[] = [
        choice('I will not.'),
        choice('', { message: { content: null, refusal: 'no' } }),
        choice('{"score": 0.5}', { finish_reason: 'length' }),
        { choices: [] },
        { error: { message: 'hush' } },
      ];
      const { scorer } = await language((_, response) => json(response, said.shift()));
      for (const why of [/I will not/, /refused: no/, /cut off/, /0 answers/, /\(token\)/])
        expect((await scorer.score([row(1)]))[0]).toMatchObject({
          score: Number.NaN,
          fault: expect.stringMatching(why),
        });
    },
    PATIENT,
  );

  it(
    'never gives a unit the score of another, in whatever order replies come and get lost',
    async () => {
      let delays: number[] = [];
      const { scorer } = await language(async (asked, response) => {
        const value = Number(/: (\d+)$/.exec(JSON.parse(asked.body.toString()).messages[1].content)?.[1]);
        const delay = delays[value] ?? 0;
        await new Promise((resolve) => setTimeout(resolve, delay));
        if (delay % 3 === 0) response.destroy();
        else json(response, choice(`{"score": ${value / 100}}`));
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }), async (next) => {
          delays = next;
          const said = await scorer.score(next.map((_, n) => row(n)));
          for (const [n, { score }] of said.entries())
            expect(score).toBe(next[n]! % 3 === 0 ? Number.NaN : n / 100);
        }),
        { numRuns: 20, seed: 5 },
      );
    },
    PATIENT,
  );
});
