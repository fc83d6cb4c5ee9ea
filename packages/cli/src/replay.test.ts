import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReplayDocument, replayDocumentSchema, replayErrorSchema } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import { describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/selvedge.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'selvedge-cli-'));

/** The built program, as a person runs it. `npm test` builds before it tests. */
function selvedge(...args: string[]) {
  const out = join(folder, `out-${Math.abs(hash(args.join(' ')))}`);
  const all = ['replay', ...args, ...(args.includes('--out') ? [] : ['--out', out])];
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...all], { encoding: 'utf8' });
  return { status, stdout, stderr, out };
}

const hash = (text: string): number =>
  [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 7);

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Scores of 1,500 units, 8 % bad; `label` may change what a unit is called. */
function scores(label: (id: number, bad: boolean) => boolean = (_, bad) => bad): string {
  const random = createRandom(3);
  const rows = Array.from({ length: 1500 }, (_, i) => {
    const bad = random.next() < 0.08;
    const score = random.normal() + (bad ? 3.2 : 0);
    return `u${i},${label(i, bad) ? 'scratch' : 'good'},${score},${i}`;
  });
  return `id,label,score,time\n${rows.join('\n')}\n`;
}

/** A folder of 60 small pictures of noise, 12 of them bad, as bitmaps: no encoder is needed. */
function grains(): string {
  const pictures = mkdtempSync(join(folder, 'grains-'));
  const random = createRandom(5);
  for (const [label, count] of [
    ['good', 48],
    ['scratch', 12],
  ] as const) {
    mkdirSync(join(pictures, label));
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.alloc(54 + 16 * 16 * 3);
      bytes.write('BM');
      bytes.writeUInt32LE(bytes.length, 2);
      bytes.writeUInt32LE(54, 10);
      bytes.writeUInt32LE(40, 14);
      bytes.writeInt32LE(16, 18);
      bytes.writeInt32LE(16, 22);
      bytes.writeUInt16LE(1, 26);
      bytes.writeUInt16LE(24, 28);
      for (let at = 54; at < bytes.length; at++) bytes[at] = random.below(256);
      writeFileSync(join(pictures, label, `${i}.bmp`), bytes);
    }
  }
  return pictures;
}

function decisions(out: string): Map<string, Record<string, string>> {
  const [head, ...rows] = readFileSync(join(out, 'decisions.csv'), 'utf8').trim().split('\n');
  const names = head!.split(',');
  return new Map(
    rows.map((row) => {
      const cells = Object.fromEntries(row.split(',').map((cell, i) => [names[i]!, cell]));
      return [cells.id!, cells];
    }),
  );
}

const table = file('scores.csv', scores());

