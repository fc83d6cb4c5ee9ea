import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LineView, type Session, SITE_FACTS } from '@selvedge/core/records';
import { verifyJournal } from '@selvedge/store';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/plant.js';
import { equipment, owner, runningSite } from '../../test/running-site.js';
import { NO_SMALL_DISK, smallDisk } from '../../test/small-disk.js';

type Site = Awaited<ReturnType<typeof runningSite>>['site'];

const rows = (site: Site, kind: string) => site.parts.journal.read({ kind, limit: 5000 });

const lastMove = (site: Site) => (rows(site, 'transition').at(-1)?.body as { to: string } | undefined)?.to;

/** Resolves when the reserve is on the disk. */
async function kept(folder: string): Promise<void> {
  const size = async () => (await stat(join(folder, 'data', 'reserve')).catch(() => null))?.size;
  for (let tries = 0; (await size()) !== 4_000_000; tries++) {
    expect(tries).toBeLessThan(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A gate that decides alone, on a disk of its own. */
async function openLine(folder: string) {
  const { site, address } = await runningSite(folder);
  const ada = await owner(site);
  const { bring, secret } = await equipment(address, ada);
  const budget = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' };
  await ada.post('/api/stations/press-1/sign', { ...budget, plannedUnits: 150, reason: 'trial' });
  for (let n = 0; n < 150; n++)
    await bring({ id: `${n % 10 ? 'good' : 'bad'}-${n}`, score: n % 10 ? n % 7 : 30 });
  const station = site.parts.live.station('press-1');
  await station.idle();
  for (const { id, unit } of station.answers.questions.list())
    await station.answers.answer(id, {
      ...{ user: 'user:anna', label: unit.startsWith('bad') ? 'crack' : 'good' },
      ...{ by: 'touch', tookMs: 1 },
    });
  await station.answers.sweep();
  expect(station.gate?.name).toBe('open');
  return { site, address, ada, bring, secret, station };
}

const card = async (ada: Awaited<ReturnType<typeof owner>>) =>
  ((await (await ada.get('/api/line')).json()) as LineView).stations[0]!;

if (NO_SMALL_DISK !== null) process.stderr.write(`full-disk.test: skipped, ${NO_SMALL_DISK}\n`);

describe.skipIf(NO_SMALL_DISK !== null)('a disk that is really full', () => {
  it('filled at a blow closes every gate by rows that the reserve has room for; a person begins anew when there is space', async () => {
    const disk = smallDisk(135);
    const { site, address, ada, bring, station } = await openLine(disk.path);
    await kept(disk.path);
    await disk.fill();
    await until(() => lastMove(site) === 'closed', 20_000);
    expect(station.gate!.reason).toMatch(
      /^the journal cannot commit: the disk has \d+ MB left, below the hard floor of 100 MB$/,
    );
    const [short] = rows(site, 'space-short');
    expect(SITE_FACTS['space-short'].parse(short!.body)).toMatchObject({
      floorBytes: 100_000_000,
      closed: ['press-1'],
    });
    const closing = rows(site, 'transition').at(-1)!;
    expect(closing.body).toMatchObject({ station: 'press-1', to: 'closed' });
    expect(short!.seq).toBeLessThan(closing.seq);
    expect((await card(ada)).state).toBe('closed');
    expect((await card(ada)).troubles.map(({ code }) => code)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^store-(short|full)$/)]),
    );

    // Whatever is taken now is a person's to judge; what is not taken is refused with "later".
    await disk.fill();
    for (let n = 0; n < 20; n++) {
      const answer = await bring({ id: `full-${n}`, score: 1 });
      expect([200, 503]).toContain(answer.status);
    }
    const decided = rows(site, 'decided').filter(({ seq }) => seq > closing.seq);
    expect(decided.filter(({ body }) => (body as { call: string }).call !== 'ask')).toEqual([]);

    await disk.empty();
    await until(() => rows(site, 'space-back').length === 1, 20_000);
    await kept(disk.path);
    expect((await card(ada)).state).toBe('closed');
    expect((await card(ada)).troubles).toEqual([]);
    expect((await fetch(`${address}/health`)).status).toBe(200);
    expect((await bring({ id: 'after', score: 1 })).status).toBe(200);
    await station.idle();
    expect(rows(site, 'decided').find(({ subject }) => subject === 'after')!.body).toMatchObject({
      call: 'ask',
    });
    const begun = await ada.post('/api/stations/press-1/new-epoch', { reason: 'the disk was cleared' });
    expect(begun.status).toBe(200);
    expect((await card(ada)).state).toBe('shadow');
    await site.close();
    expect(verifyJournal(join(disk.path, 'data', 'journal.sqlite')).faults).toEqual([]);
  }, 120_000);

  it('lets a site start that finds it full, with its gates closed', async () => {
    const disk = smallDisk(135);
    const { site } = await openLine(disk.path);
    await kept(disk.path);
    await site.close();
    await disk.fill();
    const again = await runningSite(disk.path);
    const station = again.site.parts.live.station('press-1');
    await until(() => lastMove(again.site) === 'closed', 20_000);
    expect(station.gate?.name).toBe('closed');
    expect(rows(again.site, 'space-short')).toHaveLength(1);
    const session = (await (await fetch(`${again.address}/api/session`)).json()) as Session;
    expect(session.needsOwner).toBe(false);
  }, 120_000);
});
