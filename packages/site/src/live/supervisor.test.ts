import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Trouble, troubleInWords } from '@selvedge/core/records';
import { Journal } from '@selvedge/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../test/plant.js';
import { systemClock } from './clock.js';
import { pause, Supervisor } from './supervisor.js';

async function watched(random = () => 0.5) {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-parts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const journal = await Journal.open(folder, { nowMs: () => Math.round(systemClock.nowMs()) });
  onTestFinished(() => journal.close());
  const pauses: number[] = [];
  const supervisor = new Supervisor({
    journal,
    clock: systemClock,
    random,
    firstMs: 8,
    longestMs: 40,
    log: (event, { afterMs }) => event === 'part-crashed' && pauses.push(Number(afterMs)),
  });
  onTestFinished(() => supervisor.close());
  const rows = () => journal.read({ kind: 'part', limit: 100 }).map(({ body }) => body);
  return { supervisor, journal, rows, pauses };
}

const words = (all: Trouble[]) => all.map((one) => troubleInWords(one, 'en'));

describe('a supervised part', () => {
  it('is started again after a growing, jittered pause, and every turn is written once', async () => {
    const { supervisor, rows, pauses } = await watched();
    let runs = 0;
    const part = {
      name: 'source a',
      station: 's',
      run: async ({ up, signal }: Parameters<Parameters<Supervisor['watch']>[0]['run']>[0]) => {
        runs += 1;
        if (runs <= 5) throw new Error('the cable is out');
        await up('it reads');
        await up('it reads');
        await pause(60_000, signal);
      },
    };
    await supervisor.watch(part);
    expect(words(supervisor.troubles('s'))).toEqual(['source a: the cable is out; it is tried again']);
    expect(supervisor.troubles('other')).toEqual([]);
    await until(() => runs === 6 && rows().length === 2);
    expect(supervisor.troubles('s')).toEqual([]);
    // Each pause lies at three quarters of its doubling with this jitter, and is never longer than the longest.
    expect(pauses).toEqual([6, 12, 24, 30, 30]);
    expect(rows()).toEqual([
      { part: 'source a', state: 'restarting', why: 'the cable is out' },
      { part: 'source a', state: 'up', why: 'it reads' },
    ]);
    expect(() => supervisor.watch(part)).toThrow(/runs already/);
  });

  it('draws its pauses between half and the whole', async () => {
    const draws = [0, 1, 0.25];
    const { supervisor, pauses } = await watched(() => draws[pauses.length] ?? 0);
    await supervisor.watch({ name: 'p', station: 's', run: () => Promise.reject(new Error('no')) });
    await until(() => pauses.length >= 3);
    expect(pauses.slice(0, 3)).toEqual([4, 16, 20]);
  });

  it('takes nothing along when it fails, and ends with the site', async () => {
    const { supervisor, rows } = await watched();
    let stopped = false;
    await Promise.all([
      supervisor.watch({ name: 'bad', station: 's', run: () => Promise.reject('no error at all') }),
      supervisor.watch({
        name: 'good',
        station: 's',
        run: async ({ up, down, trouble, note, signal }) => {
          await up();
          await down('the folder is away');
          await up();
          trouble('x', 'three files wait');
          await note('a file changed');
          await pause(60_000, signal);
          stopped = true;
        },
      }),
      supervisor.watch({ name: 'done', station: 's', run: async () => {} }),
    ]);
    await until(() => rows().length === 5);
    expect(words(supervisor.troubles('s')).sort()).toEqual([
      'bad: no error at all; it is tried again',
      'good: three files wait',
    ]);
    expect(rows().filter((row) => (row as { part: string }).part === 'good')).toMatchObject([
      { state: 'up' },
      { state: 'down', why: 'the folder is away' },
      { state: 'up' },
      { state: 'up', why: 'a file changed' },
    ]);
    await supervisor.close();
    expect(stopped).toBe(true);
  });

  it('goes on where the journal takes no row', async () => {
    const { supervisor, journal } = await watched();
    await journal.close();
    let runs = 0;
    await supervisor.watch({
      name: 'p',
      station: 's',
      run: async () => {
        runs += 1;
        throw new Error(`no ${runs}`);
      },
    });
    await until(() => runs >= 3);
  });
});
