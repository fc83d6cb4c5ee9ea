import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { fitModel, openScorer } from '@selvedge/models';
import { Blobs, Journal } from '@selvedge/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONFIG, givenScores, HandClock } from '../../test/live-line.js';
import { PROJECTIONS } from '../folds/index.js';
import { LiveSite, type LiveSiteOptions } from './live-site.js';
import { signBudget } from './signing.js';

const BUDGET = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };
const YEAR_MS = 365 * 86_400_000;

async function plant(more: Partial<LiveSiteOptions> = {}, into?: string) {
  const folder = into ?? (await mkdtemp(join(tmpdir(), 'selvedge-plant-')));
  if (into === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clock = (more.clock as HandClock | undefined) ?? new HandClock();
  const journal = await Journal.open(folder, { nowMs: clock.nowMs, projections: PROJECTIONS });
  onTestFinished(() => journal.close());
  const blobs = await Blobs.open(folder, journal.db);
  const released: string[] = [];
  const live = await LiveSite.open({
    ...{ folder, journal, blobs, clock },
    stations: [CONFIG, { ...CONFIG, id: 'press-2', name: 'Press 2' }],
    models: new Map([
      ['press-1', givenScores()],
      ['press-2', givenScores()],
    ]),
    output: () => async (unit) => {
      released.push(unit.id);
      return 'done';
    },
    retention: { budgets: {}, softFloorBytes: 0, hardFloorBytes: 0, first: [] },
    log: () => undefined,
    ...more,
  });
  onTestFinished(() => live.close());
  const arrive = (station: string, id: string, score = 0) =>
    live.arrive(station, {
      id,
      observation: { kind: 'row', values: Float64Array.of(score) },
      context: {},
      lot: null,
      sourceAtMs: null,
    });
  const sign = (station: string) =>
    signBudget(
      live.station(station),
      { budget: BUDGET, plannedUnits: 100, user: 'user:q', reason: 'trial' },
      { journal, secrets: live.secrets, clock },
    );
  return { folder, clock, journal, live, arrive, sign, released };
}

describe('a plant', () => {
  it('writes down a clock that was stepped by a year, and its deadlines do not notice', async () => {
    const { clock, journal, live, arrive, released } = await plant();
    await arrive('press-1', 'a');
    await live.station('press-1').idle();
    clock.wall += YEAR_MS;
    await live.lookAtClock();
    await live.lookAtClock();
    expect(journal.read({ kind: 'clock-stepped', limit: 9 }).map((row) => row.body)).toEqual([
      { byMs: YEAR_MS },
    ]);
    await live.station('press-1').answers.sweep();
    expect(released).toEqual([]);
    clock.pass(CONFIG.answerMs);
    await live.station('press-1').answers.sweep();
    expect(released).toEqual(['a']);
    clock.wall -= 2 * YEAR_MS;
    await live.lookAtClock();
    expect(journal.read({ kind: 'clock-stepped', limit: 9 })).toHaveLength(2);
  });

  it('does not let the trouble of one station stall another', async () => {
    const stuck = givenScores();
    const { live, arrive } = await plant({
      models: new Map([
        [
          'press-1',
          { ...stuck, scorer: { ...stuck.scorer, score: () => new Promise<never>(() => undefined) } },
        ],
        ['press-2', givenScores()],
      ]),
    });
    const slow = arrive('press-1', 'slow');
    const from = performance.now();
    await arrive('press-2', 'quick');
    await live.station('press-2').idle();
    expect(performance.now() - from).toBeLessThan(CONFIG.decideMs / 2);
    expect(live.station('press-2').answers.questions.list()).toHaveLength(1);
    await slow;
    await live.station('press-1').idle();
    expect(
      live
        .station('press-1')
        .answers.questions.list()
        .map(({ reason }) => reason),
    ).toEqual(['no-score']);
  });

  it('starts a crashed scorer again after a pause; its units go to people meanwhile, and another station goes on', async () => {
    const observation = { kind: 'row' as const, values: Float64Array.of(1) };
    const graph = await fitModel([{ id: 'a', label: 'good', observation }], { recipe: 'score', seed: 1 });
    const workers: Worker[] = [];
    let killing = false;
    const seen = (worker: Worker): void => {
      workers.push(worker);
      if (killing) void worker.terminate();
    };
    process.on('worker', seen);
    onTestFinished(() => void process.off('worker', seen));
    const scorer = await openScorer(graph, { workers: 1 });
    onTestFinished(() => scorer[Symbol.asyncDispose]());
    const { live, arrive, journal } = await plant({
      stations: [
        { ...CONFIG, decideMs: 20_000 },
        { ...CONFIG, id: 'press-2', name: 'Press 2' },
      ],
      models: new Map([
        ['press-1', { ...givenScores(), scorer }],
        ['press-2', givenScores()],
      ]),
    });
    const decided = async (station: string, id: string): Promise<unknown> => {
      await arrive(station, id, 3);
      await live.station(station).idle();
      const [row] = journal.read({ kind: 'decided', subject: id, limit: 1 });
      return (row!.body as { score: number | null }).score;
    };
    expect(await decided('press-1', 'before')).toBe(3);
    killing = true;
    await workers[0]!.terminate();
    for (let n = 0; n < 3; n++) {
      expect(await decided('press-1', `lost ${n}`)).toBeNull();
      expect(await decided('press-2', `other ${n}`)).toBe(3);
    }
    const { questions } = live.station('press-1').answers;
    expect(questions.list().filter(({ reason }) => reason === 'no-score')).toHaveLength(3);
    killing = false;
    const started = workers.length;
    // The pause holds even where units keep coming, and then it works again by itself.
    for (let n = 0; ; n++) {
      if ((await decided('press-1', `again ${n}`)) === 3) break;
      expect(n).toBeLessThan(200);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(workers.length - started).toBeLessThanOrEqual(2);
  }, 60_000);

  it('closes its gates once when the disk falls below the hard floor, says so in one row before, and waits for a person when there is room', async () => {
    let freeBytes = 150_000_000;
    const { live, sign, journal } = await plant({
      retention: { budgets: {}, softFloorBytes: 0, hardFloorBytes: 100_000_000, first: [] },
      freeBytes: async () => freeBytes,
    });
    const rows = (kind: string) => journal.read({ kind, limit: 9 });
    await sign('press-1');
    await live.space.look();
    expect([rows('space-short'), live.space.trouble()]).toEqual([[], null]);
    freeBytes = 80_400_000;
    await live.space.look();
    await live.space.look();
    await live.space.keep();
    expect(rows('space-short').map(({ body }) => body)).toEqual([
      { freeBytes, floorBytes: 100_000_000, closed: ['press-1'] },
    ]);
    expect(live.station('press-1').gate).toMatchObject({
      name: 'closed',
      reason: 'the journal cannot commit: the disk has 80 MB left, below the hard floor of 100 MB',
    });
    expect(live.station('press-2').gate).toBeNull();
    expect(rows('transition')).toHaveLength(1);
    expect(rows('space-short')[0]!.seq).toBeLessThan(rows('transition')[0]!.seq);
    expect(live.space.trouble()).toEqual({
      code: 'store-short',
      part: null,
      values: { free: 80, floor: 100 },
    });
    // A gate that somebody begins anew meanwhile is closed again, and the row names it.
    await sign('press-2');
    await live.space.look();
    expect(rows('space-short').map(({ body }) => (body as { closed: string[] }).closed)).toEqual([
      ['press-1'],
      ['press-2'],
    ]);
    // At the floor it does not go to and fro.
    freeBytes = 105_000_000;
    await live.space.look();
    expect(rows('space-back')).toEqual([]);
    freeBytes = 120_000_000;
    await live.space.look();
    await live.space.look();
    expect(rows('space-back').map(({ body }) => body)).toEqual([{ freeBytes }]);
    expect(live.space.trouble()).toBeNull();
    expect(live.station('press-1').gate).toMatchObject({ name: 'closed' });
  });

  it('closes a gate whose audit secret is gone: it could not audit as it promised', async () => {
    const first = await plant();
    await first.sign('press-1');
    await first.sign('press-2');
    await first.live.close();
    await first.journal.close();
    await rm(join(first.folder, 'secrets'), { recursive: true });
    const again = await plant({ clock: first.clock }, first.folder);
    for (const id of ['press-1', 'press-2']) {
      expect(again.live.station(id).gate).toMatchObject({ name: 'closed' });
      expect(again.live.station(id).gate!.reason).toContain('secret');
    }
  });

  it('knows its stations, and which of them asks', async () => {
    const { live, arrive } = await plant();
    expect(() => live.station('press-9')).toThrow(/no station press-9/);
    await arrive('press-2', 'a');
    await live.station('press-2').idle();
    const [question] = live.station('press-2').answers.questions.list();
    expect(live.stationOf(question!.id)).toBe(live.station('press-2'));
    expect(live.stationOf('none')).toBeNull();
  });
});
