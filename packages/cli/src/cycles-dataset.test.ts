import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSeams, writeCycleLines } from '@selvedge/pack-seat-sewing';
import { describe, expect, it } from 'vitest';
import { openCycleLines } from './cycles-dataset.js';

const write = async (text: string): Promise<string> => {
  const file = join(await mkdtemp(join(tmpdir(), 'cycles-')), 'seams.jsonl');
  await writeFile(file, text);
  return file;
};
const lines = (seams: number) => [...writeCycleLines(generateSeams({ seed: 4, seams }))];

describe('recorded seams', () => {
  it('are read line by line with every channel, a damaged one set aside', async () => {
    const good = lines(30);
    const set = await openCycleLines(
      await write([...good.slice(0, 10), '{"id":"x","label":"skip"}\n', '\n', ...good.slice(10)].join('')),
    );
    try {
      expect(set.items).toHaveLength(31);
      expect(set.items[10]).toMatchObject({ id: 'x', label: 'skip', source: 'seams.jsonl:11' });
      expect(set.items[10]!.fault).toContain('stitches');
      await expect(set.read(10)).rejects.toThrow(/stitches/);
      const first = await set.read(11);
      const seams = [...generateSeams({ seed: 4, seams: 11 })];
      if (first.kind !== 'series') throw new Error(`read as ${first.kind}`);
      expect(first.channels).toBe(3);
      first.values.forEach((v, i) => {
        expect(Math.abs(v - seams[10]!.values[i]!)).toBeLessThanOrEqual(6e-4);
      });
      expect(set.items[11]).toMatchObject({ group: seams[10]!.hideId, atMs: seams[10]!.atMs });
    } finally {
      await set.close();
    }
  });
  it('are refused with the place and the cure', async () => {
    const [one] = lines(1);
    await expect(openCycleLines(await write(`${one}${one}`))).rejects.toThrow(/seams\.jsonl:2.*line 1 too/);
    await expect(openCycleLines(await write('id,label\n1,good\n'))).rejects.toThrow(
      /no seam.*seams\.jsonl:1.*no JSON/,
    );
    await expect(openCycleLines(await write(''))).rejects.toThrow(/it is empty/);
    await expect(openCycleLines(tmpdir())).rejects.toThrow(/is a folder/);
    await expect(openCycleLines('/nowhere/seams.jsonl')).rejects.toThrow(/cannot be read: ENOENT/);
  });
});
