// `npm test`: everything that must hold before a change lands. The last line counts it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run, say, setup } from './setup.mjs';

// The count is the last line however the run ends: a set-up that stops is one failure.
let line = '0 passed, 1 failed, 0 skipped';
process.on('exit', () => process.stdout.write(`${line}\n`));
await setup();
needTools();
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
const checks = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types of sources', bin('tsc'), ['-b']],
  ['types of tests', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['unused code and dependencies', bin('knip'), []],
];
let passed = 0;
let failed = 0;
for (const [name, command, args] of checks) {
  const code = run(command, args);
  say(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (code === 0) passed++;
  else failed++;
}
// Code under measurement runs at half the speed: only the tests of core are, and they alone must reach all of it.
const more = process.argv.slice(2);
const parts =
  more.length > 0
    ? [more]
    : [
        ['--coverage', 'packages/core/'],
        ['--exclude', 'packages/core/**'],
      ];
const tests = { passed: 0, failed: 0, skipped: 0 };
for (const part of parts) {
  const counts = join(tmpdir(), `selvedge-test-counts-${process.pid}.json`);
  const code = run(bin('vitest'), ['run', ...part], {
    env: { ...process.env, SELVEDGE_TEST_COUNTS: counts },
  });
  const own = existsSync(counts)
    ? JSON.parse(readFileSync(counts, 'utf8'))
    : { passed: 0, failed: 1, skipped: 0 };
  rmSync(counts, { force: true });
  // Vitest also fails on a missed coverage threshold or an error outside of a test: that is one failure more.
  if (code !== 0 && own.failed === 0) own.failed = 1;
  for (const name of Object.keys(tests)) tests[name] += own[name];
}
process.exitCode = failed + tests.failed > 0 ? 1 : 0;
line = `${passed + tests.passed} passed, ${failed + tests.failed} failed, ${tests.skipped} skipped`;

/** Programs of others that tests hold Selvedge against; where root and apt are there they are installed, elsewhere their tests skip. */
function needTools() {
  const tools = [
    { file: '/usr/bin/chromium', packages: ['chromium', 'fonts-noto-cjk'], tests: 'the browser tests' },
    { file: '/usr/bin/promtool', packages: ['prometheus'], tests: 'the check of the figures for Prometheus' },
    { file: '/usr/bin/cc', packages: ['gcc', 'libc6-dev'], tests: 'the power cut' },
    {
      ...{ file: '/usr/sbin/mosquitto', packages: ['mosquitto', 'mosquitto-clients'] },
      tests: 'MQTT with a broker of others',
    },
    { file: '/usr/bin/mbpoll', packages: ['mbpoll'], tests: 'Modbus with a client of others' },
    {
      file: '/usr/lib/python3/dist-packages/pymodbus/__init__.py',
      ...{
        packages: ['python3-pymodbus', 'python3-serial-asyncio'],
        tests: 'Modbus with a device of others',
      },
    },
    { file: '/usr/bin/tshark', packages: ['tshark'], tests: 'the witness of frames on the wire' },
    {
      file: '/usr/lib/python3/dist-packages/paho/mqtt/client.py',
      ...{ packages: ['python3-paho-mqtt'], tests: 'MQTT with a client of others' },
    },
  ];
  const missing = tools.filter(({ file }) => !existsSync(file));
  if (missing.length === 0) return;
  const names = missing.map(({ tests }) => tests).join(', ');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`skip: ${names}: what they need is not here, and installing it needs root and apt`);
    return;
  }
  say(`Installing what ${names} need …`);
  // No service may start by itself.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2], env });
  for (const { packages, tests } of missing) {
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    if (run('apt-get', args, { env }) !== 0)
      say(`skip: ${tests}: ${packages.join(', ')} could not be installed`);
  }
}
