import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.js';
import { openDataset } from './open-dataset.js';
import { itemOf, type Ref, type Split, splitDataset } from './split.js';

const folder = mkdtempSync(join(tmpdir(), 'split-'));
let serial = 0;

async function table(text: string): Promise<Dataset> {
  const path = join(folder, `${serial++}.csv`);
  writeFileSync(path, text);
  return openDataset(path, { scoreDirection: 'higher-worse' });
}

const rows = (n: number, row: (i: number) => string, head: string) =>
  `${head}\n${Array.from({ length: n }, (_, i) => row(i)).join('\n')}\n`;

async function split(text: string, seed = 1): Promise<Split> {
  const main = await table(text);
  try {
    return splitDataset(main, { calibrate: null, stream: null, seed });
  } finally {
    await main.close();
  }
}

const sizes = (s: Split) => [s.fit.length, s.calibrate.length, s.stream.length];
const bads = (refs: readonly Ref[]) => refs.filter((r) => itemOf(r).label !== 'good').length;
const ids = (refs: readonly Ref[]) => refs.map((r) => itemOf(r).id);
const label = (i: number) => (i % 11 === 10 ? 'bad' : 'good');

describe('splitDataset on files', () => {
  it('cuts by time 30/40/30, in order whatever the order of the rows', async () => {
    const s = await split(
      rows(100, (i) => `u${i},${label(i)},${(i * 37) % 100},${i},${i},${i},${i}`, 'id,label,time,a,b,c,d'),
    );
    expect(sizes(s)).toEqual([30, 40, 30]);
    const times = [...s.fit, ...s.calibrate, ...s.stream].map((r) => itemOf(r).atMs);
    expect(times).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(s.orderUnknown).toBe(false);
  });

  it('shuffles by seed with exact strata where there is no time, and says so', async () => {
    const text = rows(110, (i) => `u${i},${label(i)},${i},${i},${i},${i}`, 'id,label,a,b,c,d');
    const [one, again, other] = [await split(text), await split(text), await split(text, 2)];
    expect(sizes(one)).toEqual([33, 44, 33]);
    expect([bads(one.fit), bads(one.calibrate), bads(one.stream)]).toEqual([3, 4, 3]);
    expect(ids(again.stream)).toEqual(ids(one.stream));
    expect(ids(other.stream)).not.toEqual(ids(one.stream));
    expect(one.warnings.map((w) => w.code)).toContain('order-unknown');
  });

  it('names a remedy that the layout knows', async () => {
    const text = rows(110, (i) => `u${i},${label(i)},${i},${i},${i},${i}`, 'id,label,a,b,c,d');
    const main = await table(text);
    const warningOf = (layout: Dataset['layout']) =>
      splitDataset({ ...main, layout }, { calibrate: null, stream: null, seed: 1 }).warnings[0]?.detail;
    expect(warningOf('table')).toContain('Add a column "time"');
    expect(warningOf('folder')).toContain('Folders "fit", "calibrate" and "stream"');
    await main.close();
  });

  it('keeps groups whole', async () => {
    const s = await split(
      rows(
        120,
        (i) => `u${i},${label(i)},lot${Math.floor(i / 4)},${i},${i},${i},${i}`,
        'id,label,group,a,b,c,d',
      ),
    );
    const groups = [s.fit, s.calibrate, s.stream].map((part) => new Set(part.map((r) => itemOf(r).group)));
    expect(groups[0]!.size + groups[1]!.size + groups[2]!.size).toBe(30);
  });

  it('moves equal items and their groups whole to the earliest side, through chains', async () => {
    // A (fit, g), B (calibrate, g, content of C), C (stream): all belong together.
    const head = 'id,label,split,group,a,b,c,d';
    const fill = rows(
      60,
      (i) => `u${i},${label(i)},${['fit', 'calibrate', 'stream'][i % 3]},o${i},${i},1,2,3`,
      head,
    ).trimEnd();
    const s = await split(
      `${fill}\nA,good,fit,g,-1,0,0,0\nB,good,calibrate,g,-2,0,0,0\nC,good,stream,h,-2,0,0,0\n`,
    );
    expect(ids(s.fit)).toEqual(expect.arrayContaining(['A', 'B', 'C']));
    expect(s.warnings.map((w) => w.code)).toContain('duplicate-items');
  });

  it('does not take equal scores for equal items', async () => {
    const s = await split(
      rows(
        600,
        (i) => `u${i},${label(i)},${i % 2 ? 'calibrate' : 'stream'},${(i % 50) / 100}`,
        'id,label,split,score',
      ),
    );
    expect(sizes(s)).toEqual([0, 300, 300]);
  });

  it('reads train, val and test, and cuts val 60/40 where there is no test', async () => {
    const head = 'id,label,split,a,b,c,d';
    const s = await split(
      rows(200, (i) => `u${i},${label(i)},${i < 100 ? 'train' : 'val'},${i},${i},${i},${i}`, head),
    );
    expect(sizes(s)).toEqual([100, 60, 40]);
    const t = await split(
      rows(300, (i) => `u${i},${label(i)},${['train', 'val', 'test'][i % 3]},${i},${i},${i},${i}`, head),
    );
    expect(sizes(t)).toEqual([100, 100, 100]);
  });

  it('holds a set of many rows', async () => {
    const s = await split(rows(330_000, (i) => `${label(i)},${i},${i}`, 'label,time,score'));
    expect(sizes(s)).toEqual([99_000, 132_000, 99_000]);
  });
});

