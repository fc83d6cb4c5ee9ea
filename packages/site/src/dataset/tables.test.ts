import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.js';
import { openDataset, refuseOneClass } from './open-dataset.js';

let folder = '';
const opened: Dataset[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tables-'));
});
afterAll(async () => {
  for (const data of opened) await data.close();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;
async function table(
  content: string | Uint8Array,
  { group, direction = 'higher-worse' }: { group?: string; direction?: 'higher-worse' | 'lower-worse' } = {},
): Promise<Dataset> {
  const file = join(folder, `t${count++}.csv`);
  await writeFile(file, content);
  const data = await openDataset(file, { group, scoreDirection: direction });
  opened.push(data);
  return data;
}
const values = async (data: Dataset, index: number): Promise<number[]> => {
  const unit = await data.read(index);
  if (unit.kind === 'image' || unit.kind === 'pair') throw new Error('no values');
  return [...unit.values];
};

describe('tables', () => {
  it.each([
    ['comma', 'id,label,a,b\na1,good,1,2\n"a,2",scratch,3,4\n'],
    ['BOM and CRLF', '\ufeffid,label,a,b\r\na1,good,1,2\r\n"a,2",scratch,3,4\r\n'],
    ['semicolon', 'id;label;a;b\na1;good;1;2\na,2;scratch;3;4\n'],
    ['tab', 'id\tlabel\ta\tb\na1\tgood\t1\t2\na,2\tscratch\t3\t4\n'],
  ])('reads %s', async (_, text) => {
    const data = await table(text);
    expect(data.items.map((i) => [i.id, i.label])).toEqual([
      ['a1', 'good'],
      ['a,2', 'scratch'],
    ]);
    expect(data.featureNames).toEqual(['a', 'b']);
    expect(await values(data, 1)).toEqual([3, 4]);
  });
  it('reads decimal commas', async () => {
    expect(await values(await table('label;a;b\ngood;1,5;-2,25\n'), 0)).toEqual([1.5, -2.25]);
  });
  it('makes numbered columns a series that may end early but has no hole', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `s${i + 1}`).join();
    const data = await table(`label,${names}\ngood,1,2,3,4,5,6,7,8\nbad,1,2,3,,,,,\nbad,1,,3,4,5,6,7,8\n`);
    expect(data.observation).toBe('series');
    expect(await values(data, 1)).toEqual([1, 2, 3]);
    expect(data.items[2]?.fault).toContain('"s2"');
  });
  it('reads maps and sets a wrong one aside', async () => {
    const data = await table('label,map\ngood,2x2:0112\nbad,2x2:011\n');
    expect(data.observation).toBe('map');
    expect(await data.read(0)).toMatchObject({ width: 2, height: 2 });
    expect(await values(data, 0)).toEqual([0, 1, 1, 2]);
    expect(data.items[1]?.fault).toContain('3 digits');
  });
  it.each([
    ['higher-worse', 0.25],
    ['lower-worse', -0.25],
  ] as const)('turns a score so that higher is worse: %s', async (direction, expected) => {
    const data = await table('label,score\ngood,0.25\nbad,0.5\n', { direction });
    expect(data.observation).toBe('score');
    expect(await values(data, 0)).toEqual([expected]);
  });
  it('sets cells that are no numbers and ragged rows aside, with their line', async () => {
    const data = await table('label,a,b\ngood,1,2\ngood,NaN,2\ngood,1,x\ngood,1\nbad,5,6\n');
    expect(data.items.map((i) => i.fault !== null)).toEqual([false, true, true, true, false]);
    expect(data.items[2]?.source).toMatch(/\.csv:4$/);
    expect(data.items[3]?.fault).toContain('2 cells');
    await expect(data.read(1)).rejects.toThrow('not a number');
  });
  const wide = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join();
  it.each([
    ['too-many-columns', `label,${wide}\n`],
    ['not-a-table', new Uint8Array([1, 0, 2, 0])],
    ['empty', ''],
    ['empty', 'label,a\n'],
    ['no-label-column', 'a,b\n1,2\n'],
    ['duplicate-column', 'label,a,a\ngood,1,2\n'],
    ['no-features', 'label,a\ngood,x\n'],
    ['duplicate-id', 'id,label,a\nu,good,1\nu,good,2\n'],
    ['unknown-split', 'label,split,a\ngood,dev,1\n'],
  ])('refuses with %s (%#)', async (code, content) => {
    await expect(table(content)).rejects.toMatchObject({ name: 'InputFault', code });
  });
  it('takes the group from a named column, and says when there is none', async () => {
    const text = 'label,lot,a\ngood,L1,1\nbad,L2,2\n';
    expect((await table(text, { group: 'lot' })).items.map((i) => i.group)).toEqual(['L1', 'L2']);
    await expect(table(text, { group: 'tray' })).rejects.toMatchObject({ code: 'unknown-group' });
  });
  it.each(['good', 'bad'])('refuses a set of %s units only', async (label) => {
    const data = await table(`label,a\n${label},1\n${label},2\n`);
    expect(() => refuseOneClass(data, 'x')).toThrow(expect.objectContaining({ code: 'one-class' }));
  });
});
