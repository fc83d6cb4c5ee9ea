import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { openDataset } from '../dataset/open-dataset.js';
import type { ReplayOptions } from '../replay/options.js';
import { replay } from '../replay/replay.js';
import { renderReport } from './render-report.js';
import { said } from './said/said.js';

// Runs with as many faults as a set can have: whatever they say must reach the reader in the reader's language.

const OPTIONS: ReplayOptions = {
  recipe: 'auto',
  escape: 0.02,
  overkill: 0,
  contract: 'per-unit',
  confidence: 0.95,
  independentUnits: false,
  groupRule: null,
  origin: 'simulated',
  seed: 1,
  command: 'selvedge replay set',
  version: '0',
  commit: null,
};

async function run(
  path: string,
  options: Partial<ReplayOptions> & { group?: string } = {},
): Promise<Evidence> {
  const { group, ...rest } = options;
  const main = await openDataset(path, { scoreDirection: 'higher-worse', ...(group ? { group } : {}) });
  try {
    const sets = { main, calibrate: null, stream: null };
    return (await replay(sets, { ...OPTIONS, ...rest, groupRule: group ?? null })).evidence;
  } finally {
    await main.close();
  }
}

const file = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'languages-')), 'set.csv');
  writeFileSync(path, text);
  return path;
};

/** Rows of six readings; bad ones stand off by `shift` in the first. */
function rows(
  n: number,
  { shift, badRate, seed }: { shift: number; badRate: number; seed: number },
): string[] {
  const random = createRandom(seed);
  return Array.from({ length: n }, (_, i) => {
    const bad = random.next() < badRate;
    const cells = Array.from({ length: 6 }, (_, c) =>
      (random.normal() + (bad && c === 0 ? shift : 0)).toFixed(6),
    );
    return `u${i},${bad ? 'torn' : 'good'},L${Math.floor(i / 10)},ab,${cells.join(',')}`;
  });
}

/** Equal, contradictory, nearly equal, damaged and clustered rows, a column of words, no time. */
function faulty(): string {
  const list = rows(900, { shift: 4, badRate: 0.03, seed: 3 }).map((row, i) =>
    Math.floor(i / 10) % 13 === 5 ? row.replace(/,(good|torn),/, ',torn,') : row,
  );
  const cells = (i: number) => list[i]!.split(',').slice(4).join(',');
  const write = (i: number, text: string) => {
    list[i] = text;
  };
  write(1, `u1,good,L0,ab,${cells(0)}`);
  write(3, `u3,torn,L50,ab,${cells(2)}`);
  write(300, `u300,good,L30,ab,${cells(2)}`);
  write(11, `u11,good,L77,ab,${cells(10).replace(/\d$/, '')}1`);
  write(20, 'u20,good,L2,ab,x,1,2,3,4,5');
  write(21, 'u21,good,L2,ab,,,,,,');
  write(22, `u22,,L2,ab,${cells(22)}`);
  write(23, 'u23,good,L2,ab,1,2');
  return file(`id,label,group,note,${['a', 'b', 'c', 'd', 'e', 'f'].join(',')}\n${list.join('\n')}\n`);
}

/** Bad pictures are brighter, wider and of another format; one cannot be decoded. */
async function pictures(): Promise<string> {
  const root = join(mkdtempSync(join(tmpdir(), 'languages-')), 'set');
  const random = createRandom(5);
  for (let i = 0; i < 60; i++) {
    const bad = i % 3 === 2;
    const side = bad ? 60 : 40;
    const pixels = Uint8Array.from({ length: side * side * 3 }, () => (bad ? 120 : 20) + 100 * random.next());
    const folder = join(root, bad ? 'scratch' : 'good');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${i}.${bad ? 'jpg' : 'png'}`);
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).toFile(path);
    if (i === 5 || i === 6) writeFileSync(path, readFileSync(path).subarray(0, 400));
  }
  return root;
}

const CASES: readonly [string, () => Promise<Evidence>][] = [
  ['a table with every fault', async () => run(faulty(), { contract: 'per-pass' })],
  [
    'a table on which labels help, in time order',
    async () => {
      const list = rows(3000, { shift: 5, badRate: 0.06, seed: 8 }).map((row, i) => `${i},${row}`);
      const table = file(
        `time,id,label,lot,note,${['a', 'b', 'c', 'd', 'e', 'f'].join(',')}\n${list.join('\n')}\n`,
      );
      return run(table, { overkill: 0.02, group: 'lot' });
    },
  ],
  [
    'scores whose level moves half-way',
    async () => {
      const random = createRandom(2);
      const list = Array.from({ length: 4000 }, (_, i) => {
        const bad = random.next() < 0.05;
        return `${i},${bad ? 'torn' : 'good'},${(random.normal() + (bad ? 4 : 0) + (i > 3300 ? 1.5 : 0)).toFixed(5)}`;
      });
      return run(file(`time,label,score\n${list.join('\n')}\n`));
    },
  ],
  ['pictures told by their surface', async () => run(await pictures(), { escape: 0.1 })],
];

const textOf = (html: string): string =>
  html
    .replace(/<(style|code|pre)[\s\S]*?<\/\1>/g, ' § ')
    .replace(/<[^>]+>/g, ' § ')
    .replace(/&#(\d+);/g, (_, n: string) => String.fromCharCode(Number(n)));

const told = new Set<string>();
it.each(CASES)(
  '%s: no English is left in the other languages',
  async (_, make) => {
    const evidence = await make();
    for (const warning of evidence.document.warnings) told.add(warning.code);
    const zh = renderReport(evidence, { language: 'zh' });
    expect(textOf(zh).match(/[A-Za-z'-]+(?:,? [A-Za-z'-]+){2,}/g) ?? []).toEqual([]);
    // Indonesian has the same letters: words that only English has.
    const id = renderReport(evidence, { language: 'id' });
    const english =
      /[^§]*\b(the|of|and|are|is|was|were|not|with|that|this|units|bad|from|items|by|only)\b[^§]*/gi;
    expect(textOf(id).match(english) ?? []).toEqual([]);
    for (const html of [zh, id]) expect(html).not.toContain('lang="en"');
    // The record itself stays in one language.
    const { reason } = evidence.document.gate;
    expect(renderReport(evidence)).toContain(reason.replaceAll("'", '&#39;'));
  },
  60_000,
);

it('the runs above told of many faults', () => {
  expect([...told].sort()).toEqual(
    expect.arrayContaining([
      'damaged-items',
      'duplicate-items',
      'input-ignored',
      'label-conflict',
      'near-duplicates',
    ]),
  );
  expect(told.size).toBeGreaterThan(8);
});

it('a text that is far too long for a sentence costs no time', () => {
  const started = performance.now();
  expect(said('a ('.repeat(1300), 'zh')).toBeNull();
  expect(said('a '.repeat(1e6), 'zh')).toBeNull();
  expect(performance.now() - started).toBeLessThan(2000);
});