describe('a stream of its own without a calibration set', () => {
  const head = 'id,label,split,time,a,b,c,d';
  async function withStream(text: string, seed = 1): Promise<Split> {
    const main = await table(text);
    const stream = await table(
      rows(30, (i) => `s${i},${label(i)},${1e6 + i},${9000 + i},${i},${i},${i}`, 'id,label,time,a,b,c,d'),
    );
    try {
      return splitDataset(main, { calibrate: null, stream, seed });
    } finally {
      await main.close();
      await stream.close();
    }
  }
  const streamIds = Array.from({ length: 30 }, (_, i) => `s${i}`);
  const named = (name: (i: number) => string, n = 100) =>
    rows(n, (i) => `u${i},${label(i)},${name(i)},${(i * 37) % 100},${i},${i},${i},${i}`, head);

  it('follows the split that DATA names', async () => {
    const s = await withStream(named((i) => (i < 60 ? 'train' : 'val')));
    expect(ids(s.fit).sort()).toEqual(Array.from({ length: 60 }, (_, i) => `u${i}`).sort());
    expect(s.calibrate.every((r) => itemOf(r).split === 'val')).toBe(true);
    expect([...sizes(s), s.rule]).toEqual([60, 40, 30, expect.stringContaining('its own split')]);
    expect(ids(s.stream)).toEqual(streamIds);
  });
  it('never fits on what DATA holds out: it calibrates, or is left out where something else does', async () => {
    const held = await withStream(named((i) => (i < 60 ? 'fit' : 'test')));
    expect(sizes(held)).toEqual([60, 40, 30]);
    expect(held.calibrate.every((r) => itemOf(r).split === 'test')).toBe(true);
    const three = await withStream(named((i) => (i < 50 ? 'fit' : i < 80 ? 'calibrate' : 'stream')));
    expect(sizes(three)).toEqual([50, 30, 30]);
    expect(three.rule).toContain('its 20 stream units not used');
    expect(ids(three.stream)).toEqual(streamIds);
  });
  it('cuts DATA 3:4 by time where it names no split, in order', async () => {
    const s = await withStream(named(() => ''));
    expect(sizes(s)).toEqual([43, 57, 30]);
    const times = [...s.fit, ...s.calibrate].map((r) => itemOf(r).atMs);
    expect(times).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(s.rule).toContain('by time');
  });
  it('cuts DATA 3:4 by seed where it says neither, or calls every unit fit', async () => {
    const text = rows(110, (i) => `u${i},${label(i)},${i},${i},${i},${i}`, 'id,label,a,b,c,d');
    const [one, again, other] = [await withStream(text), await withStream(text), await withStream(text, 2)];
    expect(one.fit.length / one.calibrate.length).toBeCloseTo(3 / 4, 1);
    expect(one.rule).toContain('by seed');
    expect(ids(again.fit)).toEqual(ids(one.fit));
    expect(ids(other.fit)).not.toEqual(ids(one.fit));
    expect((await withStream(named(() => 'fit'))).rule).toContain('by time');
  });
  it('refuses a split or a time that only some units have', async () => {
    await expect(withStream(named((i) => (i === 5 ? '' : i < 60 ? 'fit' : 'val')))).rejects.toMatchObject({
      code: 'missing-split',
    });
    const halfTimed = rows(
      100,
      (i) => `u${i},${label(i)},${i === 7 ? '' : i},${i},${i},${i},${i}`,
      'id,label,time,a,b,c,d',
    );
    await expect(withStream(halfTimed)).rejects.toMatchObject({ code: 'missing-time' });
  });
});
