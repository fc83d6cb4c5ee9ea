import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../dataset/open-dataset.js';
import { splitDataset } from '../dataset/split.js';
import type { ReplayOptions } from '../replay/options.js';
import { checkQuality } from './check-quality.js';

const OPTIONS: ReplayOptions = {
  recipe: 'auto',
  escape: 0.05,
  overkill: 0,
  contract: 'per-unit',
  confidence: 0.95,
  independentUnits: false,
  groupRule: null,
  origin: 'recorded',
  seed: 1,
  command: '',
  version: '',
  commit: null,
};

async function codes(path: string, options: Partial<ReplayOptions> = {}): Promise<string[]> {
  const main = await openDataset(path, { scoreDirection: 'higher-worse' });
  try {
    const split = splitDataset(main, { calibrate: null, stream: null, seed: 1 });
    return (await checkQuality(split, { ...OPTIONS, ...options })).map((w) => w.code);
  } finally {
    await main.close();
  }
}

/** Noise that repeats run by run. */
const noise = (i: number): number => (((Math.imul(i + 1, 2654435761) >>> 0) % 100_003) / 100_003) * 10;

function table(edit: (row: string[], i: number) => string[] = (row) => row, n = 400): string {
  const rows = Array.from({ length: n }, (_, i) => {
    const cells = Array.from({ length: 6 }, (_, c) => String(noise(i * 6 + c)));
    return edit([i % 4 === 3 ? 'bad' : 'good', ...cells], i).join(',');
  });
  const path = join(mkdtempSync(join(tmpdir(), 'quality-')), 'table.csv');
  writeFileSync(path, `label,a,b,c,d,e,f\n${rows.join('\n')}\n`);
  return path;
}

/** Textured squares; `look` may give a class its own size, brightness or format. */
async function pictures(
  look: (bad: boolean, i: number) => { side?: number; bright?: number; ext?: string },
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'pictures-'));
  for (let i = 0; i < 48; i++) {
    const bad = i % 3 === 2;
    const { side = 40 + (i % 5), bright = (i * 7) % 40, ext = 'png' } = look(bad, i);
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, p) =>
      Math.min(255, bright + 15 * noise(i * 9973 + Math.floor(p / 3))),
    );
    const folder = join(root, bad ? 'scratch' : 'good');
    mkdirSync(folder, { recursive: true });
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).toFile(
      join(folder, `${i}.${ext}`),
    );
  }
  return root;
}

describe('tables', () => {
  it('are clean without a fault', async () => {
    expect(await codes(table())).toEqual([]);
  });
  it('warn of equal items, and of contradictory labels on them', async () => {
    const same = (row: string[], i: number) =>
      i === 8
        ? [row[0]!, '1', '2', '3', '4', '5', '6']
        : i === 9
          ? ['good', '1', '2', '3', '4', '5', '6']
          : row;
    expect(await codes(table(same))).toEqual(['duplicate-items']);
    const conflict = (row: string[], i: number) =>
      i === 8 || i === 9 ? [i === 8 ? 'good' : 'bad', '1', '2', '3', '4', '5', '6'] : row;
    expect(await codes(table(conflict))).toEqual(['duplicate-items', 'label-conflict']);
  });
  it('warn of nearly equal items', async () => {
    const near = (row: string[], i: number) =>
      i === 8 || i === 9 ? [row[0]!, '1', '2', '3', '4', '5', i === 8 ? '6.0001' : '6.0002'] : row;
    expect(await codes(table(near))).toEqual(['near-duplicates']);
  });
  it('warn where all bad rows stand at one end and no column tells the time', async () => {
    const sorted = (row: string[], i: number) => [i >= 300 ? 'bad' : 'good', ...row.slice(1)];
    expect(await codes(table(sorted))).toEqual(['shortcut-suspected']);
    const clustered = (row: string[], i: number) => [
      Math.floor(i / 20) % 4 === 1 ? 'bad' : 'good',
      ...row.slice(1),
    ];
    expect(await codes(table(clustered))).toEqual([]);
  });
  it('do not warn of the order of rows that have a time', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => {
      const cells = Array.from({ length: 6 }, (_, c) => noise(i * 6 + c));
      return [i >= 300 ? 'bad' : 'good', (i * 7919) % 400, ...cells].join(',');
    });
    const path = join(mkdtempSync(join(tmpdir(), 'quality-')), 'table.csv');
    writeFileSync(path, `label,time,a,b,c,d,e,f\n${rows.join('\n')}\n`);
    expect(await codes(path)).toEqual([]);
  });
  it('warn of too few units for the promise, and of too few bad ones', async () => {
    expect(await codes(table(), { escape: 0.005 })).toEqual(['too-few-units']);
    const rare = (row: string[], i: number) => [i % 40 === 3 ? 'bad' : 'good', ...row.slice(1)];
    expect(await codes(table(rare))).toEqual(['too-few-bad']);
  });
});

describe('pictures', () => {
  const only = async (root: string) =>
    (await codes(root, { escape: 0.3 })).filter((c) => c !== 'too-few-bad');
  it('are clean without a fault', async () => {
    expect(await only(await pictures(() => ({})))).toEqual([]);
  });
  it.each([
    ['size', (bad: boolean) => ({ side: bad ? 60 : 40 })],
    ['brightness', (bad: boolean) => ({ bright: bad ? 90 : 5 })],
    ['format', (bad: boolean) => ({ ext: bad ? 'jpg' : 'png' })],
  ])('warn where the class can be told by %s alone', async (_, look) => {
    expect(await only(await pictures(look))).toContain('shortcut-suspected');
  });
});
