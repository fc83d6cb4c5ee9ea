import type { StageView } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { client, owner, PASSWORD, runningSite, signedIn } from '../../test/running-site.js';
import type { Stage } from './stage-routes.js';

const words = (text: string) => ({ en: text, zh: `${text} 中文`, id: `${text} id` });

/** A stage that ends a moment when the test says so. */
function fakeStage(more: Partial<Stage> = {}) {
  const asked: { moment: string; end: (fault?: Error) => void }[] = [];
  const stage: Stage = {
    moments: ['lot', 'second', 'network'].map((id) => ({
      ...{ id, title: words(id), about: words(`what ${id} does`), forItsPlayer: 0.17 },
    })),
    play: (moment) =>
      new Promise((resolve, reject) => {
        asked.push({ moment, end: (fault) => (fault === undefined ? resolve() : reject(fault)) });
      }),
    ...more,
  };
  return { stage, asked };
}

const played = async (stage: Stage) => {
  const { site, address } = await runningSite(undefined, { origin: 'simulated', stage });
  const ada = await owner(site);
  const view = async () => (await (await ada.get('/api/stage')).json()) as StageView;
  const stateOf = async (id: string) => (await view()).moments.find((one) => one.id === id);
  return { site, address, ada, view, stateOf };
};

describe('the stage', () => {
  it('is nowhere where nobody brought one, and never beside a line that is not simulated', async () => {
    const { site } = await runningSite();
    const ada = await owner(site);
    expect((await ada.get('/api/stage')).status).toBe(404);
    expect((await ada.post('/api/stage/lot')).status).toBe(404);
    await expect(runningSite(undefined, { stage: fakeStage().stage })).rejects.toThrow(
      'a stage is for simulated lines: the origin of test-plant is live',
    );
  });

  it('plays moments in any order, each once at a time, and says how they ended', async () => {
    const { stage, asked } = fakeStage();
    const { ada, view, stateOf } = await played(stage);
    expect((await view()).moments.map(({ id, state, atMs }) => [id, state, atMs])).toEqual([
      ['lot', 'ready', null],
      ['second', 'ready', null],
      ['network', 'ready', null],
    ]);
    expect(await (await ada.get('/api/line')).json()).toMatchObject({ stage: true });
    const begun = await ada.post('/api/stage/network');
    expect(await begun.json()).toMatchObject({ moments: [{}, {}, { state: 'playing' }] });
    expect((await ada.post('/api/stage/network')).status).toBe(409);
    expect((await ada.post('/api/stage/lot')).status).toBe(200);
    expect(asked.map(({ moment }) => moment)).toEqual(['network', 'lot']);
    asked[0]?.end();
    asked[1]?.end(new Error('the line does not answer'));
    await expect.poll(() => stateOf('network')).toMatchObject({ state: 'played', atMs: expect.any(Number) });
    await expect
      .poll(() => stateOf('lot'))
      .toMatchObject({ state: 'failed', why: 'the line does not answer' });
    expect((await ada.post('/api/stage/lot')).status).toBe(200);
    expect(await stateOf('lot')).toMatchObject({ state: 'playing', why: '' });
    expect((await ada.post('/api/stage/elsewhere')).status).toBe(404);
    expect(asked).toHaveLength(3);
  });

  it('fails a moment that throws at once, and does without facts that are wrong, late or broken', async () => {
    const good = { title: words('second plant'), value: 'shadow', href: 'http://127.0.0.1:1/' };
    let facts: NonNullable<Stage['facts']> = () => [good, { title: words('units'), value: 12, unit: '1' }];
    const { stage } = fakeStage({
      play() {
        throw new Error('no such thing');
      },
      facts: () => facts(),
    });
    const { ada, view, stateOf } = await played(stage);
    expect((await view()).facts).toEqual([
      { ...good, unit: '' },
      { title: words('units'), value: 12, unit: '1' },
    ]);
    for (const broken of [
      () => [{ ...good, href: 'javascript:alert(1)' }],
      () => new Promise<never>(() => {}),
      () => {
        throw new Error('gone');
      },
    ]) {
      facts = broken;
      expect((await view()).facts).toEqual([]);
    }
    expect((await ada.post('/api/stage/lot')).status).toBe(200);
    await expect.poll(() => stateOf('lot')).toMatchObject({ state: 'failed', why: 'no such thing' });
  });

  it('tells what came of moments, and counts those that whoever brought them plays besides', async () => {
    const show = {
      ...{ moment: 'lot', title: words('lot'), said: [words('back after 5')], table: null },
      charts: [
        {
          ...{ title: words('off'), unit: 'mm', across: words('units') },
          lines: [{ name: words('each'), points: [[0, 0.2] as [number, number]], dots: false }],
          limits: [{ name: words('bound'), at: 0.3 }],
        },
      ],
    };
    let shows: NonNullable<Stage['shows']> = () => [show];
    const besides = new Map([['lot', { state: 'playing' as const, atMs: 4_000_000_000_000, why: '' }]]);
    const { stage, asked } = fakeStage({ shows: () => shows(), playing: () => besides });
    const { ada, view, stateOf } = await played(stage);
    expect((await view()).shows).toEqual([show]);
    // Played by its schedule: not begun a second time beside it.
    expect(await stateOf('lot')).toMatchObject({ state: 'playing', atMs: 4_000_000_000_000 });
    expect((await ada.post('/api/stage/lot')).status).toBe(409);
    besides.clear();
    expect((await ada.post('/api/stage/lot')).status).toBe(200);
    expect(asked.map(({ moment }) => moment)).toEqual(['lot']);
    // A figure of another shape is left out, and the buttons stay.
    shows = () => [{ ...show, moment: '' }];
    expect(await view()).toMatchObject({ shows: [], moments: [{}, {}, {}] });
  });

  it('is played by a person who may configure, and looked at by whoever may look', async () => {
    const { stage, asked } = fakeStage();
    const { ada, address } = await played(stage);
    expect((await fetch(`${address}/api/stage`)).status).toBe(401);
    await ada.post('/api/users', { name: 'Bo', role: 'operator', password: PASSWORD });
    const bo = client(address);
    await bo.post('/api/sign-in', { name: 'Bo', password: PASSWORD });
    await signedIn(bo);
    expect((await bo.get('/api/stage')).status).toBe(200);
    expect((await bo.post('/api/stage/lot')).status).toBe(403);
    const made = await ada.post('/api/tokens', {
      name: 'all',
      rights: ['look', 'configure'],
      endsAtMs: null,
    });
    const { secret } = (await made.json()) as { secret: string };
    const byToken = { method: 'POST', headers: { authorization: `Bearer ${secret}` } };
    expect((await fetch(`${address}/api/stage/lot`, byToken)).status).toBe(403);
    expect(asked).toEqual([]);
    const described = (await (await ada.get('/api/openapi.json')).json()) as { paths: object };
    expect(Object.keys(described.paths)).toEqual(
      expect.arrayContaining(['/api/stage/{moment}', '/api/live']),
    );
  });
});
