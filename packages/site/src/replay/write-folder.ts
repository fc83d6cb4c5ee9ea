import { mkdir, mkdtemp, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputFault } from '../faults.js';

/** The folders that are missing on the way to `target`, deepest first. */
async function missing(target: string): Promise<string[]> {
  const list: string[] = [];
  for (let at = target; (await stat(at).catch(() => null)) === null && dirname(at) !== at; at = dirname(at))
    list.push(at);
  return list;
}

/**
 * Writes all files or none: into a folder of its own first, then each is renamed into place. Older files of
 * other names in `folder` are kept; a folder that was made in vain is taken away again. Throws {@link InputFault} `unwritable-output` with what to change.
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const target = resolve(folder);
  let staging: string | undefined;
  const made = await missing(target);
  try {
    await mkdir(target, { recursive: true });
    staging = await mkdtemp(join(target, '.selvedge-'));
    for (const [name, content] of files) await writeFile(join(staging, name), content, { flush: true });
    for (const name of files.keys()) await rename(join(staging, name), join(target, name));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const why: Record<string, string> = {
      EACCES: 'you may not write there',
      EROFS: 'that file system is read-only',
      ENOSPC: 'the disk is full',
      ENOTDIR: 'a part of that path is a file',
      EEXIST: 'a file of that name is in the way',
    };
    const message = `cannot write the report to ${folder}: ${why[code] ?? code}. Choose another folder with --out`;
    throw new InputFault({ code: 'unwritable-output', message, file: folder, cause });
  } finally {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true });
    // What stands empty was made in vain; the rest stays.
    for (const at of made) await rmdir(at).catch(() => {});
  }
}

/** Checks at the start of a long run that its end can be written, and leaves nothing behind. */
export const checkWritable = (folder: string): Promise<void> => writeFolder(folder, new Map());
