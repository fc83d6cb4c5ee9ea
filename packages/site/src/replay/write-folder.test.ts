import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFolder } from './write-folder.js';

describe('writeFolder', () => {
  it('writes every file and leaves nothing else behind', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'out-')), 'deep', 'report');
    await writeFolder(
      folder,
      new Map([
        ['a.txt', 'A'],
        ['b.txt', 'B'],
      ]),
    );
    expect((await readdir(folder)).sort()).toEqual(['a.txt', 'b.txt']);
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('A');
  });
  it('says what to change where a file is in the way', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'out-')), 'file');
    await writeFile(file, 'x');
    await expect(writeFolder(join(file, 'sub'), new Map([['a', 'A']]))).rejects.toMatchObject({
      code: 'unwritable-output',
      message: expect.stringContaining('--out'),
    });
  });
});