describe('selvedge replay', () => {
  it('prints exactly the documented document, writes the report and exits 0 where the gate opened', () => {
    const { status, stdout, stderr, out } = selvedge(table, '--escape', '0.02', '--json');
    const document: ReplayDocument = replayDocumentSchema.parse(JSON.parse(stdout));
    expect(status, stderr).toBe(0);
    expect(document.gate.state).toBe('open');
    expect(document.stream.automatic + document.stream.asked).toBe(document.stream.units);
    expect(document.interventions.after).toBeCloseTo(
      (document.stream.asked + document.stream.audits) / document.stream.units,
      12,
    );
    expect(readdirSync(out).sort()).toEqual(['decisions.csv', 'report.html', 'report.json']);
    const seen = [...decisions(out).values()];
    const passed = seen.filter((d) => d.call === 'pass' && d.audited === 'false');
    expect(passed.filter((d) => d.label !== 'good')).toHaveLength(document.stream.escapes);
  });

  it('gives the same bytes for the same input and seed, timings apart', () => {
    const strip = (text: string) => text.replace(/"(fitMs|scoreMsMedian)": ?[\d.e-]+/g, '');
    const [a, b] = ['a', 'b'].map((n) => selvedge(table, '--seed', '4', '--out', join(folder, n)));
    expect(a!.status).toBe(b!.status);
    for (const name of ['report.json', 'decisions.csv']) {
      const [one, other] = ['a', 'b'].map((n) => readFileSync(join(folder, n, name), 'utf8'));
      expect(strip(one!)).toBe(strip(other!));
    }
  });

  it('shows the gate no label of a unit that nobody looked at', () => {
    const first = selvedge(table, '--escape', '0.02');
    const before = decisions(first.out);
    const unseen = new Set(
      [...before.values()].filter((d) => d.by === 'gate' && d.audited === 'false').map((d) => d.id),
    );
    expect(unseen.size).toBeGreaterThan(100);
    const flipped = file(
      'flipped.csv',
      scores((id, bad) => (unseen.has(`u${id}`) ? !bad : bad)),
    );
    const after = decisions(selvedge(flipped, '--escape', '0.02').out);
    for (const [id, { label: _, ...decision }] of before) expect(after.get(id), id).toMatchObject(decision);
  });

  it('stays in shadow per pass where the labels are shuffled, says why and exits 1', () => {
    const random = createRandom(9);
    const shuffled = file(
      'shuffled.csv',
      scores(() => random.next() < 0.08),
    );
    const { status, stdout } = selvedge(shuffled, '--contract', 'per-pass', '--escape', '0.01', '--json');
    expect(status).toBe(1);
    const { gate, stream } = replayDocumentSchema.parse(JSON.parse(stdout));
    expect(['shadow', 'closed']).toContain(gate.state);
    expect(gate.reason).toContain('do not prove');
    expect(stream.automatic).toBe(0);
    // No trial bounds nothing.
    expect(stream.escapeUpper).toBe(1);
  });

  it('asks a person about a damaged row and goes on', () => {
    const lines = scores().split('\n');
    lines[1400] = 'u1399,good,not-a-number,1399';
    lines[1401] = 'u1400,good,NaN,1400';
    const { status, stdout, out } = selvedge(
      file('damaged.csv', lines.join('\n')),
      '--escape',
      '0.02',
      '--json',
    );
    expect(status).toBe(0);
    expect(decisions(out).get('u1399')).toMatchObject({ by: 'person', call: 'ask', score: '' });
    expect(decisions(out).get('u1400')).toMatchObject({ by: 'person', call: 'ask' });
    const { warnings } = replayDocumentSchema.parse(JSON.parse(stdout));
    expect(warnings.map((w) => w.code)).toContain('damaged-items');
  });

  it('rejects automatically only where an overkill budget was given', () => {
    const with_ = selvedge(table, '--escape', '0.02', '--overkill', '0.02', '--json');
    expect(JSON.parse(with_.stdout).gate.reject).toBeGreaterThan(0);
    const without = selvedge(table, '--escape', '0.02', '--json');
    expect(JSON.parse(without.stdout).gate.reject).toBeNull();
  });

  it('promises nothing of escapes where only rejects were certified', () => {
    const budgets = ['--escape', '0.001', '--overkill', '0.02', '--contract', 'per-pass'];
    const { stdout, out } = selvedge(table, ...budgets, '--json');
    const { gate, stream } = replayDocumentSchema.parse(JSON.parse(stdout));
    expect(gate).toMatchObject({ state: 'open', accept: null, certificate: { escapeUpper: 1 } });
    expect(stream.automatic).toBeGreaterThan(0);
    expect([stream.escapes, stream.escapeUpper]).toEqual([0, 1]);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Certificate (none)');
  });
});

/** Tells when the program listens to interrupts. */
const listener = file(
  'listener.mjs',
  `process.on('newListener', (name) => name === 'SIGINT' && process.stderr.write('listening\\n'));\n`,
);

