import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Why no file system of its own can be mounted here, or null where one can. */
export const NO_SMALL_DISK: string | null = (() => {
  if (process.platform !== 'linux') return 'a small file system is mounted on Linux only';
  const at = mkdtempSync(join(tmpdir(), 'selvedge-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'pipe' });
    execFileSync('umount', [at], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `this user may not mount a file system (${String((error as Error).message).split('\n')[0]})`;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
})();

/** A real file system of so many MB, gone after the test, and what fills it up to the last byte and empties it. */
export function smallDisk(megabytes: number): {
  readonly path: string;
  readonly fill: () => Promise<void>;
  readonly empty: () => Promise<void>;
} {
  const path = mkdtempSync(join(tmpdir(), 'selvedge-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', path]);
    rmSync(path, { recursive: true, force: true });
  });
  const filler = join(path, 'others');
  return {
    path,
    fill: async () => {
      const file = await open(filler, 'a');
      try {
        for (const size of [1 << 20, 4096]) {
          const block = Buffer.alloc(size, 1);
          for (;;) {
            const written = await file.write(block).catch(() => null);
            if (written === null || written.bytesWritten < size) break;
          }
        }
      } finally {
        await file.close();
      }
    },
    empty: () => rm(filler, { force: true }),
  };
}
