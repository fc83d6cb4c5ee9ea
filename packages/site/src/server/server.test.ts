import type { LineView, Question, UnitView } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { client, equipment, owner, PASSWORD, runningSite, signedIn } from '../../test/running-site.js';

const questionsOf = async (browser: Awaited<ReturnType<typeof owner>>): Promise<Question[]> =>
  ((await (await browser.get('/api/questions')).json()) as { questions: Question[] }).questions;

/** Looks again until it is so, a few seconds at most. */
async function until<T>(look: () => Promise<T>, is: (seen: T) => boolean): Promise<T> {
  for (let n = 0; n < 100; n += 1) {
    const seen = await look();
    if (is(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came to be');
}

describe('the server of a plant', () => {
  it('takes a unit from equipment to a person and back, and shows all that happened', async () => {
    const { site, address } = await runningSite();
    const ada = await owner(site);
    const { bring } = await equipment(address, ada);
    const receipt = (await (
      await bring({ id: 'unit 1', score: 0.3, lot: 'L7', context: { mould: 4 } })
    ).json()) as {
      seq: number;
      again: boolean;
    };
    expect(receipt).toMatchObject({ again: false });
    const [question] = await until(
      () => questionsOf(ada),
      (list) => list.length === 1,
    );
    expect(question).toMatchObject({ unit: 'unit 1', stationName: 'Press 1', context: { mould: 4 } });
    expect(JSON.stringify(question)).not.toMatch(/audit|shadow|reason/);
    const said = await ada.post(`/api/questions/${question!.id}/answer`, {
      label: 'crack',
      by: 'touch',
      tookMs: 800,
    });
    expect(said.status).toBe(200);
    const view = await until(
      async () => (await (await ada.get('/api/units/unit%201')).json()) as UnitView,
      ({ events }) => events.some(({ kind }) => kind === 'released'),
    );
    expect(view.events.map(({ kind }) => kind)).toEqual([
      'arrived',
      'decided',
      'asked',
      'answered',
      'released',
    ]);
    expect(view.lot).toBe('L7');
    const line = (await (await ada.get('/api/line')).json()) as LineView;
    expect(line.stations[0]).toMatchObject({ units: 1, automatic: 0, state: 'shadow', queue: 0 });
    expect(line.lastUnits[0]).toMatchObject({
      id: 'unit 1',
      disposition: 'reject',
      by: 'person',
      label: 'crack',
    });
    expect(line.interventions).toMatchObject([{ type: 'verdict', verdict: true, count: 1 }]);
    expect(await (await bring({ id: 'unit 1', score: 0.3 })).json()).toEqual({
      seq: receipt.seq,
      again: true,
    });
  });

  it('streams every row once, from where a browser was', async () => {
    const { site, address } = await runningSite();
    const ada = await owner(site);
    const { bring } = await equipment(address, ada);
    const head = site.parts.journal.head.seq;
    for (const id of ['a', 'b', 'c']) await bring({ id, score: 1 });
    const stop = new AbortController();
    const stream = await fetch(`${address}/api/events`, {
      headers: { cookie: ada.cookie(), 'last-event-id': String(head) },
      signal: stop.signal,
    });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reader = stream.body!.getReader();
    while (!/"kind":"asked","subject":"c"/.test(text))
      text += new TextDecoder().decode((await reader.read()).value);
    stop.abort();
    const seqs = [...text.matchAll(/^data: \{"seq":(\d+)/gm)].map((m) => Number(m[1]));
    expect(seqs).toEqual(seqs.map((_, i) => head + 1 + i));
  });

  it('lets nobody in who has no right to it', async () => {
    const { site, address } = await runningSite();
    const ada = await owner(site);
    const { bring, secret } = await equipment(address, ada);
    await ada.post('/api/users', { name: 'Otto', role: 'operator', password: PASSWORD });
    const otto = client(address);
    await otto.post('/api/sign-in', { name: 'Otto', password: PASSWORD });
    await signedIn(otto);
    const nobody = client(address);
    for (const path of ['/api/line', '/api/questions', '/api/units', '/api/events', '/api/shift', '/metrics'])
      expect((await nobody.get(path)).status, path).toBe(401);
    const budget = {
      escapeRate: 0.01,
      overkillRate: 0,
      confidence: 0.95,
      contract: 'per-unit',
      plannedUnits: 100,
    };
    const sign = (who: typeof otto) =>
      who.post('/api/stations/press-1/sign', { ...budget, reason: 'first trial' });
    expect((await sign(otto)).status).toBe(403);
    expect(
      (await otto.post('/api/findings', { unit: 'x', where: 'customer', label: 'crack', note: '' })).status,
    ).toBe(403);
    expect((await sign(ada)).status).toBe(200);
    expect((await otto.get('/api/line')).status).toBe(200);
    const token = (path: string) => fetch(address + path, { headers: { authorization: `Bearer ${secret}` } });
    expect((await token('/api/line')).status).toBe(403);
    expect((await bring({ id: 'x', score: 1 })).status).toBe(200);
    expect(site.parts.live.station('press-1').gate).toMatchObject({ name: 'shadow', epoch: 1 });
  });

  it('refuses what is too large, not as described, forged or from elsewhere, and goes on', async () => {
    const { site, address } = await runningSite();
    const ada = await owner(site);
    const { bring } = await equipment(address, ada);
    expect((await bring({ id: 'x' })).status).toBe(422);
    expect((await bring({ id: 'x', score: 1, row: [1] })).status).toBe(422);
    expect((await bring({ id: 'x', score: 'high' })).status).toBe(422);
    expect((await bring({ id: 'x', score: 1, extra: true })).status).toBe(422);
    expect((await bring({ id: 'y'.repeat(201), score: 1 })).status).toBe(422);
    expect((await bring({ id: 'x', series: [[1, 2], [3]] })).status).toBe(422);
    expect((await bring({ id: 'x', score: 1 }, '/api/in/press/press-9')).status).toBe(404);
    const large = await ada.post('/api/interventions', {
      station: 'press-1',
      type: 'x'.repeat(200_000),
      seconds: 1,
    });
    expect(large.status).toBe(413);
    expect(
      (await ada.post('/api/questions/forged/answer', { label: 'good', by: 'touch', tookMs: 1 })).status,
    ).toBe(409);
    const foreign = await ada.post(
      '/api/interventions',
      { station: 'press-1', type: 'stop', seconds: 1 },
      { 'x-csrf-token': 'x' },
    );
    expect(foreign.status).toBe(403);
    for (const path of [
      '/api/blobs/..%2f..%2faccess.sqlite',
      `/api/blobs/${'0'.repeat(64)}`,
      '/api/units/none',
      '/api/stations/none/proof',
    ])
      expect([404, 422], path).toContain((await ada.get(path)).status);
    expect((await ada.get('/health')).status).toBe(200);
  });

  it('hands a script in a unit id back as text, under a policy that runs none', async () => {
    const { site, address } = await runningSite();
    const ada = await owner(site);
    const { bring } = await equipment(address, ada);
    const id = '<script>alert(1)</script>';
    await bring({ id, score: 1 });
    const response = await ada.get(`/api/units/${encodeURIComponent(id)}`);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(((await response.json()) as UnitView).id).toBe(id);
  });

  it('says what it is: OpenAPI 3.1 of every route, figures for Prometheus', async () => {
    const { site } = await runningSite();
    const ada = await owner(site);
    const api = (await (await ada.get('/api/openapi.json')).json()) as { openapi: string; paths: object };
    expect(api.openapi).toBe('3.1.0');
    for (const path of ['/api/line', '/api/questions/{id}/answer', '/api/in/press/{stream}', '/api/sign-in'])
      expect(Object.keys(api.paths)).toContain(path);
    const text = await (await ada.get('/metrics')).text();
    expect(text).toContain('selvedge_gate_state{station="press-1",state="shadow"} 1');
    expect(text).toMatch(/selvedge_journal_rows \d+/);
  });

  it('is the same plant after a stop', async () => {
    const first = await runningSite();
    const ada = await owner(first.site);
    const { bring } = await equipment(first.address, ada);
    await bring({ id: 'a', score: 1 });
    await until(
      () => questionsOf(ada),
      (list) => list.length === 1,
    );
    await first.site.close();
    const second = await runningSite(first.folder);
    expect(second.site.code).toBeNull();
    const again = client(second.address);
    await again.post('/api/sign-in', { name: 'Ada', password: PASSWORD });
    await signedIn(again);
    expect((await questionsOf(again)).map(({ unit }) => unit)).toEqual(['a']);
  });
});
