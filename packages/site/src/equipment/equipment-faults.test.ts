import { setTimeout as wait } from 'node:timers/promises';
import type { Item } from '@selvedge/connect';
import { StoreError } from '@selvedge/store';
import { describe, expect, it } from 'vitest';
import { BENCH } from '../../test/bench-equipment.js';
import { plantWithEquipment, until } from '../../test/plant-with-equipment.js';
import { PROJECTIONS } from '../folds/index.js';

type Plant = Awaited<ReturnType<typeof plantWithEquipment>>;

const byPerson = { station: 'press', decision: 'user:a', release: '', byPerson: true, withinMs: 1000 };
const lease = {
  ...{ target: 'cell/force', station: 'press', bounds: [80, 120], maxStep: 10, hours: 1, rollBack: 100 },
  reason: 'first trial',
};
const idsOf = ({ site }: Plant): unknown[] =>
  site.parts.journal.db
    .prepare('SELECT id FROM unit ORDER BY seq')
    .all()
    .map(({ id }) => id);

describe('what must not reach equipment', () => {
  it.each([
    ['a text that is longer than a row takes', 'cell/verdict', 'u1 pass', 'x'.repeat(2000)],
    ['no number', 'cell/force', 105, Number.POSITIVE_INFINITY],
  ])(
    'a doubt is shown and holds the setting where the equipment holds %s',
    async (_, target, value, holds) => {
      const { bench, mode, plc, view } = await plantWithEquipment();
      await mode('act');
      bench.holds = holds;
      expect(await plc.write({ ...byPerson, target, value })).toMatchObject({
        receipt: { outcome: 'unknown' },
      });
      expect((await view()).doubts).toMatchObject([{ target, outcome: 'unknown' }]);
    },
  );

  it('who says off while somebody turns it on has it off', async () => {
    const { plc, site } = await plantWithEquipment();
    const { journal } = site.parts;
    const append = journal.append.bind(journal);
    // Also where the disk takes the one and not the other.
    journal.append = (fact) =>
      (fact.body as { mode?: string }).mode === 'off' ? Promise.reject(new Error('disk full')) : append(fact);
    const on = plc.setMode('act', { user: 'user:a', reason: 'go' });
    await expect(plc.setMode('off', { user: 'user:b', reason: 'stop' })).rejects.toThrow('disk full');
    await on;
    expect(plc.guard.mode).toBe('off');
  });

  it('an interlock whose values wait behind units that nobody has taken is stale, though the connection lives', async () => {
    const { bench, mode, plc } = await plantWithEquipment();
    await mode('act');
    const held: (() => void)[] = [];
    plc.follow({
      items: (items: readonly Item[]) =>
        items.some((one) => one.kind === 'sample' && one.tag === 'cell/total')
          ? new Promise<void>((resolve) => held.push(resolve))
          : Promise.resolve(),
      state: () => {},
    });
    held.splice(0);
    for (let i = 0; i < 6; i += 1) {
      bench.set({ total: 991 + i });
      await wait(30);
    }
    bench.set({ running: false });
    await wait(4500);
    expect(await plc.write({ ...byPerson, target: 'cell/force', value: 101 })).toEqual({
      sent: false,
      why: 'interlock-stale',
    });
    expect(bench.written).toEqual([]);
    for (const done of held) done();
    await until(() => plc.latest('cell/running')?.value === false);
  });

  it('a token has no standing of a person, whatever its rights', async () => {
    const { ada, site, mode, bench } = await plantWithEquipment();
    await mode('act');
    const rights = ['look', 'configure'];
    const made = await ada.post('/api/tokens', { name: 'robot', rights, endsAtMs: null });
    expect(made.status).toBeLessThan(300);
    const { secret } = (await made.json()) as { secret: string };
    const answer = await fetch(`${site.address}/api/equipment/plc/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ target: 'cell/verdict', station: 'press', value: 'u1 pass' }),
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'person-needed' } });
    expect(bench.written).toEqual([]);
  });

  it('a lease at another connector with a target of that name begins no trial here', async () => {
    const other = (text: string): string =>
      text
        .replace(
          'kinds: [decided, released, transition] }',
          '$&, { connector: twin, enterprise: Acme, kinds: [part] }',
        )
        .replace(
          'stations:\n',
          `  - id: twin
    kind: equipment
    speaks: ${BENCH}
    settings: { port: ${/port: (\d{3,})/.exec(text)?.[1]} }
    tags: [{ tag: cell/force, address: force, type: double, access: rw }]
    writes: [{ target: cell/force, does: adjust, gates: [press], range: [0, 200], maxStep: 20 }]
stations:
`,
        );
    const { ada, view } = await plantWithEquipment({ edit: other });
    expect((await ada.post('/api/equipment/twin/leases', lease)).status).toBe(200);
    expect((await view()).openings).toMatchObject([{ step: 'SHADOW' }]);
    expect((await ada.post('/api/equipment/plc/leases', lease)).status).toBe(200);
    expect((await view()).openings).toMatchObject([{ step: 'TRIAL' }]);
  });

  it('a lease whose end the disk does not take carries nothing, and its setting goes back when the disk does', async () => {
    const { ada, bench, mode, plc, site } = await plantWithEquipment();
    await mode('act');
    const { journal } = site.parts;
    const signed = (await (await ada.post('/api/equipment/plc/leases', lease)).json()) as { lease: string };
    expect(await plc.write({ ...byPerson, target: 'cell/force', value: 108 })).toMatchObject({ sent: true });
    const append = journal.append.bind(journal);
    let full = true;
    journal.append = (fact) =>
      full && fact.kind === 'lease-ended'
        ? Promise.reject(new StoreError('cannot-commit', 'disk full', { retry: 'later' }))
        : append(fact);
    expect((await ada.post(`/api/leases/${signed.lease}/end`)).status).toBeGreaterThanOrEqual(500);
    expect(plc.leases.live('cell/force')).toBeNull();
    expect(plc.leases.all()).toEqual([]);
    full = false;
    await until(() => bench.values.force === 100);
    expect(journal.read({ kind: 'lease-ended', limit: 9 })).toMatchObject([{ body: { why: 'withdrawn' } }]);
  });

  it('a way back that the equipment refused is tried under its next connection', async () => {
    const { ada, bench, mode, plc, view, make } = await plantWithEquipment();
    await mode('act');
    const signed = (await (await ada.post('/api/equipment/plc/leases', lease)).json()) as { lease: string };
    expect(await plc.write({ ...byPerson, target: 'cell/force', value: 108 })).toMatchObject({ sent: true });
    bench.outcome = 'refused';
    await ada.post(`/api/leases/${signed.lease}/end`);
    await make();
    expect(bench.written.map(({ value }) => value)).toEqual([108, 100]);
    bench.outcome = 'done';
    await bench.stop();
    await until(async () => (await view()).state === 'down');
    await bench.start();
    await until(() => bench.values.force === 100);
  });

  it('a wall clock that is set back gives a lease no more time', async () => {
    let shiftMs = 0;
    const clock = { nowMs: () => Date.now() + shiftMs, steadyMs: () => performance.now() };
    const { ada, plc } = await plantWithEquipment({ clock });
    expect((await ada.post('/api/equipment/plc/leases', { ...lease, hours: 0.0003 })).status).toBe(200);
    shiftMs = -500;
    await until(() => plc.leases.all().length === 1);
    await wait(1100);
    expect(plc.leases.live('cell/force')).toBeNull();
  });

  it('a wall clock that is set forward ends a lease at once, and its setting goes back', async () => {
    let shiftMs = 0;
    const clock = { nowMs: () => Date.now() + shiftMs, steadyMs: () => performance.now() };
    const { ada, bench, mode, plc, site } = await plantWithEquipment({ clock });
    await mode('act');
    expect((await ada.post('/api/equipment/plc/leases', lease)).status).toBe(200);
    expect(await plc.write({ ...byPerson, target: 'cell/force', value: 108 })).toMatchObject({ sent: true });
    shiftMs = 7_200_000;
    expect(plc.leases.all()).toHaveLength(1);
    const wish = { target: 'cell/force', value: 110, station: 'press', decision: 'unit:u1', withinMs: 1000 };
    expect(await plc.write({ ...wish, release: 'adviser-1', byPerson: false })).toMatchObject({
      sent: false,
    });
    await until(() => bench.values.force === 100);
    expect(site.parts.journal.read({ kind: 'lease-ended', limit: 9 })).toMatchObject([
      { body: { why: 'expired' } },
    ]);
  });

  it('of two leases that are signed at once one holds, and the other is told so', async () => {
    const { plc, site } = await plantWithEquipment();
    const { target, bounds, maxStep, rollBack, reason } = lease;
    const untilMs = Date.now() + 60_000;
    const wish = {
      target,
      gate: 'press',
      maxStep,
      minIntervalMs: 0,
      untilMs,
      rollBack,
      by: 'user:a',
      reason,
    };
    const sign = () =>
      plc.leases.sign({ ...wish, bounds: [bounds[0] ?? 0, bounds[1] ?? 0] }, plc.config.writes[1]);
    const said = await Promise.allSettled([sign(), sign()]);
    expect(said.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const { db } = site.parts.journal;
    const rows = () => db.prepare('SELECT * FROM lease ORDER BY id').all();
    const before = rows();
    expect(before.map(({ id }) => id)).toEqual(plc.leases.all().map((one) => one.lease.id));
    site.parts.journal.rebuild(PROJECTIONS);
    expect(rows()).toEqual(before);
  });

  it('a verdict names the unit as it is, also one whose name is a pattern of replacement', async () => {
    const { bench, mode, make, answer, station } = await plantWithEquipment({
      edit: (text) => text.replace("pattern: 'u\\d+", "pattern: 'u\\S+"),
    });
    await mode('act');
    await make();
    bench.set({ unit: 'u$$2' });
    bench.set({ cycle: 2 });
    await until(() => station.answers.questions.list().some((one) => one.unit === 'u$$2'));
    await answer('u$$2');
    expect(bench.written).toEqual([{ tag: 'verdict', value: 'u$$2 pass' }]);
  });
});

describe('what must not be lost or doubled', () => {
  it('whoever begins to follow is told what stands there', async () => {
    const { bench, make, plc } = await plantWithEquipment();
    await make();
    bench.set({ total: 995 });
    await until(() => plc.latest('cell/total')?.value === 995);
    const told: Item[] = [];
    plc.follow({ items: async (items) => void told.push(...items), state: () => {} });
    expect(told).toContainEqual(expect.objectContaining({ tag: 'cell/cycle', value: 1 }));
  });

  it('a unit with a number that is none beside it is taken, and what follows it too', async () => {
    const plant = await plantWithEquipment({
      edit: (text) => text.replace('row: [cell/score] }', 'row: [cell/score], context: [cell/loss] }'),
    });
    await plant.make({ loss: Number.POSITIVE_INFINITY });
    await plant.make({ loss: 2 });
    expect(idsOf(plant)).toEqual(['u1', 'u2']);
  });

  it('a unit whose name is longer than a verdict can carry goes to a person under another one', async () => {
    const plant = await plantWithEquipment();
    plant.bench.set({ unit: 'u'.repeat(300) });
    plant.bench.set({ cycle: 1 });
    await until(() => idsOf(plant).length === 1);
    expect(String(idsOf(plant)[0])).toMatch(/^press-1-\d+$/);
    await until(() => plant.station.answers.questions.list().length === 1);
  });

  it('equipment that began anew and comes by the same count has another unit; the same unit is not taken twice', async () => {
    const plant = await plantWithEquipment();
    const { bench, make, view, site } = plant;
    await make({ total: 992 });
    await bench.stop();
    await until(async () => (await view()).state === 'down');
    await bench.start();
    await until(async () => (await view()).state === 'up');
    await wait(100);
    expect(idsOf(plant)).toEqual(['u1']);
    await bench.stop();
    await until(async () => (await view()).state === 'down');
    Object.assign(bench.values, { unit: 'u9', total: 994 });
    await bench.start();
    await until(() => idsOf(plant).length === 2);
    expect(idsOf(plant)).toEqual(['u1', 'u9']);
    // What was looked at again has taken nothing from the meter.
    const row = site.parts.journal.db.prepare(`SELECT context FROM unit WHERE id = 'u9'`).get();
    expect(JSON.parse(String(row?.context))).toMatchObject({ energyWattHour: 1000 });
  });

  it('a unit that is shown twice teaches the desk of its setting once', async () => {
    const { bench, make, view, plc } = await plantWithEquipment();
    await make();
    await until(async () => (await view()).openings[0]?.agreed.n === 1);
    bench.set({ cycle: 2 });
    bench.set({ total: 999 });
    await until(() => plc.latest('cell/total')?.value === 999);
    await wait(100);
    expect((await view()).openings[0]?.agreed.n).toBe(1);
  });
});
