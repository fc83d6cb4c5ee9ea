import type { Question } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import type { Client, Result } from '../api/client.js';
import { createAsking } from './asking.js';
import { createObservations } from './observations.js';

const question = (id: string): Question => ({
  ...{ id, station: 's', stationName: 'S', unit: `u-${id}`, askedAtMs: 0, deadlineAtMs: 60_000 },
  ...{ otherwise: 'hold', context: {}, choices: [{ label: 'good', bad: false }] },
});

/** A server by hand: every exchange waits until it is let go. */
function slowServer() {
  const waiting: { path: string; go: (result: Result<unknown>) => void }[] = [];
  const asked: string[] = [];
  const exchange = (path: string) =>
    new Promise<Result<never>>((go) => {
      waiting.push({ path, go: go as (result: Result<unknown>) => void });
    });
  const client: Client = {
    get: ({ path }) => {
      asked.push(path);
      return exchange(path);
    },
    send: (path) => exchange(path),
    setCsrf: () => undefined,
  };
  const letGo = async (part: string, result: Result<unknown>) => {
    const at = waiting.findIndex(({ path }) => path.includes(part));
    if (at < 0) throw new Error(`nothing waits for ${part}`);
    waiting.splice(at, 1)[0]?.go(result);
    for (let i = 0; i < 8; i++) await Promise.resolve();
  };
  return { client, asked, waiting, letGo };
}

const yes: Result<unknown> = {
  ok: true,
  value: { undoUntilMs: 9e9, after: { score: 0.1, agreed: true, marks: null, heatHref: null, similar: [] } },
};
const cut: Result<unknown> = {
  ok: false,
  fault: { kind: 'unreached', status: 0, code: 'unreached', message: '' },
};

function set() {
  const server = slowServer();
  let now = 0;
  const observations = createObservations(server.client, async () => undefined);
  const asking = createAsking({ client: server.client, now: () => now, observations, said: () => 'cut' });
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...server, asking, pass };
}

describe('asking', () => {
  it('has what comes next before it is needed, once each', () => {
    const { asking, asked } = set();
    const questions = ['a', 'b', 'c', 'd', 'e', 'f'].map(question);
    asking.listed(questions);
    asking.listed(questions);
    expect(asked.filter((path) => path.includes('observation'))).toHaveLength(4);
  });

  it('shows the next question while the answer is still on its way, and undoes only what arrived', async () => {
    const { asking, letGo, waiting, pass } = set();
    asking.listed(['a', 'b'].map(question));
    pass(1000);
    asking.choose('good', 'keyboard');
    expect(asking.queue.get().current?.question.id).toBe('b');
    const undo = asking.undo();
    expect(waiting.some(({ path }) => path.endsWith('/undo'))).toBe(false);
    await letGo('/a/answer', yes);
    await letGo('/a/undo', { ok: true, value: {} });
    await undo;
    expect(asking.queue.get().current?.question.id).toBe('a');
    expect(asking.queue.get().note?.kind).toBe('undone');
    // The model's view was on the screen after the first answer: it is not hidden again.
    expect(asking.helped.get()?.question).toBe('a');
  });

  it('asks again what did not arrive, and does not undo it then', async () => {
    const { asking, letGo, waiting, pass } = set();
    asking.listed([question('a')]);
    pass(1000);
    asking.choose('good', 'touch');
    const undo = asking.undo();
    await letGo('/a/answer', cut);
    await undo;
    expect(asking.queue.get().current?.question.id).toBe('a');
    expect(asking.queue.get().note).toEqual({ kind: 'failed', unit: 'u-a', why: 'cut' });
    expect(waiting.some(({ path }) => path.endsWith('/undo'))).toBe(false);
  });

  it('takes one answer a question however often the button is hit', () => {
    const { asking, waiting, pass } = set();
    asking.listed(['a', 'b', 'c'].map(question));
    pass(1000);
    for (let i = 0; i < 5; i++) asking.choose('good', 'touch');
    expect(waiting.filter(({ path }) => path.endsWith('/answer'))).toHaveLength(1);
  });
});
