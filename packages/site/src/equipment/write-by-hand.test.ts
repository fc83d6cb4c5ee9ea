import { expect, it } from 'vitest';
import { plantWithEquipment } from '../../test/plant-with-equipment.js';

it('a person writes within the rule, is told what the equipment holds, and why stands in the record', async () => {
  const { ada, bench, site, mode, view } = await plantWithEquipment();
  const rule = (await view()).rules.find(({ target }) => target === 'cell/force');
  expect(rule).toMatchObject({ values: null, pattern: null, stop: null });
  expect(rule?.limits).not.toBeNull();
  const write = (body: object) => ada.post('/api/equipment/plc/write', body);
  const wish = { target: 'cell/force', station: 'press', value: 105, reason: 'after the tool change' };
  const told = async (body: object): Promise<unknown> => (await write(body)).json();

  expect(await told(wish)).toEqual({ sent: false, outcome: null, why: 'mode-off', readBack: null });
  await mode('act');
  const { reason: _, ...bare } = wish;
  expect((await write(bare)).status).toBe(422);
  expect((await write({ ...wish, reason: 'x' })).status).toBe(422);
  expect(bench.written).toEqual([]);
  expect(await told(wish)).toMatchObject({ sent: true, outcome: 'done', readBack: 105 });
  expect(await told({ ...wish, value: 1e6 })).toMatchObject({ sent: false, why: 'out-of-range' });

  const rows = (kind: string) =>
    site.parts.journal.read({ kind, limit: 20 }).map(({ body }) => body as Record<string, unknown>);
  const user = (await (await ada.get('/api/session')).json()) as { user: { id: string } };
  expect(rows('write-intended')).toMatchObject([
    { target: 'cell/force', value: 105, decision: `user:${user.user.id}`, reason: wish.reason },
  ]);
  expect(rows('write-refused').map(({ why, reason }) => [why, reason])).toEqual([
    ['mode-off', wish.reason],
    ['out-of-range', wish.reason],
  ]);
});
