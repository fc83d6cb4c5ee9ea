import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGate } from '@selvedge/core';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { CROSS_EDITS } from '../../test/config-cross-edits.js';
import { SHAPE_EDITS } from '../../test/config-shape-edits.js';
import { faultText } from './fault.js';
import { liveStationOf } from './live-station-of.js';
import { loadConfig, parseConfig } from './parse-config.js';
import { gateSettingsOf } from './site-config.js';

const EXAMPLE = readFileSync(new URL('../../../../docs/site.example.yaml', import.meta.url), 'utf8');
const FILE = '/srv/site.yaml';
const EDITS = [...SHAPE_EDITS, ...CROSS_EDITS];

const said = (text: string): string[] =>
  (parseConfig(text, FILE).faults ?? []).map((fault) => faultText('', fault));

const good = (text: string) => {
  const { config, faults } = parseConfig(text, FILE);
  if (faults) throw new Error(faults.map((fault) => faultText('', fault)).join('\n'));
  return config;
};

describe('a fault', () => {
  it('is not found in the example', () => {
    expect(said(EXAMPLE)).toEqual([]);
    expect(EDITS.length).toBeGreaterThan(70);
  });

  it.each(EDITS)(
    'is named with its place, its line and the cure: $name',
    ({ find, write, said: expected }) => {
      const text = find === '*' ? write : EXAMPLE.replace(find, write);
      expect(text).not.toBe(EXAMPLE);
      expect(said(text)).toEqual(expected);
    },
  );

  it('never keeps another one from being found', () => {
    // One edit for each of several places that know nothing of each other.
    const names = [
      'a misspelt key',
      'a slip in a word',
      'a default that passes',
      'no bad answer',
      'a line that is not there',
      'a model of another format',
      'an unknown class of content',
      'floors the wrong way round',
      'a secret in place of a name',
    ];
    const edits = names.map((name) => EDITS.find((edit) => edit.name === name)!);
    const text = edits.reduce((before, { find, write }) => before.replace(find, write), EXAMPLE);
    const expected = edits.flatMap((edit) => edit.said);
    const line = (sentence: string) => Number(/^:(\d+)/.exec(sentence)?.[1]);
    expect(said(text)).toEqual(expected.toSorted((a, b) => line(a) - line(b)));
  });

  it('never repeats what may be a secret', () => {
    for (const { find, write } of EDITS.filter((edit) => edit.write.includes('hunter2'))) {
      const sentences = said(EXAMPLE.replace(find, write));
      expect(sentences.length).toBeGreaterThan(0);
      expect(sentences.join('\n')).not.toContain('hunter2');
    }
  });

  it('is found whatever stands in the file', () => {
    const words = fc.constantFrom(
      ...['site', 'stations', 'id', 'kind', 'path', 'choices', 'connector', 'connectors', 'input', 'model'],
      ...[
        '__proto__',
        'constructor',
        'toString',
        '<<',
        '',
        '0',
        'lines',
        'takt',
        'access',
        'oidc',
        'retention',
      ],
    );
    const scalar = fc.oneof(words, fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        scalar,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(words, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'-:[]{}&*!|>\'"%@`#?,~ \n\tab1') }),
      tree.map((value) => stringify(value)),
      // The example, cut and joined anew.
      fc
        .tuple(fc.nat(EXAMPLE.length), fc.nat(EXAMPLE.length), fc.string({ maxLength: 12 }))
        .map(([from, to, between]) => EXAMPLE.slice(0, from) + between + EXAMPLE.slice(to)),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        const { config, faults } = parseConfig(yaml, FILE);
        if (config !== null) return;
        expect(faults.length).toBeGreaterThan(0);
        for (const { what, cure, line } of faults) {
          expect(what).not.toBe('');
          expect(cure).not.toBe('');
          if (line !== null) expect(line).toBeLessThanOrEqual(yaml.split(/\r\n|\r|\n/).length);
        }
      }),
      { seed: 11, numRuns: 3000 },
    );
  });

  it.each([
    [
      'sections of another shape',
      (v: unknown) => stringify({ stations: v, connectors: v, lines: v, site: v }),
    ],
    [
      'stations of another shape',
      (v: unknown) => stringify({ stations: [v, { input: v, choices: [v], gate: v }] }),
    ],
  ])('is found in %s', (_, write) => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), (value) => {
        const plain: unknown = JSON.parse(
          JSON.stringify(value, (_k, v) => (typeof v === 'bigint' ? 1 : v)) ?? '0',
        );
        expect(parseConfig(write(plain), FILE).faults?.length).toBeGreaterThan(0);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  it.each([
    ['nested without end', '['.repeat(20_000)],
    ['a list that holds itself', 'site: &a [*a]'],
    ['aliases of aliases', bomb()],
    ['a mapping as a key', '? { a: 1 }\n: 2'],
    ['a key of a page', `${'k'.repeat(5000)}: 1`],
  ])('is a value where YAML is abused: %s', (_, text) => {
    const sentences = said(text);
    expect(sentences.length).toBeGreaterThan(0);
    expect(Math.max(...sentences.map((sentence) => sentence.length))).toBeLessThan(600);
  });
});

