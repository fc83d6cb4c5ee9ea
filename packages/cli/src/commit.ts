import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The commit of a checkout, with `+changes` where files differ from it; null outside of one. */
export async function commitOf(root: string): Promise<string | null> {
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', root, ...args], { timeout: 5000 });
  try {
    const { stdout: commit } = await git('rev-parse', 'HEAD');
    const { stdout: changes } = await git('status', '--porcelain', '--untracked-files=no');
    return `${commit.trim()}${changes.trim() === '' ? '' : '+changes'}`;
  } catch {
    return null;
  }
}
