import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { progressLine } from './progress.js';

const BIN = fileURLToPath(new URL('../bin/selvedge.mjs', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../docs/site.example.yaml', import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });

describe('somebody who does not know the commands', () => {
  it.each([
    [['doctr'], "unknown command 'doctr'. Did you mean doctor? See: selvedge --help"],
    [['site', '--prot', '3'], "unknown option '--prot'. Did you mean --port? See: selvedge site --help"],
    [['verify'], "missing required argument 'path'. See: selvedge verify --help"],
    [['study', 'wafer-map'], 'there is no study "wafer-map". Did you mean wafer-maps? Studies: '],
  ])('is told the closest word and where to look: %j', (args, said) => {
    const { status, stderr, stdout } = run(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`selvedge: ${said}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('may stop reading: a command ends as it would have', async () => {
    const child = spawn(process.execPath, [BIN, 'help', 'replay'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (bytes) => {
      said += bytes;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, said]).toEqual([0, '']);
  });

  it.skipIf(process.platform !== 'linux')('is told where the output cannot be written', () => {
    const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'check', '--file-only', EXAMPLE, '--json'], {
      stdio: [...stdio],
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('the output cannot be written');
  });

  it('is told of a port that another program has, and that it is no fault of the program', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const folder = mkdtempSync(join(tmpdir(), 'selvedge-port-'));
    const file = `${folder}/site.yaml`;
    writeFileSync(
      file,
      `
site: { id: t, name: Test, origin: live, timezone: Etc/UTC }
folder: ./data
listen: { port: ${port} }
lines: [{ id: north, name: North }]
connectors: [{ id: press, kind: http, path: /in/press }]
stations:
  - id: press-1
    name: Press 1
    line: north
    observation: { kind: score }
    model: { recipe: score }
    choices: [{ label: good, bad: false }, { label: crack, bad: true }]
    input: { connector: press }
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000 }
`,
    );
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [BIN, 'site', file]);
      let said = '';
      child.stderr.on('data', (bytes) => {
        said += bytes;
      });
      child.once('close', (code) => resolve({ status: code, stderr: said }));
    });
    expect(status).toBe(2);
    expect(stderr).toContain('Another program has that port');
    expect(stderr).not.toContain('fault in Selvedge');
  });
});

describe('progress', () => {
  const shown = (columns: number): string[] => {
    const written: string[] = [];
    let at = 0;
    const line = progressLine({ isTTY: true, columns, write: (text: string) => written.push(text) }, () => {
      at += 1000;
      return at;
    });
    line.show(0.5, 'a step with a name that is long');
    line.clear();
    return written;
  };

  it('is one line of a terminal however narrow, and taken back whole', () => {
    expect(shown(80)[0]).toBe('a step with a name that is long 50 %');
    expect(shown(20)[0]).toHaveLength(19);
    expect(shown(20).at(-1)).toBe('\r\x1b[2K');
  });
});
