import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.js';
import { openDataset } from './open-dataset.js';

const folder = mkdtempSync(join(tmpdir(), 'open-'));
let serial = 0;

const file = (content: string | Uint8Array, name = `${serial++}.csv`): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function using<T>(path: string, work: (data: Dataset) => Promise<T>, group?: string): Promise<T> {
  const data = await openDataset(path, { scoreDirection: 'higher-worse', group });
  try {
    return await work(data);
  } finally {
    await data.close();
  }
}

describe('tables', () => {
  it('reads a byte-order mark, CRLF, semicolons, quotes and decimal commas', async () => {
    await using(file('\ufefflabel;id;width;note\r\ngood;a;1,5;"x;y"\r\nbad;b;2,25;z\r\n'), async (d) => {
      expect(d.featureNames).toEqual(['width']);
      expect(d.notes.join()).toContain('note');
      expect(await d.read(1)).toEqual({ kind: 'row', values: Float64Array.of(2.25) });
    });
  });
  it('reads numbered columns as a series that may end early', async () => {
    const head = `label,${Array.from({ length: 9 }, (_, i) => `s_0${i + 1}`).join(',')}`;
    await using(
      file(`${head}\ngood,1,2,3,4,5,6,7,8,9\nbad,1,2,3,4,5,6,7,,\nbad,1,,3,4,5,6,7,8,9\n`),
      async (d) => {
        expect(d.observation).toBe('series');
        expect((await d.read(1)).kind === 'series' && (await d.read(1))).toMatchObject({
          values: Float32Array.of(1, 2, 3, 4, 5, 6, 7),
        });
        expect(d.items[2]!.fault).toContain('in the middle');
      },
    );
  });
  it('sets damaged rows aside with their line and keeps the others', async () => {
    await using(file('label,a,b\ngood,1,2\ngood,NaN,2\ngood,oops,2\ngood,1\nbad,,4\n'), async (d) => {
      expect(d.items.map((i) => i.fault !== null)).toEqual([false, true, true, true, false]);
      expect(d.items[2]!.source).toMatch(/:4$/);
      expect(await d.read(4)).toEqual({ kind: 'row', values: Float64Array.of(Number.NaN, 4) });
      await expect(d.read(1)).rejects.toThrow('not a number');
    });
  });
  it('reads maps and scores', async () => {
    await using(file('label,map\ngood,2x2:0112\nbad,2x2:01\n'), async (d) => {
      expect(await d.read(0)).toEqual({
        kind: 'map',
        width: 2,
        height: 2,
        values: Uint8Array.of(0, 1, 1, 2),
      });
      expect(d.items[1]!.fault).toContain('digits');
    });
    const d = await openDataset(file('label,score\ngood,3\nbad,1\n'), { scoreDirection: 'lower-worse' });
    expect(await d.read(0)).toEqual({ kind: 'row', values: Float64Array.of(-3) });
    await d.close();
  });
  it('reads Parquet and refuses a broken one', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'label', data: ['good', 'bad'], type: 'STRING' },
          { name: 'a', data: [1, 2], type: 'DOUBLE' },
        ],
      }),
    );
    await using(file(bytes, 'ok.parquet'), async (d) => {
      expect(await d.read(1)).toEqual({ kind: 'row', values: Float64Array.of(2) });
    });
    const broken = file(bytes.slice(0, bytes.length - 6), 'broken.parquet');
    await expect(using(broken, async () => 0)).rejects.toMatchObject({
      name: 'InputFault',
      code: 'bad-parquet',
    });
  });
  it('keeps the memory flat: 30 MB of features leave an index of a few', async () => {
    const head = `label,${Array.from({ length: 100 }, (_, i) => `f_${i + 1}`).join(',')}\n`;
    const row = `good,${Array.from({ length: 100 }, (_, i) => `${i}.123456789`).join(',')}\n`;
    const path = file(head + row.repeat(25_000));
    const before = process.memoryUsage().heapUsed;
    await using(path, async (d) => {
      expect(d.items).toHaveLength(25_000);
      expect((await d.read(24_999)).kind).toBe('series');
      expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(120);
    });
  });
});

describe('folders', () => {
  const picture = async (path: string, value: number, side = 24) => {
    mkdirSync(join(path, '..'), { recursive: true });
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => (value + i * 7) % 256);
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toFile(path);
  };
  it('reads class folders below split folders, and groups by expression and by file', async () => {
    const root = join(folder, 'mvtec');
    for (const [i, p] of [
      'train/good/lot1_a.png',
      'test/good/lot2_b.png',
      'test/scratch/lot2_c.png',
      'ground_truth/scratch/c.png',
    ].entries()) {
      await picture(join(root, p), 20 * i);
    }
    await using(
      root,
      async (d) => {
        expect(d.items.map((i) => [i.split, i.label, i.group])).toEqual([
          ['test', 'good', 'lot2'],
          ['test', 'scratch', 'lot2'],
          ['train', 'good', 'lot1'],
        ]);
        expect(d.observation).toBe('image');
      },
      '(lot\\d+)_',
    );
    const groups = file('good/lot1_a.png,A\ngood/lot2_b.png,B\nscratch/lot2_c.png,B\n');
    await using(root, async (d) => expect(d.items.map((i) => i.group)).toEqual(['B', 'B', 'A']), groups);
    await expect(using(root, async () => 0, 'nothing(\\d)')).rejects.toMatchObject({ code: 'missing-group' });
  });
  it('reads pictures of three grey levels as maps', async () => {
    const root = join(folder, 'maps');
    for (const [name, codes] of [
      ['good/a.png', [0, 127, 127, 255]],
      ['ring/b.png', [0, 127, 255, 255]],
    ] as const) {
      mkdirSync(join(root, name, '..'), { recursive: true });
      await sharp(Uint8Array.from(codes), { raw: { width: 2, height: 2, channels: 1 } })
        .png()
        .toFile(join(root, name));
    }
    await using(root, async (d) => {
      expect(d.observation).toBe('map');
      expect(await d.read(1)).toEqual({
        kind: 'map',
        width: 2,
        height: 2,
        values: Uint8Array.of(0, 1, 2, 2),
      });
    });
  });
});
