import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connect, Journal, openDatabase } from '@selvedge/store';
import { describe, expect, it } from 'vitest';
import { ownFolder } from '../../test/access/kit.js';
import { NO_SMALL_DISK, smallDisk } from '../../test/small-disk.js';
import { examine } from './examine.js';
import { cureOf } from './finding.js';
import { diskFree, node, sqlite } from './machine.js';
import { lastTime, writer } from './record.js';

const look = (folder: string) => examine({ folder, config: null, configFaults: [], packs: [], deep: false });
const openJournal = (folder: string, nowMs = Date.now()) => Journal.open(folder, { nowMs: () => nowMs });

describe('the doctor', () => {
  it('names nothing but what is wrong, and what to do about it', async () => {
    const findings = await look(await ownFolder());
    for (const { state, means, cure } of findings) {
      expect(means === null).toBe(state === 'ok');
      expect(cure === null).toBe(state === 'ok');
    }
    expect(findings.filter(({ state }) => state === 'fault')).toEqual([]);
    expect(findings.at(-1)!.what).toContain('has no journal yet');
  });

  it('tells a site at work from one that was cut off and one that ended in good order', async () => {
    const folder = await ownFolder();
    const journal = await openJournal(folder);
    expect(writer(folder)).toMatchObject({ state: 'ok', what: 'a site is at work on this record' });
    // What a kill leaves behind: the log beside the file, and a lock that nobody holds.
    const killed = join(folder, 'killed');
    await mkdir(killed);
    for (const name of ['journal.sqlite', 'journal.sqlite-wal', 'journal.sqlite.lock'])
      await copyFile(join(folder, name), join(killed, name));
    expect(writer(killed)).toMatchObject({ state: 'warning', what: expect.stringContaining('was cut off') });
    await journal.close();
    expect(writer(folder).what).toContain('ended in good order');
  });

  it('sees that the clock was put back', async () => {
    const folder = await ownFolder();
    await (await openJournal(folder, Date.UTC(2027, 0, 1))).close();
    expect(lastTime(folder, Date.UTC(2027, 0, 2))).toMatchObject({ state: 'ok' });
    expect(lastTime(folder, Date.UTC(2026, 0, 1))).toMatchObject({
      state: 'warning',
      what: 'the newest row is of 2027-01-01T00:00:00.000Z, and the clock of this machine says 2026-01-01T00:00:00.000Z',
      cure: expect.stringContaining('date -u'),
    });
  });

  it('refuses an old SQLite with the cure for it', async () => {
    const old: Connect = (file) => {
      const real = openDatabase(file);
      return {
        exec: (sql) => real.exec(sql),
        prepare: (sql) => real.prepare(sql.replace('sqlite_version()', `'3.45.1'`)),
        close: () => real.close(),
      };
    };
    expect(await sqlite(await ownFolder(), old)).toMatchObject({
      state: 'fault',
      what: expect.stringContaining('SQLite 3.45.1 can lose data'),
      cure: 'Install the dependencies anew (npm ci): the driver brings its own SQLite',
    });
  });

  it('says of an old Node.js what to install', () => {
    expect(node('18.20.0')).toMatchObject({ state: 'fault', cure: 'Install Node.js 20.19 or later' });
    expect(node('22.1.0')).toMatchObject({ state: 'ok' });
  });

  it('says what the floors mean, and does not offer a floor that nobody may set', async () => {
    const folder = await ownFolder();
    const free = (await diskFree(folder, { softFloorBytes: 0, hardFloorBytes: 0 })).state;
    expect(free).toBe('ok');
    const below = await diskFree(folder, { softFloorBytes: 2e15, hardFloorBytes: 1e15 });
    expect(below).toMatchObject({
      state: 'fault',
      means: expect.stringContaining('until somebody begins anew'),
    });
    expect(await diskFree(folder, { softFloorBytes: 1e15, hardFloorBytes: 0 })).toMatchObject({
      state: 'warning',
    });
  });

  it.skipIf(process.getuid?.() === 0)('names the right that is missing', async () => {
    const folder = join(await ownFolder(), 'data');
    await mkdir(folder);
    await chmod(folder, 0o500);
    const [fault] = (await look(folder)).filter(({ check }) => check === 'sqlite');
    expect(fault!.cure).toBe(
      `Run it as the user of the site, or give this one the right to write in ${folder}`,
    );
  });

  it('knows the cure of every way in which a disk refuses', () => {
    const error = (code: string, message = code) => Object.assign(new Error(message), { code });
    expect(cureOf(error('EACCES'), '/srv')).toContain('Run it as the user of the site');
    expect(cureOf(error('EROFS'), '/srv')).toContain('for writing');
    expect(cureOf(error('ENOSPC'), '/srv')).toContain('Make room');
    expect(cureOf(error('ERR_SQLITE_ERROR', 'database or disk is full'), '/srv')).toContain('Make room');
    expect(cureOf(error('EWHATEVER'), '/srv')).toBeNull();
  });

  it.skipIf(NO_SMALL_DISK !== null)(
    'says of a disk that is really full that room is what is missing',
    async () => {
      const disk = smallDisk(20);
      await (await openJournal(disk.path)).close();
      await disk.fill();
      const faults = (await look(disk.path)).filter(({ state }) => state === 'fault');
      expect(faults.map(({ check }) => check)).toEqual(['sqlite', 'disk-latency', 'disk-free']);
      for (const { cure } of faults) {
        expect(cure).toContain('Make room');
        expect(cure).not.toMatch(/right|lower/);
      }
    },
  );
});
