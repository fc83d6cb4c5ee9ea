import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputFault } from '../faults.js';

/**
 * Writes all files or none: into a folder of its own first, then each is renamed into place. Older files of
 * other names in `folder` are kept. Throws {@link InputFault} `unwritable-output` with what to change.
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  const target = resolve(folder);
  let staging: string | undefined;
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
  }
}

/** Checks at the start of a long run that its end can be written. */
export async function checkWritable(folder: string): Promise<void> {
  await writeFolder(folder, new Map());
  const probe = join(resolve(folder), '.selvedge-write-test');
  try {
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    const message = `cannot write to ${folder}: ${(cause as NodeJS.ErrnoException).code}. Choose another folder with --out`;
    throw new InputFault({ code: 'unwritable-output', message, file: folder, cause });
  }
}
