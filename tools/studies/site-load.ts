import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { createRandom, fitModel, type Observation, openScorer } from '@selvedge/models';
import { generateSeams } from '@selvedge/pack-seat-sewing';
import { PROJECTIONS } from '@selvedge/site';
import { Blobs, Journal } from '@selvedge/store';
import sharp from 'sharp';
import { LiveStation } from '../../packages/site/src/live/live-station.js';
import type { InstalledModel } from '../../packages/site/src/live/model.js';

/**
 * Two stations under load in one process: traces and pictures at fixed rates, every unit taken, scored, decided and
 * written with the disk waited for. Beside it, in the same run, what the bare disk and the bare scoring take.
 */
const RATE = { traces: 450, pictures: 50 };
const SECONDS = 60;
const SIDE = 224;
const SPREAD_MS = 20;

const ms = (nanoseconds: number): number => Math.round(nanoseconds / 1000) / 1000;

/** Latencies in ms at a few quantiles. */
function quantiles(values: readonly number[]): { p50: number; p99: number; most: number; n: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p: number): number =>
    Math.round(1000 * (sorted[Math.floor(p * (sorted.length - 1))] ?? 0)) / 1000;
  return { p50: at(0.5), p99: at(0.99), most: at(1), n: sorted.length };
}

async function pictures(count: number, seed: number): Promise<Buffer[]> {
  const random = createRandom(seed);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const raw = Buffer.from(Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 110 + 20 * random.normal()));
      return sharp(raw, { raw: { width: SIDE, height: SIDE, channels: 3 } })
        .jpeg()
        .toBuffer();
    }),
  );
}

/** Appends of 4 kB with fdatasync, one after the other. */
async function bareDisk(folder: string, count: number): Promise<number[]> {
  const file = await open(join(folder, 'bare'), 'w');
  const spent: number[] = [];
  try {
    for (let n = 0; n < count; n++) {
      const from = performance.now();
      await file.write(Buffer.alloc(4096, n));
      await file.datasync();
      spent.push(performance.now() - from);
    }
  } finally {
    await file.close();
  }
  return spent;
}

/**
 * The same beside the load, a few times a second, from a thread of its own: what the disk takes at the very moments of the
 * commits. Call what it returns to end it and get the times, ms.
 */
function diskBeside(folder: string): () => Promise<number[]> {
  const worker = new Worker(
    `const { openSync, writeSync, fdatasyncSync } = require('node:fs');
     const { parentPort, workerData } = require('node:worker_threads');
     const file = openSync(workerData, 'w');
     const block = Buffer.alloc(4096);
     const spent = [];
     const timer = setInterval(() => {
       const from = performance.now();
       writeSync(file, block);
       fdatasyncSync(file);
       spent.push(performance.now() - from);
     }, 50);
     parentPort.once('message', () => { clearInterval(timer); parentPort.postMessage(spent); });`,
    { eval: true, workerData: join(folder, 'beside') },
  );
  return async () => {
    const said = new Promise<number[]>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    worker.postMessage('end');
    return said.finally(() => worker.terminate());
  };
}

