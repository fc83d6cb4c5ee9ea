import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputFault, nearest } from '@selvedge/site';
import { commitOf } from './commit.js';
import { openSteps, type Step } from './study-steps.js';

/** What a study file exports. */
interface Study {
  run(options: {
    seed: number;
    runs?: number | undefined;
    progress: (done: number, what: string) => void;
    /** Makes one part, or takes it from an interrupted run. */
    step: Step;
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
        : `there is no study "${name}". ${meant(name, names)}Studies: ${names.join(', ')}`;
    throw new InputFault({ code: 'unknown-study', message });
  }
  const { tsImport } = await import('tsx/esm/api');
  const study = (await tsImport(pathToFileURL(join(FOLDER, `${name}.ts`)).href, import.meta.url)) as Study;
  const startedAt = new Date();
  const commit = await commitOf(ROOT);
  const partial = join(options.out, `${name}-seed${options.seed}-runs${options.runs ?? 'all'}.partial`);
  const { step, resumed, finish } = await openSteps(partial, commit);
  const figures = await study.run({ ...options, step });
  const result = {
    study: name,
    date: startedAt.toISOString(),
    commit,
    resumedParts: resumed,
    seed: options.seed,
    node: process.version,
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    ...figures,
  };
  await mkdir(options.out, { recursive: true });
  const file = join(options.out, `${name}-${startedAt.toISOString().slice(0, 10)}-seed${options.seed}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  await finish();
  return { file, result };
}

function meant(name: string, names: readonly string[]): string {
  const close = nearest(name, names);
  return close === null ? '' : `Did you mean ${close}? `;
}