describe('bad input', () => {
  const wide = `label,${Array.from({ length: 100_000 }, (_, i) => `f${i}`).join(',')}\n`;
  it.each([
    ['a path that is not there', join(folder, 'nowhere'), 'no-such-data', /does not exist/],
    ['an empty folder', mkdtempSync(join(tmpdir(), 'selvedge-empty-')), 'empty', /class folders/],
    ['an empty file', file('empty.csv', ''), 'empty', /is empty/],
    [
      'a binary file',
      file(
        'binary.csv',
        Uint8Array.from({ length: 300 }, (_, i) => i % 256),
      ),
      'not-a-table',
      /binary/,
    ],
    ['no label column', file('nolabel.csv', 'x,y\n1,2\n'), 'no-label-column', /no column "label"/],
    [
      'one class only',
      file('one.csv', 'label,a\ngood,1\ngood,2\n'),
      'one-class',
      /Add units of the other class/,
    ],
    ['a row of 100,000 columns', file('wide.csv', wide), 'too-many-columns', /at most 20000 columns/],
    ['duplicate ids', file('dup.csv', 'id,label,a\nx,good,1\nx,bad,2\n'), 'duplicate-id', /stands twice/],
    ['an unknown split', file('split.csv', 'label,split,a\ngood,later,1\n'), 'unknown-split', /is none of/],
  ])('%s: exit 2, what to change, no stack', (_, data, code, words) => {
    const { status, stdout, stderr, out } = selvedge(data, '--json');
    expect(status).toBe(2);
    const { error } = replayErrorSchema.parse(JSON.parse(stdout));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ['an unknown option', ['--bogus'], /unknown option/],
    ['a rate out of range', ['--escape', '2'], /--escape takes a number/],
    ['an unknown recipe', ['--recipe', 'magic'], /Allowed choices/],
    ['an output below a file', ['--out', join(table, 'sub')], /Choose another folder with --out/],
    ['a column that is not there', ['--group', 'lot'], /is no column/],
  ])('%s: exit 2 and a clear message', (_, args, words) => {
    const { status, stderr } = selvedge(table, ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
  });

  it.each([
    ['a file that is no network', file('notes.onnx', 'no network'), /is not an ONNX model/],
    ['a file that is not there', join(folder, 'nowhere.onnx'), /there is no such file/],
  ])('as --backbone %s: exit 2 and a clear line', (_, backbone, words) => {
    const { status, stderr, stdout, out } = selvedge(grains(), '--backbone', backbone, '--json');
    expect(status, stderr).toBe(2);
    const { error } = replayErrorSchema.parse(JSON.parse(stdout));
    expect(error.code).toBe('wrong-backbone');
    expect(error.message).toContain(backbone);
    expect(error.message).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(join(out, 'report.html'))).toBe(false);
  });

  it('an interrupt: exit 2, nothing written, nothing left behind', async () => {
    const out = join(folder, 'interrupted');
    const spools = () => readdirSync(tmpdir()).filter((n) => /^selvedge-[A-Za-z0-9]{6}$/.test(n)).length;
    const before = spools();
    const random = createRandom(7);
    const rows = Array.from({ length: 20_000 }, (_, i) =>
      [i % 9 ? 'good' : 'bad', ...Array.from({ length: 12 }, () => random.normal().toFixed(6))].join(','),
    );
    const names = Array.from('abcdefghijkl').join(',');
    const long = file('long.csv', `label,${names}\n${rows.join('\n')}\n`);
    const child = spawn(process.execPath, ['--import', listener, BIN, 'replay', long, '--out', out], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    let asked = false;
    const code = await new Promise<number | null>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk;
        if (asked || !stderr.includes('listening')) return;
        // In the middle of its work. Once: a second interrupt ends a program at once, as people expect.
        asked = true;
        setTimeout(() => child.kill('SIGINT'), 700);
      });
      child.on('exit', resolve);
    });
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('interrupted');
    expect(existsSync(out)).toBe(false);
    expect(spools()).toBe(before);
  });

  it('an interrupt while the program still loads ends in the same words', async () => {
    const out = join(folder, 'early');
    const child = spawn(process.execPath, ['--import', listener, BIN, 'replay', table, '--out', out], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    let asked = false;
    const code = await new Promise<number | null>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk;
        if (!asked && stderr.includes('listening')) asked = child.kill('SIGINT');
      });
      child.on('exit', resolve);
    });
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('interrupted');
    expect(existsSync(out)).toBe(false);
  });
});
