import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkWritable, writeFolder } from './write-folder.js';

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
  it('takes away the folders that it made in vain, and no other', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'out-'));
    await mkdir(join(parent, 'own'));
    const long = 'x'.repeat(300);
    await expect(writeFolder(join(parent, 'own', 'new', long), new Map([['a', 'A']]))).rejects.toMatchObject({
      code: 'unwritable-output',
    });
    await expect(
      writeFolder(join(parent, 'own', 'new', 'deep'), new Map([[join('no', 'such'), 'A']])),
    ).rejects.toMatchObject({ code: 'unwritable-output' });
    expect(await readdir(join(parent, 'own'))).toEqual([]);
  });
});

describe('checkWritable', () => {
  it('leaves nothing behind, and what stood there before as it was', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'out-'));
    await checkWritable(join(parent, 'deep', 'report'));
    expect(await readdir(parent)).toEqual([]);
    await mkdir(join(parent, 'empty'));
    await checkWritable(join(parent, 'empty'));
    await writeFile(join(parent, 'empty', 'old.txt'), 'x');
    await checkWritable(join(parent, 'empty'));
    expect(await readdir(join(parent, 'empty'))).toEqual(['old.txt']);
  });
  it('refuses a folder below a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'out-')), 'file');
    await writeFile(file, 'x');
    await expect(checkWritable(join(file, 'sub'))).rejects.toMatchObject({ code: 'unwritable-output' });
  });
});
