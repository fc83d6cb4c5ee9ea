import type { SiteFactBody } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { plantWithEquipment, until } from '../../test/plant-with-equipment.js';
import { factOf } from '../live/facts.js';

type Plant = Awaited<ReturnType<typeof plantWithEquipment>>;

const byPerson = { station: 'press', decision: 'user:a', release: '', byPerson: true, withinMs: 1000 };
const lease = {
  ...{ target: 'cell/force', station: 'press', bounds: [80, 120], maxStep: 10, hours: 1, rollBack: 100 },
  reason: 'first trial',
};
const force = (value: number) => ({ ...byPerson, target: 'cell/force', value });
const sign = async ({ ada }: Plant): Promise<string> =>
  ((await (await ada.post('/api/equipment/plc/leases', lease)).json()) as { lease: string }).lease;
const ended = ({ site }: Plant) =>
  site.parts.journal
    .read({ kind: 'lease-ended', limit: 9 })
    .map(({ body }) => (body as SiteFactBody<'lease-ended'>).why);
const forces = ({ bench }: Plant) =>
  bench.written.filter(({ tag }) => tag === 'force').map(({ value }) => value);

/** A write under a lease of which nobody knows how it ended: the equipment has it, or not, and the line is cut. */
async function cutOff(plant: Plant, holds: number): Promise<void> {
  const { bench, plc, view } = plant;
  bench.outcome = 'silent';
  const asked = plc.write(force(108));
  await until(() => bench.written.length > 0);
  await bench.stop();
  expect(await asked).toMatchObject({ receipt: { outcome: 'unknown' } });
  bench.outcome = 'done';
  bench.values.force = holds;
  await bench.start();
  await until(async () => (await view()).state === 'up' && plc.latest('cell/force')?.value === holds);
}

describe('a command of which nobody knew how it ended', () => {
  it('and that took effect is told so; the setting was moved by nobody else, and goes back with its lease', async () => {
    const plant = await plantWithEquipment();
    const { ada, bench, mode, plc, view } = plant;
    await mode('act');
    const id = await sign(plant);
    expect(await plc.write(force(104))).toMatchObject({ receipt: { outcome: 'done' } });
    bench.written.length = 0;
    await cutOff(plant, 108);
    await until(async () => (await view()).doubts[0]?.why.startsWith('the command of ') === true);
    expect((await view()).doubts).toMatchObject([
      { outcome: 'unknown', why: expect.stringContaining('did take effect'), value: 108 },
    ]);
    await until(async () => (await view()).leases[0]?.suspended === false);
    expect(ended(plant)).toEqual([]);
    expect(forces(plant)).toEqual([108]);
    await ada.post(`/api/leases/${id}/end`);
    await until(() => bench.values.force === 100);
    expect(forces(plant)).toEqual([108, 100]);
  }, 30_000);

  it('and that took no effect leaves the lease as it was; what somebody else has set ends it', async () => {
    const plant = await plantWithEquipment();
    const { mode, plc, view } = plant;
    await mode('act');
    await sign(plant);
    expect(await plc.write(force(104))).toMatchObject({ receipt: { outcome: 'done' } });
    plant.bench.written.length = 0;
    await cutOff(plant, 104);
    await until(async () => (await view()).leases[0]?.suspended === false);
    expect((await view()).doubts).toMatchObject([{ why: expect.not.stringContaining('did take effect') }]);
    expect(forces(plant)).toEqual([108]);
    await plant.bench.stop();
    await until(async () => (await view()).state === 'down');
    plant.bench.values.force = 115;
    await plant.bench.start();
    await until(() => ended(plant).length === 1);
    expect(ended(plant)).toEqual(['moved-by-others']);
    expect(forces(plant)).toEqual([108]);
  }, 30_000);

  it('is known again after a restart, and a way back in doubt is not sent again', async () => {
    const plant = await plantWithEquipment();
    const { ada, bench, mode, plc, site, open } = plant;
    await mode('act');
    const id = await sign(plant);
    expect(await plc.write(force(108))).toMatchObject({ receipt: { outcome: 'done' } });
    bench.outcome = 'silent';
    const ending = ada.post(`/api/leases/${id}/end`);
    await until(() => forces(plant).length === 2);
    await bench.stop();
    await ending;
    await site.close();
    bench.outcome = 'done';
    await bench.start();
    const again = await open();
    const one = again.parts.equipment.all.get('plc')!;
    await until(() => one.latest('cell/force')?.value === 108);
    await one.write(force(109));
    expect(forces(plant)).toEqual([108, 100, 109]);
    bench.set({ force: 100 });
    const why = () =>
      String(
        again.parts.journal.db.prepare(`SELECT why FROM write WHERE decision LIKE 'lease:%'`).get()?.why,
      );
    await until(() => why().includes('did take effect'));
  }, 30_000);
});

