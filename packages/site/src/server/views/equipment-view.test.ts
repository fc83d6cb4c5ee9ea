import type { LineView } from '@selvedge/core/records';
import { expect, it } from 'vitest';
import { plantWithEquipment, until } from '../../../test/plant-with-equipment.js';

it('shows what was held back with its code, people by their names, and a doubt until somebody has looked', async () => {
  const { ada, bench, make, mode, plc, view } = await plantWithEquipment();
  const byHand = (value: number) =>
    plc.write({
      ...{ target: 'cell/force', value, station: 'press', decision: 'user:u', release: '' },
      ...{ byPerson: true, withinMs: 2000 },
    });
  const troubles = async () => {
    const line = (await (await ada.get('/api/line')).json()) as LineView;
    return line.stations[0]?.troubles.filter(({ code }) => code === 'write-unknown');
  };

  await byHand(105);
  expect(await view()).toMatchObject({ mode: 'off', modeBy: null, doubts: [] });
  await mode('act');
  await byHand(500);
  await byHand(150);
  await byHand(105);
  const now = await view();
  expect([now.modeBy, now.modeReason]).toEqual(['Ada', 'trial run']);
  expect(now.writes.map(({ value, outcome, why }) => [value, outcome, why])).toEqual([
    [105, 'done', 'the bench says done'],
    [150, 'held', 'step-too-large'],
    [500, 'held', 'out-of-range'],
    [105, 'held', 'mode-off'],
  ]);
  expect(now.rules).toContainEqual({
    ...{ target: 'cell/force', does: 'adjust', safety: false, range: '0 … 200', limits: [0, 200] },
    ...{ maxStep: 20, stations: ['press'], values: null, pattern: null, stop: null },
  });
  expect(now.openings[0]).toMatchObject({ step: 'SHADOW', outUpper: 1 });
  expect(now.openings[0]?.needs.pairs).toBeGreaterThan(0);
  expect(now.openings[0]?.needs.outcomes).toBeGreaterThan(0);

  expect(await troubles()).toEqual([]);
  bench.outcome = 'unknown';
  await byHand(110);
  await byHand(110);
  const values = { target: 'cell/force', value: '110' };
  // One line of the card for what is the same to whoever goes and looks.
  expect(await troubles()).toEqual([{ code: 'write-unknown', part: 'plc', values }]);
  const { doubts } = await view();
  expect(doubts).toHaveLength(2);
  for (const { write } of doubts)
    expect((await ada.post(`/api/writes/${write}/seen`, { note: 'it stands at 105' })).status).toBe(200);
  expect((await ada.post(`/api/writes/${doubts[0]?.write}/seen`, {})).status).toBe(409);
  expect(await troubles()).toEqual([]);
  expect((await view()).doubts).toEqual([]);
  expect((await view()).writes[0]).toMatchObject({ outcome: 'unknown', seenBy: 'Ada' });
  await make();
  await until(async () =>
    (await view()).tags.some(({ tag, value }) => tag === 'cell/unit' && value === 'u1'),
  );
});
