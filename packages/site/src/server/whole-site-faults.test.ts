import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyJournal } from '@selvedge/store';
import { describe, expect, it } from 'vitest';
import { HandClock } from '../../test/live-line.js';
import { until } from '../../test/plant.js';
import { client, equipment, owner, PASSWORD, runningSite, signedIn } from '../../test/running-site.js';

const YEAR_MS = 365 * 86_400_000;

type Site = Awaited<ReturnType<typeof runningSite>>['site'];
type Browser = Awaited<ReturnType<typeof owner>>;

const rows = (site: Site, kind: string) => site.parts.journal.read({ kind, limit: 5000 });

/** Signs a budget, has 150 units judged, and leaves a gate that decides alone. */
async function openGate(
  site: Site,
  ada: Browser,
  bring: (body: unknown) => Promise<Response>,
): Promise<void> {
  const budget = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' };
  await ada.post('/api/stations/press-1/sign', { ...budget, plannedUnits: 150, reason: 'trial' });
  for (let n = 0; n < 150; n++)
    await bring({ id: `${n % 10 ? 'good' : 'bad'}-${n}`, score: n % 10 ? n % 7 : 30 });
  const station = site.parts.live.station('press-1');
  await station.idle();
  for (const { id, unit } of station.answers.questions.list())
    await station.answers.answer(id, {
      user: 'user:anna',
      label: unit.startsWith('bad') ? 'crack' : 'good',
      by: 'touch',
      tookMs: 1,
    });
  await station.answers.sweep();
  expect(station.gate?.name).toBe('open');
}

describe('a whole site', () => {
  it('whose disk is full takes and lets go of nothing, says so, and goes on when there is room', async () => {
    const { site, address } = await runningSite();
    const ada = await owner(site);
    const { bring } = await equipment(address, ada);
    await openGate(site, ada, bring);
    const { journal } = site.parts;
    const pages = Number(journal.db.prepare('PRAGMA page_count').get()!.page_count);
    journal.db.exec(`PRAGMA max_page_count = ${pages}`);
    const before = rows(site, 'released').length;
    const taken: string[] = [];
    let refused = 0;
    for (let n = 0; n < 400 && refused < 5; n++) {
      const answer = await bring({ id: `full-${n}`, score: 1 });
      if (answer.status === 200) taken.push(`full-${n}`);
      else {
        expect(answer.status).toBe(503);
        refused++;
      }
    }
    expect(refused).toBe(5);
    expect((await fetch(`${address}/health`)).status).toBe(503);
    const releasedWhileFull = rows(site, 'released').length;
    // Whatever left for the equipment has its row: nothing was decided that could not be written.
    expect(releasedWhileFull - before).toBeLessThanOrEqual(taken.length);
    journal.db.exec('PRAGMA max_page_count = 1000000');
    await until(() => journal.state === 'writing', 10_000).catch(() => undefined);
    expect((await bring({ id: 'after', score: 1 })).status).toBe(200);
    await site.parts.live.station('press-1').idle();
    expect((await fetch(`${address}/health`)).status).toBe(200);
    const arrived = rows(site, 'arrived').map(({ subject }) => subject);
    for (const id of [...taken, 'after']) expect(arrived.filter((one) => one === id)).toHaveLength(1);
    const decided = rows(site, 'decided').map(({ subject }) => subject);
    for (const id of [...taken, 'after']) expect(decided.filter((one) => one === id)).toHaveLength(1);
    expect(site.parts.live.station('press-1').gate?.name).toBe('open');
  }, 60_000);

  it('whose clock is stepped by a year there and back writes it down and goes on deciding', async () => {
    const clock = new HandClock();
    const { site, address } = await runningSite(undefined, { clock });
    const ada = await owner(site);
    const { bring } = await equipment(address, ada);
    await bring({ id: 'before', score: 1 });
    for (const byMs of [YEAR_MS, -YEAR_MS]) {
      clock.wall += byMs;
      await site.parts.live.lookAtClock();
      expect((await bring({ id: `after ${byMs}`, score: 1 })).status).toBe(200);
    }
    expect(rows(site, 'clock-stepped').map(({ body }) => body)).toEqual([
      { byMs: YEAR_MS },
      { byMs: -YEAR_MS },
    ]);
    const { questions } = site.parts.live.station('press-1').answers;
    await until(() => questions.list().length === 3);
    expect(rows(site, 'overdue')).toEqual([]);
    clock.pass(60_000);
    await until(() => rows(site, 'released').length === 3);
    expect(rows(site, 'overdue')).toHaveLength(3);
  }, 60_000);

  it('that is restored from a backup begins a new epoch, takes what the backup lacks again, and goes on', async () => {
    const { folder, site, address } = await runningSite();
    const ada = await owner(site);
    const { bring, secret } = await equipment(address, ada);
    await openGate(site, ada, bring);
    await bring({ id: 'kept', score: 1 });
    await site.parts.live.station('press-1').idle();
    await site.close();
    await cp(join(folder, 'data'), join(folder, 'backup'), { recursive: true });
    const later = await runningSite(folder);
    const press = (at: string) => (id: string) =>
      fetch(`${at}/api/in/press/press-1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify({ id, score: 1 }),
      });
    expect((await press(later.address)('lost with the disk')).status).toBe(200);
    await later.site.parts.live.station('press-1').idle();
    await later.site.close();
    await rm(join(folder, 'data'), { recursive: true });
    await cp(join(folder, 'backup'), join(folder, 'data'), { recursive: true });
    const restored = await runningSite(folder);
    const { journal, live } = restored.site.parts;
    expect(journal.head.epoch).toBe(2);
    expect(rows(restored.site, 'epoch').map(({ body }) => body)).toMatchObject([
      { reason: 'created' },
      { reason: 'restored-or-moved' },
    ]);
    expect(live.station('press-1').gate?.name).toBe('open');
    const again = press(restored.address);
    expect(await (await again('kept')).json()).toMatchObject({ again: true });
    expect(await (await again('lost with the disk')).json()).toMatchObject({ again: false });
    const browser = client(restored.address);
    await browser.post('/api/sign-in', { name: 'Ada', password: PASSWORD });
    await signedIn(browser);
    expect((await browser.get('/api/line')).status).toBe(200);
    await live.station('press-1').idle();
    await restored.site.close();
    expect(verifyJournal(join(folder, 'data', 'journal.sqlite')).faults).toEqual([]);
  }, 60_000);
});
