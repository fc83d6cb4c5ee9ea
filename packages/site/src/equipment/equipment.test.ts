import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { plantWithEquipment, until } from '../../test/plant-with-equipment.js';
import { factOf } from '../live/facts.js';
import { signBudget } from '../live/signing.js';

type Plant = Awaited<ReturnType<typeof plantWithEquipment>>;

const lease = {
  ...{ target: 'cell/force', station: 'press', bounds: [80, 120], maxStep: 10, hours: 1, rollBack: 100 },
  reason: 'first trial',
};

const released = ({ site }: Plant, unit: string): unknown =>
  site.parts.journal.read({ kind: 'released', limit: 1000 }).find((row) => row.subject === unit)?.body;

/** A gate that has opened on 120 judged units with scores that tell them apart. */
async function openGate(plant: Plant): Promise<void> {
  const { site, station, make, answer } = plant;
  const { journal, clock, live } = site.parts;
  const budget = { escapeRate: 0.2, overkillRate: 0, confidence: 0.8, contract: 'per-unit' as const };
  await signBudget(
    station,
    { budget, plannedUnits: 60, user: 'user:ada', reason: 'trial' },
    { journal, secrets: live.secrets, clock },
  );
  for (let i = 0; i < 200 && station.gate?.name !== 'open'; i += 1) {
    const bad = i % 3 === 2;
    const unit = await make({ score: bad ? 5 + (i % 3) : (i % 7) / 10 });
    if (station.answers.questions.list().some((one) => one.unit === unit))
      await answer(unit, bad ? 'crack' : 'good');
  }
  expect(station.gate?.name).toBe('open');
}

