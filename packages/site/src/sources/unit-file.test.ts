import { execFileSync } from 'node:child_process';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantFolder } from '../../test/plant.js';
import { idOfName, readUnitFile, roleOf } from './unit-file.js';

/** Of every POSIX system; no package brings it. */
const PIPE = 'mkfifo';
const SERIES = { kind: 'series' as const, channels: [{ name: 'force', unit: 'kN' }] };

async function seen(folder: string, name: string) {
  const { size, mtimeMs } = await stat(join(folder, name));
  return { name, bytes: size, mtimeMs };
}

describe('the file of a unit', () => {
  it('is read only where it is a plain file, and still the one that was looked at', async () => {
    const folder = await plantFolder();
    await writeFile(join(folder, 'secret'), '1\n2\n');
    await writeFile(join(folder, 'a.csv'), '1\n2\n');
    const state = await seen(folder, 'a.csv');
    expect(await readUnitFile(folder, state, SERIES)).toMatchObject({
      what: 'unit',
      fault: null,
      unit: { id: 'a', observation: { kind: 'series' }, sourceAtMs: Math.round(state.mtimeMs) },
    });
    const look = async (name: string, other = {}) =>
      (await readUnitFile(folder, { ...(await seen(folder, name)), ...other }, SERIES)).what;
    // Put in its place after the look: a link to somewhere else, a folder, a pipe on which nobody writes.
    await symlink(join(folder, 'secret'), join(folder, 'link.csv'));
    expect(await look('link.csv')).toBe('changed');
    await mkdir(join(folder, 'x.csv'));
    expect(await look('x.csv')).toBe('changed');
    execFileSync(PIPE, [join(folder, 'pipe.csv')]);
    expect(await look('pipe.csv')).toBe('changed');
    expect(await look('a.csv', { bytes: 3 })).toBe('changed');
    expect(await look('a.csv', { mtimeMs: 5 })).toBe('changed');
    expect(await look('a.csv', { name: 'gone.csv' })).toBe('gone');
  });

  it('has the role and the id of its name', () => {
    const roles = ['a.png', 'A.JPG', 'a.png.part', '~a.png', '.a.png', 'a.json', 'a.csv', 'a'];
    expect(roles.map((name) => roleOf(name, 'image'))).toEqual([
      ...['unit', 'unit', 'unfinished', 'unfinished', 'unfinished', 'side', 'other', 'other'],
    ]);
    expect(roleOf('a.csv', 'row')).toBe('unit');
    expect(idOfName('2026-01-05 a.b.png')).toBe('2026-01-05 a.b');
    const [one, two] = ['x', 'y'].map((end) => idOfName(`${'n'.repeat(230)}${end}.png`));
    expect(one).toHaveLength(200);
    expect(one).not.toBe(two);
  });
});
