import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a thread of this package. From sources it is TypeScript and needs the loader; built, it is plain JS.
 * @param entry of the thread as it is called when built, `….js`.
 */
export function openThread(entry: URL, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(entry, { workerData });
  const loader = new URL('index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')))
    .href;
  const source = entry.href.replace(/\.js$/, '.ts');
  const code = `import(${JSON.stringify(loader)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(source)}); });`;
  return new Worker(code, { workerData, eval: true, execArgv: ['--conditions=@selvedge/source'] });
}