describe('equipment under a site', () => {
  it('brings units, and is told what people say of them only when a person has turned the guard on', async () => {
    const plant = await plantWithEquipment();
    const { bench, make, answer, mode } = plant;
    await answer(await make());
    expect(released(plant, 'u1')).toMatchObject({ outcome: 'not-sent' });
    expect(bench.written).toEqual([]);
    expect((await mode('act')).status).toBe(200);
    await answer(await make());
    expect(bench.written).toEqual([{ tag: 'verdict', value: 'u2 pass' }]);
    expect(released(plant, 'u2')).toMatchObject({ outcome: 'done', by: 'person' });
    for (const to of ['shadow', 'advise', 'off']) {
      await mode(to);
      await answer(await make(), 'crack');
    }
    expect(bench.written).toHaveLength(1);
  });

  it('shows a unit while it is being made', async () => {
    const { bench, site, ada } = await plantWithEquipment();
    const response = await fetch(`${site.address}/api/stations/press/live`, {
      headers: { cookie: ada.cookie() },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const saw = async (part: string): Promise<void> => {
      while (!text.includes(part)) text += (await reader?.read())?.value ?? '';
    };
    await saw('event: tags\ndata: [{"tag":"cell/trace","name":"Force","unit":"N"}]');
    bench.set({ trace: [1] });
    await saw('"cell/trace":[1]');
    bench.set({ trace: [1, 2.5] });
    await saw('"cell/trace":[1,2.5]');
    await reader?.cancel();
    expect((await fetch(`${site.address}/api/stations/press/live`)).status).toBe(401);
    expect((await ada.get('/api/stations/nowhere/live')).status).toBe(404);
    expect(await (await ada.get('/api/line')).json()).toMatchObject({
      stations: [{ id: 'press', live: true }],
      stage: false,
    });
  });

  it('shows several stations in one stream, each value beside the name of its station', async () => {
    const { bench, site, ada } = await plantWithEquipment();
    const response = await fetch(`${site.address}/api/live?station=press&station=press`, {
      headers: { cookie: ada.cookie() },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const saw = async (part: RegExp): Promise<void> => {
      while (!part.test(text)) text += (await reader?.read())?.value ?? '';
    };
    await saw(
      /event: tags\ndata: \{"station":"press","tags":\[\{"tag":"cell\/trace","name":"Force","unit":"N"\}\]\}\n/,
    );
    bench.set({ trace: [4, 2.5] });
    await saw(/data: \{"station":"press","atMs":\d+,"values":\{"cell\/trace":\[4,2\.5\]\}\}\n/);
    await reader?.cancel();
    expect(text.match(/event: tags/g)).toHaveLength(1);
    expect((await fetch(`${site.address}/api/live?station=press`)).status).toBe(401);
    expect((await ada.get('/api/live?station=press&station=nowhere')).status).toBe(404);
    expect((await ada.get('/api/live')).status).toBe(422);
  });

  it('charges each unit with what its meter counted, through a roll-over and a reset', async () => {
    const { make, site } = await plantWithEquipment();
    const energyOf = async (total: number): Promise<unknown> => {
      const unit = await make({ total });
      const row = site.parts.journal.db.prepare('SELECT context FROM unit WHERE id = ?').get(unit);
      return JSON.parse(String(row?.context)).energyWattHour ?? null;
    };
    expect([await energyOf(996), await energyOf(999), await energyOf(1)]).toEqual([null, 1500, 1000]);
    // It fell, and not because it was full: a meter that was exchanged.
    await make({ total: 600 });
    expect([await energyOf(1), await energyOf(2)]).toEqual([null, 500]);
  });

  it('a gate in shadow, a closed gate and a token without the right write nothing; an open gate does', async () => {
    const plant = await plantWithEquipment();
    const { bench, plc, mode, ada, site, station, make } = plant;
    await mode('act');
    const wish = {
      target: 'cell/verdict',
      value: 'u9 pass',
      station: 'press',
      decision: 'unit:u9',
      withinMs: 1000,
    };
    const byGate = () => plc.write({ ...wish, release: station.model?.hash ?? '', byPerson: false });
    expect(await byGate()).toEqual({ sent: false, why: 'no-authority' });

    const made = await ada.post('/api/tokens', { name: 'robot', rights: ['look', 'bring'], endsAtMs: null });
    const { secret } = (await made.json()) as { secret: string };
    const asToken = (path: string, body: unknown) =>
      fetch(site.address + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify(body),
      });
    const byHand = { target: 'cell/verdict', station: 'press', value: 'u9 pass' };
    expect((await asToken('/api/equipment/plc/write', byHand)).status).toBe(403);
    expect((await asToken('/api/equipment/plc/mode', { mode: 'act', reason: 'mine' })).status).toBe(403);
    expect((await asToken('/api/equipment/plc/leases', lease)).status).toBe(403);
    expect((await fetch(`${site.address}/api/equipment/plc/write`, { method: 'POST' })).status).toBe(401);
    expect(bench.written).toEqual([]);

    await openGate(plant);
    const before = bench.written.length;
    let passed = 0;
    for (let i = 0; i < 30; i += 1) {
      const unit = await make({ score: 0.1 });
      if (bench.written.some(({ value }) => value === `${unit} pass`)) passed += 1;
    }
    expect(passed).toBeGreaterThan(5);
    expect(bench.written.length - before).toBe(passed);
    await station.desk.tell({ type: 'signature-bad', why: 'a test', atMs: Date.now() });
    expect(station.gate?.name).toBe('closed');
    expect(await byGate()).toEqual({ sent: false, why: 'no-authority' });
  });

  it('a setting moves by the coin under a lease, goes back when it is withdrawn, and by its hour', async () => {
    const plant = await plantWithEquipment();
    const { bench, mode, ada, make, view } = plant;
    await mode('act');
    for (let i = 0; i < 3; i += 1) await make();
    await until(async () => (await view()).openings[0]?.agreed.n === 3);
    expect(bench.written).toEqual([]);
    const refused = await ada.post('/api/equipment/plc/leases', { ...lease, bounds: [-5, 500] });
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringContaining('within 0 to 200') },
    });
    const signed = (await (await ada.post('/api/equipment/plc/leases', lease)).json()) as { lease: string };
    // Correcting makes it better: what is in force decides the loss.
    const unit = (): Promise<string> =>
      make({
        loss: Math.abs(110 - Number(bench.values.force)) / 10,
        out: 0,
        'force-used': Number(bench.values.force),
      });
    for (let i = 0; i < 300 && (await view()).openings[0]?.step !== 'OPEN'; i += 1) {
      await unit();
      await wait(15);
    }
    const opening = (await view()).openings[0];
    expect(opening).toMatchObject({ step: 'OPEN', authority: 'adjust', boundShare: 1 });
    const forces = bench.written.map(({ value }) => Number(value));
    // Half of the bounds in the trial, never outside.
    expect(Math.max(...forces.slice(0, 10))).toBeLessThanOrEqual(110);
    expect(Math.min(...forces)).toBeGreaterThanOrEqual(100);
    bench.set({ force: 110 });
    expect((await ada.post(`/api/leases/${signed.lease}/end`)).status).toBe(200);
    expect(bench.values.force).toBe(100);
    expect((await view()).leases).toEqual([]);
    await unit();
    await until(async () => (await view()).openings[0]?.step === 'SHADOW');
    const last = bench.written.length;
    await unit();
    expect(bench.written).toHaveLength(last);

    const brief = await ada.post('/api/equipment/plc/leases', { ...lease, hours: 0.0003 });
    expect(brief.status).toBe(200);
    bench.set({ force: 108 });
    await until(async () => (await view()).leases.length === 0);
    await until(() => bench.values.force === 100);
  });

  it('an interlock that opens, and a connection that is new, keep a setting where it is', async () => {
    const { bench, mode, ada, make, view, plc } = await plantWithEquipment();
    await mode('act');
    await ada.post('/api/equipment/plc/leases', lease);
    bench.set({ running: false });
    await until(() => plc.latest('cell/running')?.value === false);
    for (let i = 0; i < 4; i += 1) await make();
    await wait(50);
    expect(bench.written).toEqual([]);
    bench.set({ running: true });
    await until(() => plc.latest('cell/running')?.value === true);
    await bench.stop();
    await until(async () => (await view()).state === 'down');
    expect(
      await plc.write({
        ...{
          target: 'cell/force',
          value: 101,
          station: 'press',
          decision: 'user:a',
          release: '',
          withinMs: 500,
        },
        byPerson: true,
      }),
    ).toMatchObject({ sent: false, why: 'link-down' });
    // Somebody moved it meanwhile: the lease ends and what they set stays.
    bench.values.force = 140;
    await bench.start();
    await until(async () => (await view()).state === 'up');
    await until(
      async () => (await view()).leases.length === 0 || (await view()).leases[0]?.suspended === false,
    );
    expect(bench.values.force).toBe(140);
  });

  it('a lease that ends while nobody is there is taken back when the equipment holds what was left there', async () => {
    const { bench, mode, ada, view, plc } = await plantWithEquipment();
    await mode('act');
    const signed = await ada.post('/api/equipment/plc/leases', { ...lease, hours: 0.0004 });
    expect(signed.status).toBe(200);
    const byPerson = { station: 'press', decision: 'user:a', release: '', byPerson: true, withinMs: 1000 };
    expect(await plc.write({ ...byPerson, target: 'cell/force', value: 108 })).toMatchObject({ sent: true });
    await bench.stop();
    await until(async () => (await view()).state === 'down' && (await view()).leases.length === 0);
    expect(bench.values.force).toBe(108);
    await bench.start();
    await until(() => bench.values.force === 100);
    expect(bench.written.map(({ value }) => value)).toEqual([108, 100]);
  });

  it('a lease that ends while the guard is off is taken back when it is on again, and tried once', async () => {
    const { bench, mode, ada, view, plc, make, site } = await plantWithEquipment();
    await mode('act');
    const signed = (await (await ada.post('/api/equipment/plc/leases', lease)).json()) as { lease: string };
    const byPerson = { station: 'press', decision: 'user:a', release: '', byPerson: true, withinMs: 1000 };
    expect(await plc.write({ ...byPerson, target: 'cell/force', value: 108 })).toMatchObject({ sent: true });
    await mode('off');
    await ada.post(`/api/leases/${signed.lease}/end`);
    for (let i = 0; i < 5; i += 1) await make();
    expect((await view()).leases).toEqual([]);
    expect(bench.values.force).toBe(108);
    const held = site.parts.journal.read({ kind: 'write-refused', limit: 99 });
    expect(held.filter(({ body }) => JSON.stringify(body).includes('lease:'))).toHaveLength(1);
    await mode('act');
    await make();
    await until(() => bench.values.force === 100);
  });

  it("an outcome that nobody knows is a person's matter, is never sent again, and a restart makes none twice", async () => {
    const plant = await plantWithEquipment();
    const { bench, mode, make, answer, view, ada, site, open } = plant;
    await mode('act');
    const unit = await make();
    bench.outcome = 'silent';
    const said = answer(unit);
    await until(() => bench.written.length === 1);
    await bench.stop();
    await said;
    expect(released(plant, unit)).toMatchObject({ outcome: 'unknown' });
    bench.outcome = 'done';
    await bench.start();
    await until(async () => (await view()).state === 'up');
    const [doubt] = (await view()).doubts;
    expect(doubt).toMatchObject({ target: 'cell/verdict', outcome: 'unknown', value: 'u1 pass' });
    expect(bench.written).toHaveLength(1);
    expect((await ada.post(`/api/writes/${doubt?.write}/seen`, { note: 'it had it' })).status).toBe(200);
    expect((await ada.post(`/api/writes/${doubt?.write}/seen`, { note: 'again' })).status).toBe(409);
    expect((await view()).doubts).toEqual([]);
    // A stop between the intent and its end.
    const { journal } = site.parts;
    await journal.append(
      factOf('write-intended', {
        ...{ subject: 'u7', atMs: Date.now() },
        body: {
          ...{
            write: 'press:u7:pass',
            connector: 'plc',
            target: 'cell/verdict',
            value: 'u7 pass',
            station: 'press',
          },
          ...{
            decision: 'unit:u7',
            release: '',
            epoch: 'run 2',
            lease: null,
            notAfterMs: Date.now() + 60_000,
          },
        },
      }),
    );
    await site.close();
    const again = await open();
    const { connectors } = { connectors: [...again.parts.equipment.all.values()] };
    const plc = connectors[0]!;
    expect(plc.guard.mode).toBe('act');
    await until(() => plc.state.state === 'up');
    expect(
      await plc.write({
        ...{ target: 'cell/verdict', value: 'u7 pass', station: 'press', decision: 'unit:u7', release: '' },
        ...{ byPerson: true, withinMs: 1000, id: 'press:u7:pass' },
      }),
    ).toEqual({ sent: false, why: 'duplicate' });
    expect(again.parts.journal.read({ kind: 'write-ended', limit: 99 }).at(-1)?.body).toMatchObject({
      write: 'press:u7:pass',
      outcome: 'unknown',
    });
    expect(bench.written).toHaveLength(1);
  });

  it('a connector that is killed begins again; units of that time are counted, and the last one is not lost', async () => {
    const { bench, make, plc, view, site } = await plantWithEquipment();
    await make();
    process.kill(plc.link.pid ?? 0, 'SIGKILL');
    await until(async () => (await view()).state === 'down');
    bench.set({ unit: 'u2', cycle: 2 });
    bench.set({ unit: 'u3', cycle: 3 });
    await until(async () => (await view()).restarts === 1 && (await view()).state === 'up');
    const unit = (id: string) => site.parts.journal.db.prepare('SELECT id FROM unit WHERE id = ?').get(id);
    await until(() => unit('u3') !== undefined);
    expect(unit('u2')).toBeUndefined();
    const notes = site.parts.journal
      .read({ kind: 'part', limit: 99 })
      .map(({ body }) => JSON.stringify(body));
    expect(notes.some((text) => text.includes('1 units passed unseen'))).toBe(true);
  });
});
