import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@selvedge/models';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { openDataset } from '../dataset/open-dataset.js';
import type { ReplayOptions } from './options.js';
import { replay } from './replay.js';

const OPTIONS: ReplayOptions = {
  recipe: 'novelty',
  escape: 0.1,
  overkill: 0,
  contract: 'per-unit',
  confidence: 0.95,
  independentUnits: false,
  groupRule: null,
  origin: 'simulated',
  seed: 1,
  command: '',
  version: '0',
  commit: null,
};

/** Noise with a bright square in bad ones; two are cut off, one is empty. */
async function pictures(root: string): Promise<void> {
  const random = createRandom(4);
  for (let i = 0; i < 45; i++) {
    const bad = i % 5 === 4;
    const pixels = Uint8Array.from({ length: 48 * 48 * 3 }, (_, p) =>
      bad && p < 2000 ? 250 : 100 * random.next(),
    );
    const folder = join(root, bad ? 'scratch' : 'good');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${i}.${i % 2 ? 'jpg' : 'png'}`);
    await sharp(pixels, { raw: { width: 48, height: 48, channels: 3 } }).toFile(path);
    if (i === 10 || i === 11) writeFileSync(path, readFileSync(path).subarray(0, 300));
    if (i === 12) writeFileSync(path, '');
  }
  writeFileSync(join(root, 'good', '99.bmp'), 'BM and no more');
}

/** Codes of three grey levels; one map is cut off. */
async function maps(root: string): Promise<void> {
  const random = createRandom(6);
  for (let i = 0; i < 60; i++) {
    const bad = i % 4 === 3;
    const codes = Uint8Array.from({ length: 20 * 20 }, (_, p) => {
      const outside = (p % 20) * (19 - (p % 20)) < 20;
      return outside ? 0 : random.next() < (bad ? 0.4 : 0.05) ? 255 : 127;
    });
    const folder = join(root, bad ? 'ring' : 'good');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${i}.png`);
    await sharp(codes, { raw: { width: 20, height: 20, channels: 1 } })
      .toColourspace('b-w')
      .toFile(path);
    if (i === 20) writeFileSync(path, readFileSync(path).subarray(0, 60));
  }
}

it.each([
  ['pictures', pictures],
  ['maps', maps],
])(
  '%s: the same data give the same bytes wherever they lie, faults included',
  async (_, make) => {
    const told = [];
    for (const place of ['here', 'there']) {
      const parent = mkdtempSync(join(tmpdir(), `selvedge-${place}-`));
      const root = join(parent, 'set');
      await make(root);
      const main = await openDataset(root, { scoreDirection: 'higher-worse' });
      const { evidence } = await replay({ main, calibrate: null, stream: null }, OPTIONS);
      await main.close();
      const text = JSON.stringify(evidence).replace(/"(fitMs|scoreMsMedian)":[\d.e-]+/g, '');
      expect(evidence.data.setAside.units).toBeGreaterThan(0);
      expect(text).not.toContain(parent);
      told.push(text);
    }
    expect(told[0]).toBe(told[1]);
  },
  60_000,
);
