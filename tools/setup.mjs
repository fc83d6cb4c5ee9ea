// Makes a fresh clone ready: checks Node, installs what package-lock.json names, builds what is older than its
// source. Uses nothing but Node, prints progress on stderr, and does nothing where nothing is to do.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MIN_NODE = [20, 19];

export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a command with its output on stderr; returns its exit code. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options });
  if (error) say(`selvedge: cannot run ${command}: ${error.message}`);
  return status ?? 1;
}

/**
 * @param check false: builds without looking at types, which takes a third of the time; what lands is checked by `npm test`.
 */
export async function setup({ check = true } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    say(
      `selvedge: needs Node ${MIN_NODE.join('.')} or later, this is ${process.versions.node}. Install a newer Node`,
    );
    process.exit(2);
  }
  if (newest(join(ROOT, 'package-lock.json')) > newest(join(ROOT, 'node_modules', '.package-lock.json'))) {
    say('Installing dependencies (once, about half a minute) …');
    // Install scripts are not needed: every binary ships inside its package.
    const code = run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' },
    });
    if (code !== 0) {
      say('selvedge: npm ci failed. Check the network and run again; nothing else was changed');
      process.exit(3);
    }
  }
  // Neither needs the other: the console is built from sources.
  const built = await Promise.all([buildRooms(check), buildConsole()]);
  if (built.includes(false)) {
    say('selvedge: the build failed (see above)');
    process.exit(3);
  }
}

/** Everything that runs in Node, where it is older than its source; false where that fails. */
async function buildRooms(check) {
  const missing = rooms().some((room) => !existsSync(join(room, 'dist')));
  if (!missing && !staleBuild()) return true;
  say('Building …');
  // tsc trusts its build record and writes nothing where only the output is gone.
  const args = [...(missing ? ['--force'] : []), ...(check ? [] : ['--noCheck'])];
  return runBeside(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', ...args]);
}

/** The pages of the console, where they are older than their source; false where that fails. */
async function buildConsole() {
  const room = join(ROOT, 'packages/console');
  const page = join(room, 'dist-web/index.html');
  const sources = ['src', 'index.html', 'public', 'vite.config.ts', 'package.json'];
  const source = Math.max(...sources.map((name) => newest(join(room, name))));
  if (!existsSync(join(room, 'vite.config.ts')) || newest(page) > source) return true;
  say('Building the console …');
  return runBeside('npm', ['run', 'build', '--silent', '-w', '@selvedge/console']);
}

/** Runs a command beside others, with its output on stderr; true where it did its work. */
function runBeside(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    child.once('error', (error) => {
      say(`selvedge: cannot run ${command}: ${error.message}`);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
}

function rooms() {
  return ['packages', 'packs']
    .flatMap((kind) => readdirSync(join(ROOT, kind)).map((name) => join(ROOT, kind, name)))
    .filter((room) => existsSync(join(room, 'src')));
}

function staleBuild() {
  return rooms().some((room) => newest(join(room, 'src')) > newest(join(room, 'tsconfig.tsbuildinfo')));
}

/** Latest modification below a path; 0 where it is missing. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
