import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runDemo } from './demo-run.js';
import { makeLineModel } from './line-model.js';

/** Processes below this one, with their own, except the one that looks. */
function below(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-e', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const children = rows.filter(([, parent, name]) => Number(parent) === pid && name !== 'ps');
  return children.flatMap(([child]) => [Number(child), ...below(Number(child))]);
}

it('the demo that is told to stop ends everything that it began', { timeout: 180_000 }, async () => {
  const modelFolder = await mkdtemp(join(tmpdir(), 'selvedge-demo-model-'));
  onTestFinished(() => rm(modelFolder, { recursive: true, force: true }));
  await makeLineModel(modelFolder, 20);
  const before = new Set(below(process.pid));
  const stop = new AbortController();
  let said = '';
  const options = { seed: 5, minutes: 5, speed: 60, port: 0, headless: true, modelFolder };
  const ended = runDemo(options, {
    signal: stop.signal,
    say: (text) => {
      said += text;
      // Both machines, the site and its connectors run by now.
      if (said.includes('gates shut')) setTimeout(() => stop.abort(), 3000);
    },
  });
  const document = await ended;
  expect(document).toMatchObject({ origin: 'simulated', timeFactor: 60 });
  expect(document.plants[0]?.covers.made).toBeGreaterThan(0);
  expect(document.plants[0]?.safetyLeave).toBe(0);
  expect(below(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
});
