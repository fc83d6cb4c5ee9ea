import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantWithEquipment, until } from '../../test/plant-with-equipment.js';

describe('a publisher', () => {
  it('tells every row of its kinds once in order, over an outage, a deaf peer and a restart', async () => {
    const { bench, make, answer, site, open, view } = await plantWithEquipment();
    for (let i = 0; i < 3; i += 1) await answer(await make());
    await until(() => bench.told.length === 6);
    const [first] = bench.told;
    expect(first?.path).toEqual(['Acme', 'plant', 'main', 'north', 'press', '_selvedge_v1', 'decided']);
    expect(first?.body).toMatchObject({ kind: 'decided', subject: 'u1', origin: 'live', id: first?.id });
    expect(first?.id).toMatch(/^plant:\d+:\d+$/);

    // It takes them and says nothing: they are told again, by the same ids.
    bench.deaf = true;
    await answer(await make());
    await until(() => bench.told.length > 6);
    bench.deaf = false;
    await bench.stop();
    await bench.start();
    await until(async () => (await view()).state === 'up');
    await until(
      () =>
        site.parts.equipment.publishers[0]?.trouble === null && site.parts.equipment.publishers[0].behind < 3,
    );

    await answer(await make());
    await site.close();
    await open();
    await until(() => new Set(bench.told.map(({ id }) => id)).size === 10);
    const once = [...new Map(bench.told.map((one) => [one.id, one])).values()];
    const numbers = once.map(({ id }) => Number(id.split(':')[2]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(once.filter(({ path }) => path.at(-1) === 'released')).toHaveLength(5);
  });

  it('after a restored backup it tells what came since, and a cursor that cannot be read leaves nothing out', async () => {
    const { bench, make, site, open, folder } = await plantWithEquipment();
    await make();
    await until(() => bench.told.length === 1);
    await site.close();
    const data = join(folder, 'data');
    const journal = join(data, 'journal.sqlite');
    await copyFile(journal, `${journal}.backup`);
    const decided = async (unit: string, cycle: number): Promise<void> => {
      Object.assign(bench.values, { unit, cycle });
      const again = await open();
      await until(() => bench.told.some(({ body }) => (body as { subject?: string }).subject === unit));
      await again.close();
    };
    await decided('u2', 2);
    // The backup is older than what the peer has: its next rows have the numbers of rows that were told already.
    for (const end of ['', '-wal', '-shm']) await rm(`${journal}${end}`, { force: true });
    await copyFile(`${journal}.backup`, journal);
    await decided('u3', 3);
    expect(bench.told.filter(({ body }) => (body as { subject?: string }).subject === 'u1')).toHaveLength(1);
    expect(new Set(bench.told.map(({ id }) => id)).size).toBe(bench.told.length);

    await writeFile(join(data, 'connectors', 'told-plc.json'), '');
    await decided('u4', 4);
    expect(bench.told.filter(({ body }) => (body as { subject?: string }).subject === 'u1')).toHaveLength(2);
  });
});
