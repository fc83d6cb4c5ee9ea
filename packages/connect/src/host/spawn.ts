import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Starts the process of a connector. From sources it is TypeScript and needs the loader; built, it is plain JavaScript. */
export function spawnChild(): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(source ? './child.ts' : './child.js', import.meta.url));
  const loader = source ? pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href : null;
  return fork(entry, [], {
    serialization: 'advanced',
    execArgv: loader === null ? [] : ['--import', loader, '--conditions=@selvedge/source'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