function bomb(): string {
  const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1)
    rows.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
  return rows.join('\n');
}

describe('a configuration', () => {
  it('comes with every default, absolute paths, sizes in bytes and the hash of its text', () => {
    const config = good(EXAMPLE);
    expect(config.folder).toBe('/srv/data');
    expect(config.source).toEqual({
      file: FILE,
      hash: createHash('sha256').update(EXAMPLE).digest('hex'),
    });
    expect(config.connectors[0]).toMatchObject({ kind: 'http', largest: 20_000_000 });
    expect(config.stations.map(({ input, model }) => ({ input, model }))).toEqual([
      {
        input: { connector: 'press-2', kind: 'http', stream: 'press-fit' },
        model: { from: 'fit', recipe: 'auto', fitUnits: 400 },
      },
      {
        input: {
          ...{ connector: 'camera-1', kind: 'folder', folder: '/srv/camera-1/out', pattern: '*_top.png' },
          frame: null,
        },
        model: {
          from: 'file',
          file: '/srv/models/surface.onnx',
          manifest: '/srv/models/surface.onnx.json',
        },
      },
    ]);
    expect(config.retention.budgets).toEqual({ image: 200e9, series: 20e9 });
  });

  it('starts a gate with the settings that it allows', () => {
    const [first] = good(
      EXAMPLE.replace(
        '{ plannedUnits: 600 }',
        '{ auditFloorAccept: 0.02, weightedAudits: true, expiryDays: 30 }',
      ),
    ).stations;
    const settings = gateSettingsOf(first!);
    expect(settings).toMatchObject({
      auditFloorAccept: 0.02,
      weightedAudits: true,
      expiryMs: 30 * 86_400_000,
    });
    const budget = { escapeRate: 0.005, overkillRate: 0, confidence: 0.95, contract: 'per-unit' } as const;
    const plan = { budget, signedBy: 'q', reason: 'r', safety: false, plannedUnits: null, rampThreshold: 1 };
    expect(startGate({ ...plan, scope: 'p', settings }, { atMs: 0 }).name).toBe('shadow');
  });

  it('is turned into what the pipeline wants', () => {
    const [first, second] = good(EXAMPLE).stations.map((one) => liveStationOf(one, good(EXAMPLE)));
    expect(first).toMatchObject({ decideMs: 1500, answerMs: 60_000, undoMs: 2000, part: 'bushing' });
    expect(first?.channels).toEqual([
      { name: 'force', unit: 'kN' },
      { name: 'depth', unit: 'mm' },
    ]);
    expect(second).toMatchObject({ part: null, safety: true, channels: [], mostWaiting: 20 });
  });

  it.each([
    ['127.0.0.1', '', true],
    ['0.0.0.0', '', false],
    ['0.0.0.0', 'access: { address: https://selvedge.plant.example }', true],
    ['127.0.0.1', 'access: { passkeys: false }', false],
  ])('has passkeys where they can work: %s %s', (host, access, passkeys) => {
    const text = EXAMPLE.slice(0, EXAMPLE.indexOf('access:')).replace('127.0.0.1', host) + access;
    expect(good(text).access.passkeys).toBe(passkeys);
  });

  it('knows the line of every place', () => {
    const parsed = parseConfig(EXAMPLE, FILE);
    if (parsed.faults) throw new Error('the example is sound');
    const line = (path: (string | number)[]) => EXAMPLE.split('\n')[(parsed.lineOf(path) ?? 0) - 1]?.trim();
    expect(line(['stations', 1, 'model', 'file'])).toBe('model: { file: models/surface.onnx }');
    expect(line(['stations', 1, 'gate', 'absent'])).toBe('gate: { safety: true }');
    expect(line(['retention'])).toBe('retention:');
  });

  it('may use anchors for whole values', () => {
    const text = EXAMPLE.replace('takt: { deadlineMs: 1500', 'takt: &usual { deadlineMs: 1500').replace(
      'takt: { deadlineMs: 800, otherwise: divert }',
      'takt: *usual',
    );
    expect(good(text).stations[1]?.takt).toEqual({ deadlineMs: 1500, otherwise: 'hold' });
  });
});

describe('a file', () => {
  const write = async (bytes: string | Uint8Array): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'selvedge-config-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'site.yaml');
    await writeFile(file, bytes);
    return file;
  };

  it('is read, with a byte order mark and CRLF as well', async () => {
    const file = await write(`\uFEFF${EXAMPLE.replaceAll('\n', '\r\n')}`);
    const { config } = await loadConfig(file);
    expect(config?.folder).toBe(join(file, '..', 'data'));
  });

  it('that cannot be read says why', async () => {
    await expect(loadConfig('/nowhere/site.yaml')).rejects.toMatchObject({ code: 'no-config' });
    await expect(loadConfig(tmpdir())).rejects.toThrow(/is a folder\. Name the YAML file/);
    await expect(loadConfig(await write(Uint8Array.of(0x61, 0xff, 0xfe)))).rejects.toMatchObject({
      code: 'not-text',
    });
    await expect(loadConfig(await write('#'.repeat(2_000_001)))).rejects.toMatchObject({
      code: 'config-too-large',
    });
  });
});
