// `npm start`: the main job. Without arguments the simulated line and its story run under a site server and its console;
// `npm start -- --built-in` runs the quiet built-in line instead, `npm start -- DATA` replays DATA.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, setup } from './setup.mjs';

await setup({ check: false });
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
const args = argsOf(given);
const child = spawn(process.execPath, [join(ROOT, 'packages/cli/bin/selvedge.mjs'), ...args], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 3 : (code ?? 3);
});

function argsOf([first, ...rest]) {
  if (first === undefined) return ['demo'];
  if (first === '--built-in') return ['site', ...rest];
  return [...(commands.includes(first) ? [] : ['replay']), first, ...rest];
}