export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const { seed, runs: seconds = SECONDS, progress } = options;
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-load-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const seams = [...generateSeams({ seed, seams: 1500 })];
    const traces: Observation[] = seams.map(({ values }) => ({ kind: 'series', values, channels: 3 }));
    const shots = await pictures(100, seed);
    progress(0.05, 'fitting');
    const traceModel = await fitModel(
      seams.map(({ id, label }, i) => ({ id, label, observation: traces[i]! })),
      { recipe: 'supervised', seed },
    );
    const pictureModel = await fitModel(
      shots.map((source, i) => ({
        id: `p${i}`,
        label: 'good',
        observation: { kind: 'image' as const, source },
      })),
      { recipe: 'novelty', seed },
    );
    progress(0.3, 'bare disk and bare scoring');
    const disk = await bareDisk(folder, 500);
    const journal = await Journal.open(folder, {
      nowMs: () => Math.round(Date.now()),
      projections: PROJECTIONS,
    });
    closers.push(() => journal.close());
    const blobs = await Blobs.open(folder, journal.db);
    // Where the time of a receipt goes: content as far as it goes before the row, then the row.
    const content = timed(blobs.carry.bind(blobs));
    blobs.carry = content.call;
    const written = timed(journal.appendAll.bind(journal));
    journal.appendAll = written.call;
    const clock = { nowMs: () => Date.now(), steadyMs: () => performance.now() };
    const decided = { traces: [] as number[], pictures: [] as number[] };
    const acknowledged = { traces: [] as number[], pictures: [] as number[] };
    let refused = 0;
    const stations = await Promise.all(
      (
        [
          ['traces', traceModel],
          ['pictures', pictureModel],
        ] as const
      ).map(async ([id, model]) => {
        const scorer = await openScorer(model, { workers: 1 });
        closers.push(async () => scorer[Symbol.asyncDispose]());
        const began = new Map<string, number>();
        const installed: InstalledModel = {
          hash: 'a'.repeat(64),
          name: model.name,
          classes: model.classes,
          middle: 0,
          rampThreshold: null,
          scorer,
        };
        const station = new LiveStation({
          config: {
            id,
            name: id,
            line: 'load',
            part: null,
            choices: [
              { label: 'good', bad: false },
              { label: 'bad', bad: true },
            ],
            channels: [],
            decideMs: 5000,
            answerMs: 600_000,
            undoMs: 0,
            otherwise: 'hold',
            mostWaiting: 2000,
            safety: false,
            plannedUnits: null,
            doubleReadShare: 0,
            seedShare: 0,
            settings: {},
          },
          ...{ journal, blobs, clock, model: installed, secret: Buffer.alloc(32, 1) },
          output: async () => 'done',
          newId: () => {
            // A question is opened in the very act that decides a unit: with no gate signed every unit ends here.
            return `${id}-${Math.random()}`;
          },
          log: () => undefined,
        });
        closers.push(() => station.close());
        return { id, station, began };
      }),
    );
    const bare = quantiles(await bareScoring(stations[0]!.station.model!, traces.slice(0, 400)));
    const follow = new AbortController();
    const watching = (async () => {
      for await (const { kind, subject, body } of journal.follow(journal.head.seq, follow.signal)) {
        if (kind !== 'decided' || subject === null) continue;
        const { station } = body as { station: 'traces' | 'pictures' };
        const from = stations.find((one) => one.id === station)!.began.get(subject);
        if (from !== undefined) decided[station].push(performance.now() - from);
      }
    })();
    const beside = diskBeside(folder);
    const collected: number[] = [];
    const garbage = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) collected.push(duration);
    });
    garbage.observe({ entryTypes: ['gc'] });
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    const startedAt = performance.now();
    const sent = { traces: 0, pictures: 0 };
    while (performance.now() - startedAt < seconds * 1000) {
      const elapsed = (performance.now() - startedAt) / 1000;
      for (const { id, station, began } of stations) {
        const kind = id as 'traces' | 'pictures';
        for (; sent[kind] < RATE[kind] * elapsed; sent[kind]++) {
          const n = sent[kind];
          const unit = `${kind}-${n}`;
          const from = performance.now();
          began.set(unit, from);
          const observation: Observation =
            kind === 'traces'
              ? traces[n % traces.length]!
              : { kind: 'image', source: unlike(shots[n % shots.length]!, n) };
          station.arrive({ id: unit, observation, context: {}, lot: null, sourceAtMs: null }).then(
            () => acknowledged[kind].push(performance.now() - from),
            () => {
              refused++;
            },
          );
        }
      }
      progress(0.4 + (0.55 * elapsed) / seconds, 'load');
      await new Promise((resolve) => setTimeout(resolve, SPREAD_MS));
    }
    for (const { station } of stations) await station.idle();
    const tookSeconds = (performance.now() - startedAt) / 1000;
    loop.disable();
    garbage.disconnect();
    const besideFigures = quantiles(await beside());
    follow.abort();
    await watching;
    const diskFigures = quantiles(disk);
    const ack = quantiles([...acknowledged.traces, ...acknowledged.pictures]);
    return {
      what: 'demand: 500 decisions/s sustained with 50 pictures/s; p99 of acknowledged writes and of decisions beside the bare disk and the bare scoring',
      seconds,
      sent,
      refused,
      decisionsPerSecond: Math.round((decided.traces.length + decided.pictures.length) / tookSeconds),
      bareFdatasyncMs: diskFigures,
      besideFdatasyncMs: besideFigures,
      acknowledgedMs: {
        ...ack,
        traces: quantiles(acknowledged.traces),
        pictures: quantiles(acknowledged.pictures),
      },
      contentMs: quantiles(content.spent),
      rowsMs: quantiles(written.spent),
      // What no row waits for: how late a timer of the server's own thread came.
      eventLoopLateMs: { p50: ms(loop.percentile(50)), p99: ms(loop.percentile(99)), most: ms(loop.max) },
      // Pauses for garbage of that thread.
      garbageMs: { ...quantiles(collected), sum: Math.round(collected.reduce((sum, one) => sum + one, 0)) },
      acknowledgedOverBareP99: ack.p99 / Math.max(0.001, diskFigures.p99),
      acknowledgedOverBesideP99: ack.p99 / Math.max(0.001, besideFigures.p99),
      bareScoringOfOneTraceMs: bare,
      decidedMs: { traces: quantiles(decided.traces), pictures: quantiles(decided.pictures) },
      rows: journal.head.seq,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** The same call, with what each took in ms. */
function timed<A extends unknown[], R>(
  act: (...args: A) => Promise<R>,
): { call: (...args: A) => Promise<R>; spent: number[] } {
  const spent: number[] = [];
  const call = async (...args: A): Promise<R> => {
    const from = performance.now();
    const result = await act(...args);
    spent.push(performance.now() - from);
    return result;
  };
  return { call, spent };
}

/** One at a time, as a unit that comes alone. */
async function bareScoring(model: InstalledModel, units: readonly Observation[]): Promise<number[]> {
  const spent: number[] = [];
  for (const unit of units) {
    const from = performance.now();
    await model.scorer.score([unit]);
    spent.push(performance.now() - from);
  }
  return spent;
}

/** The same picture with other bytes behind its end: content of its own for the store. */
const unlike = (picture: Buffer, n: number): Buffer => Buffer.concat([picture, Buffer.from(`#${n}`)]);