describe('a setting that somebody else moves while a lease holds it', () => {
  it('is theirs: a machine does not pull it back, and its lease ends', async () => {
    const plant = await plantWithEquipment();
    const { bench, mode, plc, make } = plant;
    await mode('act');
    await sign(plant);
    expect(await plc.write(force(104))).toMatchObject({ receipt: { outcome: 'done' } });
    // Another site, or a hand at the machine, inside of the bounds.
    bench.set({ force: 96 });
    await until(() => plc.latest('cell/force')?.value === 96);
    for (let i = 0; i < 4 && ended(plant).length === 0; i += 1) await make({ 'force-used': 96 });
    await until(() => ended(plant).length === 1);
    expect(ended(plant)).toEqual(['moved-by-others']);
    expect(forces(plant)).toEqual([104]);
    expect(bench.values.force).toBe(96);
  });

  it('begins from zero under the next lease, also where that is signed before another unit comes', async () => {
    const plant = await plantWithEquipment();
    const { ada, mode, view } = plant;
    await mode('act');
    const id = await sign(plant);
    await until(async () => (await view()).openings[0]?.step === 'TRIAL');
    await ada.post(`/api/leases/${id}/end`);
    await until(async () => (await view()).openings[0]?.step === 'SHADOW');
    await sign(plant);
    const kinds = plant.site.parts.journal
      .read({ kind: 'opening', limit: 99 })
      .map(({ body }) => (body as SiteFactBody<'opening'>).event.kind);
    expect(kinds).toEqual(['lease-signed', 'epoch-ended', 'lease-signed']);
  });
});

describe('doubts without end', () => {
  it('are told in pages, and how many there are', async () => {
    const { ada, site, view } = await plantWithEquipment();
    const { journal } = site.parts;
    const about = { target: 'cell/verdict', station: 'press' };
    const facts = Array.from({ length: 130 }, (_, i) => {
      const write = `press:u${i}:pass`;
      const more = { decision: `unit:u${i}`, release: '', epoch: 'run 1', lease: null, notAfterMs: 1 };
      const body = { write, connector: 'plc', value: `u${i} pass`, ...about, ...more };
      const end = { write, ...about, outcome: 'unknown' as const, why: 'silence', readBack: null };
      return [
        factOf('write-intended', { subject: `u${i}`, atMs: 1, body }),
        factOf('write-ended', { subject: `u${i}`, atMs: 2, body: end }),
      ];
    }).flat();
    await journal.appendAll(facts);
    expect(await view()).toMatchObject({ doubtsInAll: 130 });
    expect((await view()).doubts).toHaveLength(50);
    const seen: string[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const got = await ada.get(`/api/equipment/plc/doubts?after=${after}&limit=60`);
      const page = (await got.json()) as { doubts: { write: string }[]; next: number | null };
      expect(page.doubts.length).toBeLessThanOrEqual(60);
      seen.push(...page.doubts.map(({ write }) => write));
      after = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 130 }, (_, i) => `press:u${i}:pass`));
    expect((await ada.get('/api/equipment/plc/doubts?limit=9999')).status).toBe(422);
    expect((await ada.get('/api/equipment/other/doubts')).status).toBe(404);
  });
});

describe('a site that stops while a write is under way', () => {
  it('waits for its outcome, and lets nothing else out', async () => {
    const { bench, mode, plc, site, open } = await plantWithEquipment();
    await mode('act');
    bench.outcome = 'silent';
    const asked = plc.write({ ...byPerson, target: 'cell/verdict', value: 'u1 pass', id: 'w1' });
    await until(() => bench.written.length === 1);
    setTimeout(() => bench.confirm('w1'), 300);
    await site.close();
    expect(await asked).toMatchObject({ sent: true });
    const again = await open();
    const row = again.parts.journal.db.prepare('SELECT outcome FROM write WHERE id = ?').get('w1');
    expect(row).toMatchObject({ outcome: 'done' });
    expect(bench.written).toHaveLength(1);
  }, 20_000);
});
