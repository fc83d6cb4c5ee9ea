import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { type DemoDocument, runDemo } from './demo-run.js';
import { lineModel } from './line-model.js';
import { MOMENT_IDS } from './moments.js';
import type { Told } from './story.js';

/** By its place: a program that is called elsewhere would look for it there. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const FROM_SOURCE = fileURLToPath(new URL('./from-source.ts', import.meta.url));
/** Long for a machine that is busy; the story itself takes .3 minutes. */
const LONG = 360_000;

/** Processes below this one, with their own, except the one that looks. */
function below(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-e', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const children = rows.filter(([, parent, name]) => Number(parent) === pid && name !== 'ps');
  return children.flatMap(([child]) => [Number(child), ...below(Number(child))]);
}

const runs = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
};

let work = '';
/** Where the command, called there, looks for its model. */
const modelFolder = () => join(work, 'selvedge-out', 'demo-model');

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'selvedge-demo-test-'));
  await lineModel(modelFolder(), 12).there;
  return () => rm(work, { recursive: true, force: true });
}, LONG);

it('tells every moment of the story with figures, labels them simulated, and leaves nothing behind', {
  timeout: LONG,
}, async () => {
  const before = new Set(below(process.pid));
  const { signal } = new AbortController();
  const options = { seed: 5, minutes: 0.3, speed: 60, port: 0, headless: true, modelFolder: modelFolder() };
  const document: DemoDocument = await runDemo(options, { signal, say: () => {} });
  expect(below(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
  expect(document).toMatchObject({ origin: 'simulated', timeFactor: 60, minutes: 0.3 });
  expect(document.moments.filter(({ failed }) => failed !== undefined)).toEqual([]);
  const told = new Map(document.moments.map(({ moment, told: one }) => [moment, one]));
  expect([...told.keys()].sort()).toEqual([...MOMENT_IDS].sort());
  const of = <M extends Told['moment']>(moment: M) => told.get(moment) as Extract<Told, { moment: M }>;
  expect(of('seam').units.length).toBe(4);
  expect(of('thread-lot').lease).toMatchObject({ target: 'm1/tension/trim', bounds: [-40, 40] });
  expect(of('thread-lot').after.n).toBeGreaterThan(0);
  expect(of('curve').points.length).toBeGreaterThan(0);
  // The broker was away: what machine 2 sewed had no verdict then, and all of it has one now.
  const cut = of('cut');
  expect(cut.sewnWithout).toBeGreaterThan(0);
  expect(cut.toldAfterwards + cut.waiting).toBe(cut.sewnWithout);
  expect(cut.verdictsWithout).toBe(0);
  // The second plant began with its gates shut.
  expect(document.plants.map(({ plant }) => plant)).toEqual(['a', 'b']);
  expect(of('second-plant').gates.map(({ automatic }) => automatic)).toEqual([0, 0, 0]);
  const [home] = document.plants;
  expect(home?.covers.made).toBeGreaterThan(10);
  expect(home?.withoutLeave.all.interval).toHaveLength(2);
  expect(
    home?.settings.every(({ better, betterInterval: [low, high] }) => better.n >= 0 && low <= high),
  ).toBe(true);
  expect(document.plants.map(({ safetyLeave }) => safetyLeave)).toEqual([0, 0]);
});

it('takes its children along when it is killed without a word', { timeout: LONG }, async () => {
  const args = ['--conditions=@selvedge/source', '--import', TSX, FROM_SOURCE, 'demo', '--headless'];
  const demo: ChildProcess = spawn(process.execPath, [...args, '--minutes', '5'], {
    cwd: work,
    env: { ...process.env, NODE_PATH: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void demo.kill('SIGKILL'));
  let said = '';
  demo.stderr?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await expect.poll(() => said, { timeout: LONG - 60_000, interval: 200 }).toContain('Plant A sews');
  const family = below(demo.pid ?? 0);
  // The line, its broker with its keeper, and three connectors of the site that runs in the demo itself.
  expect(family.length).toBeGreaterThanOrEqual(4);
  demo.kill('SIGKILL');
  await expect.poll(() => family.filter(runs), { timeout: 30_000, interval: 250 }).toEqual([]);
});
