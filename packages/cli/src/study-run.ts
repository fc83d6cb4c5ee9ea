import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputFault } from '@selvedge/site';
import { commitOf } from './commit.js';

/** What a study file exports. */
interface Study {
  run(options: {
    seed: number;
    runs?: number | undefined;
    progress: (done: number, what: string) => void;
  }): Promise<object>;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = join(ROOT, 'tools', 'studies');

/** Names of the studies of this checkout. */
export async function listStudies(): Promise<string[]> {
  const files = await readdir(FOLDER).catch(() => []);
  return files
    .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
    .map((f) => f.slice(0, -3))
    .sort();
}

export async function runStudy(
  name: string,
  options: {
    seed: number;
    runs: number | undefined;
    out: string;
    progress: (done: number, what: string) => void;
  },
): Promise<{ file: string; result: object }> {
  const names = await listStudies();
  if (!names.includes(name)) {
    const message =
      names.length === 0
        ? 'studies run from a checkout of the source: none is here'
        : `there is no study "${name}". Studies: ${names.join(', ')}`;
    throw new InputFault({ code: 'unknown-study', message });
  }
  const { tsImport } = await import('tsx/esm/api');
  const study = (await tsImport(pathToFileURL(join(FOLDER, `${name}.ts`)).href, import.meta.url)) as Study;
  const startedAt = new Date();
  const figures = await study.run({ seed: options.seed, runs: options.runs, progress: options.progress });
  const result = {
    study: name,
    date: startedAt.toISOString(),
    commit: await commitOf(ROOT),
    seed: options.seed,
    node: process.version,
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    ...figures,
  };
  await mkdir(options.out, { recursive: true });
  const file = join(options.out, `${name}-${startedAt.toISOString().slice(0, 10)}-seed${options.seed}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return { file, result };
}
