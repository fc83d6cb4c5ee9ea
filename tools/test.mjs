// `npm test`: everything that must hold before a change lands. The last line counts it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run, say, setup } from './setup.mjs';

// The count is the last line however the run ends: a set-up that stops is one failure.
let line = '0 passed, 1 failed, 0 skipped';
process.on('exit', () => process.stdout.write(`${line}\n`));
setup();
needChromium();
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
const counts = join(tmpdir(), `selvedge-test-counts-${process.pid}.json`);
const code = run(bin('vitest'), ['run', '--coverage', ...process.argv.slice(2)], {
  env: { ...process.env, SELVEDGE_TEST_COUNTS: counts },
});
const tests = existsSync(counts)
  ? JSON.parse(readFileSync(counts, 'utf8'))
  : { passed: 0, failed: 1, skipped: 0 };
rmSync(counts, { force: true });
// Vitest also fails on a missed coverage threshold or an error outside of a test: that is one failure more.
if (code !== 0 && tests.failed === 0) tests.failed = 1;
process.exitCode = failed + tests.failed > 0 ? 1 : 0;
line = `${passed + tests.passed} passed, ${failed + tests.failed} failed, ${tests.skipped} skipped`;

/** The browser test needs a browser; where root and apt are there it is installed, elsewhere the test skips. */
function needChromium() {
  if (existsSync('/usr/bin/chromium')) return;
  const root = process.getuid?.() === 0;
  const apt = existsSync('/usr/bin/apt-get');
  if (!root || !apt) {
    say('skip: no Chromium and no way to install it here (needs root and apt); the browser tests will skip');
    return;
  }
  say('Installing Chromium for the browser tests …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2], env });
  if (
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], {
      env,
    }) !== 0
  ) {
    say('skip: Chromium could not be installed; the browser tests will skip');
  }
}
