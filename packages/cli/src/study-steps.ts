import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes one part of a study, or takes it from an earlier, interrupted run. Parts are plain JSON. */
export type Step = <T>(key: string, make: () => Promise<T>) => Promise<T>;

/**
 * Parts of a study in a file of JSON lines beside its result. A stopped study goes on where it was, unless the
 * commit is another one: then it begins anew. A line that a kill cut short is made again.
 */
export async function openSteps(
  file: string,
  commit: string | null,
): Promise<{ step: Step; resumed: number; finish: () => Promise<void> }> {
  const known = new Map<string, unknown>();
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const part = parsed(line);
    if (part !== null && part.commit === commit) known.set(part.key, part.value);
  }
  if (known.size === 0) await rm(file, { force: true });
  await mkdir(dirname(file), { recursive: true });
  return {
    resumed: known.size,
    step: async <T>(key: string, make: () => Promise<T>): Promise<T> => {
      if (known.has(key)) return known.get(key) as T;
      const value = await make();
      await appendFile(file, `\n${JSON.stringify({ commit, key, value })}\n`);
      return value;
    },
    finish: () => rm(file, { force: true }),
  };
}

function parsed(line: string): { commit: string | null; key: string; value: unknown } | null {
  if (line === '') return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
