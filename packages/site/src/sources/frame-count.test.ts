import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Journal } from '@selvedge/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROJECTIONS } from '../folds/index.js';
import { factOf } from '../live/facts.js';
import type { Heart } from '../live/supervisor.js';
import { FrameCount } from './frame-count.js';

const LATE_MS = 40;

/** A count over a journal that holds units with these frames already. */
async function counting(before: readonly { camera?: string; frame?: number }[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-frames-'));
  const journal = await Journal.open(folder, { nowMs: () => Date.now(), projections: PROJECTIONS });
  onTestFinished(async () => {
    await journal.close();
    await rm(folder, { recursive: true });
  });
  const observation = { kind: 'row' as const, blob: null, bytes: 0, channels: null, values: [1] };
  const about = { station: 'st', observation, lot: null, part: null, sourceAtMs: null, deadlineAtMs: 0 };
  for (const [i, context] of before.entries())
    await journal.append(factOf('arrived', { subject: `u${i}`, atMs: i, body: { ...about, context } }));
  const frames = new FrameCount({ station: 'st', journal, log: () => {}, lateMs: LATE_MS });
  const notes: string[] = [];
  const troubles = new Map<string, unknown>();
  const stop = new AbortController();
  const heart: Heart = {
    ...{ signal: stop.signal, up: async () => {}, down: async () => {} },
    trouble: (name, what) => void troubles.set(name, what),
    note: async (why) => void notes.push(why),
  };
  const running = frames.part().run(heart);
  const take = (...numbers: number[]): void => {
    for (const frame of numbers) frames.take({ camera: '', frame });
  };
  return { frames, take, notes, troubles, stop, running };
}

describe('frames of a camera', () => {
  it('that come in their order, or a little late, are all there', async () => {
    const { frames, take, notes } = await counting();
    take(7, 8, 11, 9, 10, 12);
    await wait(2 * LATE_MS);
    expect([frames.dropped, notes]).toEqual([0, []]);
  });

  it('that never come are counted by camera, and told once', async () => {
    const { frames, notes, troubles } = await counting();
    for (const frame of [1, 2, 5]) frames.take({ camera: 'left', frame });
    for (const frame of [1, 2, 3, 5000]) frames.take({ camera: 'right', frame });
    await wait(2 * LATE_MS);
    expect(frames.dropped).toBe(2 + 4996);
    expect(notes).toEqual([
      '2 of the frames between 2 and 5 of left never came: as many units were seen by nobody',
      '4996 of the frames between 3 and 5000 of right never came: as many units were seen by nobody',
    ]);
    expect([...troubles.values()]).toEqual([
      '2 frames of left were dropped since the site started: as many units were seen by nobody',
      '4996 frames of right were dropped since the site started: as many units were seen by nobody',
    ]);
  });

  it('that come again or far below count nothing as dropped; a camera that begins anew is followed from there', async () => {
    const { frames, take, notes } = await counting();
    take(2000, 2001, 2001, 3, 4, 6);
    await wait(2 * LATE_MS);
    expect(notes).toEqual([
      'frame 2001 came after frame 2001, and not in its place',
      'the camera counts anew: frame 3 came after 2001',
      '1 of the frames between 4 and 6 never came: as many units were seen by nobody',
    ]);
    expect(frames.dropped).toBe(1);
  });

  it('that were dropped while nobody was there are counted from the units in the journal', async () => {
    const { frames } = await counting([{ frame: 4 }, { camera: 'left', frame: 40 }, { frame: 5 }, {}]);
    frames.take({ camera: 'left', frame: 43 });
    frames.take({ camera: '', frame: 6 });
    await wait(2 * LATE_MS);
    expect(frames.dropped).toBe(2);
  });

  it('that are missing when the site stops are told before it does', async () => {
    const { take, notes, stop, running } = await counting();
    take(1, 3);
    stop.abort();
    await running;
    expect(notes).toEqual(['1 of the frames between 1 and 3 never came: as many units were seen by nobody']);
  });
});
