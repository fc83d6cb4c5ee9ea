import type {
  Answered,
  LineView,
  ObservationView,
  ProofView,
  Question,
  ShiftReport,
  UnitView,
} from '@selvedge/core/records';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { givenScores, HandClock } from '../../test/live-line.js';
import { client, equipment, owner, PASSWORD, runningSite, signedIn } from '../../test/running-site.js';

type Browser = Awaited<ReturnType<typeof owner>>;
type Site = Awaited<ReturnType<typeof runningSite>>;

const STATION = 'press-1';
const SCORES = `
    observation: { kind: score }
    model: { recipe: score }
    doubleReadShare: 1
    seedShare: 0.2`;
const PICTURES = `
    observation: { kind: image }
    model: { recipe: novelty }
    seedShare: 0.2`;

async function until<T>(look: () => Promise<T> | T, is: (seen: T) => boolean): Promise<T> {
  for (let n = 0; n < 800; n += 1) {
    const seen = await look();
    if (is(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it never came to be');
}

async function operator(site: Site, ada: Browser, name: string): Promise<Browser> {
  await ada.post('/api/users', { name, role: 'operator', password: PASSWORD });
  const browser = client(site.address);
  await browser.post('/api/sign-in', { name, password: PASSWORD });
  return signedIn(browser);
}

const json = async <T>(response: Promise<Response>): Promise<T> => (await response).json() as Promise<T>;
const questionsOf = async (browser: Browser): Promise<Question[]> =>
  (await json<{ questions: Question[] }>(browser.get('/api/questions'))).questions;
const seenOf = (browser: Browser, unit: string): Promise<ObservationView> =>
  json(browser.get(`/api/units/${encodeURIComponent(unit)}/observation`));
const say = (browser: Browser, { id }: Question, label: string): Promise<Response> =>
  browser.post(`/api/questions/${id}/answer`, { label, by: 'touch', tookMs: 700 });

/** What a value looks like whatever it says: names of fields, kinds of values, lengths of names. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== 'object')
    return typeof value === 'string' ? value.replaceAll(/[0-9A-F]/gi, '0') : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, shape(child)]));
}

describe('what can be known before the first answer', () => {
  it('a seed, an audit, a second read and an ordinary question look the same, and go by no name twice', async () => {
    const clock = new HandClock();
    const site = await runningSite(undefined, { station: SCORES, clock });
    const ada = await owner(site.site);
    const { bring } = await equipment(site.address, ada);
    const [otto, olga] = [await operator(site, ada, 'Otto'), await operator(site, ada, 'Olga')];
    const station = site.site.parts.live.station(STATION);
    const { db } = site.site.parts.journal;
    const reasonOf = ({ id }: Question): unknown =>
      db.prepare('SELECT reason FROM question WHERE id = ?').get(id)?.reason;
    const stop = new AbortController();
    const stream = await fetch(`${site.address}/api/events`, {
      headers: { cookie: otto.cookie() },
      signal: stop.signal,
    });
    const budget = { escapeRate: 0.3, overkillRate: 0, confidence: 0.9, contract: 'per-unit' };
    const signed = await ada.post(`/api/stations/${STATION}/sign`, {
      ...{ ...budget, plannedUnits: 60, reason: 'first trial' },
    });
    expect(signed.status).toBe(200);
    // Draws of a test are the same each time.
    const secret = Buffer.alloc(32, 9);
    await station.desk.exclusively(async () => station.renew(secret, station.model));
    const context = { mould: 4, shift: 'early' };
    for (let n = 0; n < 60; n += 1)
      await bring({ id: `unit ${n}`, score: n % 2 === 0 ? n / 100 : 5 + n / 100, context });
    await station.idle();
    for (const { id, unit } of station.answers.questions.list()) {
      const label = Number(unit.split(' ')[1]) % 2 === 0 ? 'good' : 'crack';
      await station.answers.answer(id, { user: 'user:past', label, by: 'api', tookMs: 1 });
    }
    await until(
      () => station.gate?.name,
      (name) => name === 'open',
    );
    for (const n of [1, 3, 5, 7, 9, 11, 13])
      expect((await ada.post('/api/seeds', { unit: `unit ${n}` })).status).toBe(200);
    expect((await ada.post('/api/seeds', { unit: 'unit 1' })).status).toBe(409);
    expect((await otto.post('/api/seeds', { unit: 'unit 15' })).status).toBe(403);

    for (let n = 60; n < 260; n += 1)
      await bring({ id: `unit ${n}`, score: n % 5 === 0 ? 6 + n / 1000 : n / 1000, context });
    await station.idle();
    // Otto answers the audits there are; somebody else reads them again.
    const audits = (await questionsOf(otto)).filter((one) => reasonOf(one) === 'audit');
    expect(audits.length).toBeGreaterThan(1);
    const counted = async () => {
      const { stations } = await json<LineView>(otto.get('/api/line'));
      const [line, proof, shift] = [
        stations[0]!,
        await json<ProofView>(otto.get(`/api/stations/${STATION}/proof`)),
        (await json<ShiftReport>(otto.get('/api/shift'))).stations[0]!,
      ];
      const figures = await (await otto.get('/metrics')).text();
      const figure = (what: string): number =>
        Number(new RegExp(`today_units\\{.*what="${what}"\\} (\\d+)`).exec(figures)?.[1]);
      return [
        ...[line.audits, proof.audits, shift.audits, figure('audits')],
        ...[line.automatic - shift.automatic, line.automatic - figure('automatic')],
      ];
    };
    // No figure moves with an audit before its answer.
    expect(await counted()).toEqual([0, 0, 0, 0, 0, 0]);
    for (const one of audits.slice(1)) expect((await say(otto, one, 'good')).status).toBe(200);
    await until(
      () => audits.slice(1).every(({ id }) => station.answers.questions.get(id) === null),
      (gone) => gone,
    );
    expect(await counted()).toEqual([...Array(4).fill(audits.length - 1), 0, 0]);
    clock.pass(55_000);
    const listed = await until(
      () => questionsOf(olga),
      (list) => ['seed', 'second-read'].every((reason) => list.some((one) => reasonOf(one) === reason)),
    );
    const reasons = new Set(listed.map(reasonOf));
    for (const reason of ['ask', 'audit', 'seed', 'second-read'] as const)
      expect(reasons.has(reason), reason).toBe(true);

    // One shape for all, and no unit's own name in it.
    const forms = new Set(listed.map((one) => JSON.stringify(shape(one))));
    expect([...forms]).toHaveLength(1);
    expect(JSON.stringify(listed)).not.toMatch(/unit \d|seed|audit|again|reason/);
    expect(new Set(listed.map(({ unit }) => unit)).size).toBe(listed.length);
    const seen = await Promise.all(listed.map(({ unit }) => seenOf(olga, unit)));
    expect(new Set(seen.map((one) => JSON.stringify(shape(one)))).size).toBe(1);
    for (const one of listed) {
      expect((await olga.get(`/api/units/${one.unit}`)).status).toBe(404);
      expect((await olga.get(`/api/questions/${one.id}/heat`)).status).toBe(404);
    }

    // The second read is not Otto's: neither listed nor to be answered, and the refusal says nothing of why.
    const again = listed.find((one) => reasonOf(one) === 'second-read')!;
    expect((await questionsOf(otto)).map(({ id }) => id)).not.toContain(again.id);
    const refused = await say(otto, again, 'good');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toEqual(
      await json(otto.post('/api/questions/never/answer', { label: 'good', by: 'touch', tookMs: 1 })),
    );
    expect((await otto.post(`/api/questions/${again.id}/help`)).status).toBe(409);

    // Nor does a question go to two: the one who was later is told that it is over.
    const twice = listed.find((one) => reasonOf(one) === 'ask')!;
    const both = await Promise.all([say(otto, twice, 'crack'), say(olga, twice, 'good')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);

    // The model's call on a live unit is kept back until its question has an answer.
    const audit = listed.find((one) => reasonOf(one) === 'audit')!;
    const unit = station.answers.questions.get(audit.id)!.unit;
    const events = async (): Promise<string[]> =>
      (await json<UnitView>(olga.get(`/api/units/${encodeURIComponent(unit)}`))).events.map(
        ({ kind }) => kind,
      );
    expect(await events()).toEqual(['arrived']);
    const answered = new Map<string, string>();
    for (const reason of ['ask', 'audit', 'seed', 'second-read'] as const) {
      const one = listed.find((q) => reasonOf(q) === reason && q !== twice)!;
      const response = await say(olga, one, 'crack');
      expect(response.status, reason).toBe(200);
      const { after } = (await response.json()) as Answered;
      answered.set(reason, JSON.stringify(Object.keys(after)));
      expect(after.score, reason).toEqual(expect.any(Number));
    }
    expect(new Set(answered.values()).size).toBe(1);
    expect(await until(events, (kinds) => kinds.includes('released'))).toContain('decided');

    // An alias is over with its question, whatever it showed.
    await until(
      () => station.answers.questions.get(again.id),
      (open) => open === null,
    );
    expect((await olga.get(`/api/units/${again.unit}/observation`)).status).toBe(404);
    expect((await olga.get(`/api/units/${audit.unit}/observation`)).status).toBe(404);
    // Only who keeps the library can tell a seed from its record.
    const kinds = async (who: Browser): Promise<string[]> =>
      (await json<UnitView>(who.get('/api/units/unit%201'))).events.map(({ kind }) => kind);
    expect(await kinds(ada)).toContain('seed-added');
    expect(await kinds(olga)).not.toContain('seed-added');

    // The stream names questions by their aliases, and no row says which unit is a seed.
    const reader = stream.body!.getReader();
    let text = '';
    while (!text.includes(`"kind":"answered","subject":"${again.unit}"`))
      text += new TextDecoder().decode((await reader.read()).value);
    stop.abort();
    expect(text).not.toMatch(/seed|second-read|blob-pinned/);
    const asked = [...text.matchAll(/"kind":"asked","subject":"([^"]+)"/g)].map((m) => m[1]);
    expect(asked.length).toBeGreaterThan(60);
    expect(asked.every((name) => /^[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}$/.test(name!))).toBe(true);
  }, 120_000);

  it('a picture has no lasting address while it is asked about, and a heat map only after the answer or the help', async () => {
    const site = await runningSite(undefined, { station: PICTURES });
    const ada = await owner(site.site);
    const { bring } = await equipment(site.address, ada);
    const station = site.site.parts.live.station(STATION);
    const given = givenScores();
    const heat = async () => ({ width: 2, height: 2, values: Float32Array.of(0, 1, 2, 3) });
    const model = { ...given, scorer: { ...given.scorer, score: async () => [{ score: 1 }], heat } };
    await station.desk.exclusively(async () => station.renew(Buffer.alloc(32), model));
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    for (const id of ['a', 'b']) await bring({ id, image: png.toString('base64') });
    const [one, two] = await until(
      () => questionsOf(ada),
      (list) => list.length === 2,
    );
    const views = [await seenOf(ada, one!.unit), await seenOf(ada, two!.unit)] as { href: string }[];
    expect(views.map(({ href }) => href)).toEqual([
      `/api/units/${one!.unit}/picture`,
      `/api/units/${two!.unit}/picture`,
    ]);
    const picture = await ada.get(views[0]!.href);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await picture.arrayBuffer()).equals(png)).toBe(true);
    const heatOf = (question: Question) => ada.get(`/api/questions/${question.id}/heat`);
    expect([(await heatOf(one!)).status, (await heatOf(two!)).status]).toEqual([404, 404]);
    const { after } = await json<Answered>(say(ada, one!, 'crack'));
    expect(after.heatHref).toBe(`/api/questions/${one!.id}/heat`);
    const shown = await ada.get(after.heatHref!);
    expect(shown.headers.get('content-type')).toBe('image/png');
    const meta = await sharp(Buffer.from(await shown.arrayBuffer())).metadata();
    expect([meta.width, meta.height, meta.hasAlpha]).toEqual([2, 2, true]);
    expect((await heatOf(two!)).status).toBe(404);
    const help = await json<Answered['after']>(ada.post(`/api/questions/${two!.id}/help`));
    expect((await ada.get(help.heatHref!)).status).toBe(200);
  }, 30_000);
});
