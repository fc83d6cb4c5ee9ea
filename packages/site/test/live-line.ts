import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposition } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { Blobs, Journal } from '@selvedge/store';
import { onTestFinished } from 'vitest';
import { PROJECTIONS } from '../src/folds/index.js';
import type { SiteClock } from '../src/live/clock.js';
import { type LiveOptions, LiveStation } from '../src/live/live-station.js';
import type { InstalledModel } from '../src/live/model.js';
import { Secrets } from '../src/live/secrets.js';
import type { StationConfig } from '../src/live/station-config.js';

/** Time that stands still until it is moved. */
export class HandClock implements SiteClock {
  wall = Date.UTC(2026, 0, 5, 6);
  steady = 1000;
  nowMs = (): number => this.wall;
  steadyMs = (): number => this.steady;
  pass(ms: number): void {
    this.wall += ms;
    this.steady += ms;
  }
}

/** Scores made elsewhere: the one value of a row is its score. */
export const givenScores = (more: Partial<InstalledModel> = {}): InstalledModel => ({
  hash: 'a'.repeat(64),
  name: 'given',
  classes: null,
  middle: 0,
  rampThreshold: null,
  scorer: {
    score: async (units: readonly Observation[]) =>
      units.map((unit) => ({ score: unit.kind === 'row' ? (unit.values[0] ?? Number.NaN) : Number.NaN })),
    heat: async () => null,
    [Symbol.asyncDispose]: async () => {},
  },
  ...more,
});

export const CONFIG: StationConfig = {
  id: 'press-1',
  name: 'Press 1',
  line: 'north',
  part: 'bracket',
  choices: [
    { label: 'good', bad: false },
    { label: 'crack', bad: true },
  ],
  channels: [],
  decideMs: 500,
  answerMs: 60_000,
  undoMs: 2000,
  otherwise: 'hold',
  mostWaiting: 1000,
  safety: false,
  plannedUnits: null,
  doubleReadShare: 0,
  seedShare: 0,
  settings: {},
};

/** A station on a real journal, with what it told the equipment. */
export async function liveLine(more: Partial<LiveOptions> = {}, into?: string) {
  const folder = into ?? (await mkdtemp(join(tmpdir(), 'selvedge-live-')));
  if (into === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clock = (more.clock as HandClock | undefined) ?? new HandClock();
  const journal = await Journal.open(folder, { nowMs: clock.nowMs, projections: PROJECTIONS });
  onTestFinished(() => journal.close());
  const blobs = await Blobs.open(folder, journal.db);
  const secrets = await Secrets.open(folder);
  const sent: { id: string; disposition: Disposition }[] = [];
  const logged: string[] = [];
  let ids = 0;
  const station = new LiveStation({
    config: CONFIG,
    ...{ journal, blobs, clock },
    model: givenScores(),
    secret: Buffer.alloc(32, 7),
    output: async ({ id, disposition }) => {
      sent.push({ id, disposition });
      return 'done';
    },
    newId: () => `q-${clock.steady}-${ids++}`,
    log: (event) => logged.push(event),
    ...more,
  });
  onTestFinished(() => station.close());
  const arrive = (id: string, score: number, lot: string | null = null) =>
    station.arrive({
      id,
      observation: { kind: 'row', values: Float64Array.of(score) },
      context: { shift: 'early' },
      lot,
      sourceAtMs: null,
    });
  const kinds = (unit: string) => journal.read({ subject: unit, limit: 50 }).map((row) => row.kind);
  return { folder, clock, journal, blobs, secrets, station, sent, logged, arrive, kinds };
}
