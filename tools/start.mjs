// `npm start`: the main job. Without arguments the built-in line runs under a site server and its console;
// `npm start -- DATA` replays DATA.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, setup } from './setup.mjs';

setup();
const given = process.argv.slice(2);
const commands = [
  'site',
  'simulate',
  'demo',
  'replay',
  'check',
  'report',
  'verify',
  'rebuild',
  'doctor',
  'connector',
  'study',
  'help',
  '--help',
  '-h',
];
const args = given.length === 0 ? ['site'] : commands.includes(given[0]) ? given : ['replay', ...given];
const child = spawn(process.execPath, [join(ROOT, 'packages/cli/bin/selvedge.mjs'), ...args], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 3 : (code ?? 3);
});
