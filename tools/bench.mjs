// `npm run bench`: speed and the promises in numbers, each from this run. `npm run bench -- NAME …` runs some of it.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT, say, setup } from './setup.mjs';

const known = readdirSync(join(ROOT, 'tools/bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();
const asked = process.argv.slice(2);
const strange = asked.filter((name) => !known.includes(name));
if (strange.length > 0) {
  say(`selvedge: no bench is called ${strange.join(', ')}. There are: ${known.join(', ')}`);
  process.exit(2);
}
await setup();
const cores = availableParallelism();
const before = loadavg()[0];
const rows = [];
const broken = [];
for (const name of asked.length > 0 ? asked : known) {
  say(`${name} …`);
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'tools/bench-one.ts'), join(ROOT, `tools/bench/${name}.ts`)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 2], encoding: 'utf8' },
  );
  if (status === 0) rows.push(...JSON.parse(stdout));
  else broken.push(name);
}
print();
const missed = rows.filter((row) => verdict(row) === 'MISSED').length;
for (const name of broken) say(`selvedge: the bench ${name} failed (see above)`);
process.exitCode = missed > 0 || broken.length > 0 ? 1 : 0;

function verdict({ value, limit }) {
  if (limit === undefined) return '';
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = limit;
  // A figure that is no number keeps no limit.
  return value >= atLeast && value <= atMost ? 'ok' : 'MISSED';
}

function print() {
  const cells = rows.map((row) => [
    row.name,
    `${shown(row.value)} ${row.unit}`.trim(),
    limitOf(row),
    verdict(row),
    row.note ?? '',
  ]);
  const table = [['what', 'measured', 'limit', '', 'note'], ...cells];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...table.map((line) => line[at].length)));
  for (const line of table) {
    process.stdout.write(`${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
    process.stdout.write('\n');
  }
  const after = loadavg()[0];
  const limits = rows.filter((row) => row.limit !== undefined);
  const missed = limits.filter((row) => verdict(row) === 'MISSED').length;
  process.stdout.write(
    `\n${limits.length - missed} of ${limits.length} limits kept, ${missed} missed. ` +
      `Node ${process.versions.node}, ${cores} cores (${cpus()[0]?.model ?? 'unknown'}), ` +
      `load average ${before.toFixed(2)} before, ${after.toFixed(2)} after\n`,
  );
  // The bench itself keeps about one core busy on average; only what was there before it is somebody else's.
  if (before > 0.25 * cores) {
    process.stdout.write(
      `The machine was busy before the bench began (load ${before.toFixed(2)} on ${cores} cores): times are too long and rates too low; ratios are measured in turn and hold better\n`,
    );
  }
}

function limitOf({ limit }) {
  if (limit === undefined) return '';
  return limit.atLeast === undefined ? `<= ${shown(limit.atMost)}` : `>= ${shown(limit.atLeast)}`;
}

function shown(value) {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
