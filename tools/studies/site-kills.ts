import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binomialUpper } from '@selvedge/core';
import { BROUGHT, Client, makePlant, WATCHED, wait } from '../studies-kit/killed-site.js';
import { uniforms } from '../studies-kit/score-pools.js';
import { lookInside, readFates } from '../studies-kit/unit-fates.js';

/** Kills of one plant; each plant is one part of the study, so that a stopped study goes on. */
const A_PLANT = 6;
/** One start in so many is killed before the site is up. */
const WHILE_STARTING = 4;
const LOAD = { hands: 6, pauseMs: 60 };
/** Questions that people answer in time; the others get the safe default. */
const ANSWERED = 0.95;

/** Counts of one plant; all add up. */
export interface Plant {
  kills: number;
  killedWhileStarting: number;
  acknowledged: number;
  files: number;
  found: number;
  lost: number;
  doubled: number;
  otherReceipts: number;
  decided: number;
  unknown: number;
  answered: number;
  safeDefault: number;
  open: number;
  unaccounted: number;
  unsound: number;
  gatesCompared: number;
  gatesThatDiffer: number;
}

/**
 * One site in a process of its own under load, killed without warning at moments drawn by the seed, again and again: what
 * was acknowledged and is not there, what stands twice, which unit has no fate, which gate differs from its rows.
 */
export async function killPlant(
  seed: number,
  kills: number,
  progress: (done: number, what: string) => void,
): Promise<Plant> {
  const uniform = uniforms(seed);
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-killed-'));
  const data = join(folder, 'data');
  const client = new Client(folder, { seed, answerShare: ANSWERED });
  let killedWhileStarting = 0;
  let unsound = 0;
  let lost = 0;
  let doubled = 0;
  const look = (): void => {
    const inside = lookInside(data, BROUGHT, client.acknowledged);
    lost = Math.max(lost, inside.lost);
    doubled += inside.doubled;
    if (!inside.sound) unsound++;
  };
  try {
    await makePlant(folder);
    await client.start();
    await client.openGate();
    client.load(LOAD);
    for (let kill = 0; kill < kills; kill++) {
      await wait(200 + 1800 * uniform());
      await client.end('SIGKILL');
      look();
      while (kill + 1 < kills && uniform() < 1 / WHILE_STARTING) {
        if (await client.start({ killAfterMs: 200 + 2500 * uniform() })) await client.end('SIGKILL');
        killedWhileStarting++;
        kill++;
      }
      await client.start();
      look();
      await client.bringAgain(3);
      progress((kill + 1) / kills, `${client.acknowledged.size} units acknowledged, ${lost} lost`);
    }
    await client.stop();
    await allFilesTaken(data, client);
    await client.end('SIGTERM');
    look();
    const { arrived, units: _units, doubled: twice, ...fates } = await readFates(data, client.gates);
    const once = (station: string, id: string): boolean => arrived.get(`${station} ${id}`) === 1;
    const brought = [...client.acknowledged.keys()].filter((id) => once(BROUGHT, id)).length;
    const watched = client.files.filter((id) => once(WATCHED, id)).length;
    const missing = client.acknowledged.size + client.files.length - brought - watched;
    return {
      kills,
      killedWhileStarting,
      acknowledged: client.acknowledged.size,
      files: client.files.length,
      found: brought + watched,
      lost: Math.max(lost, missing),
      doubled: doubled + twice,
      otherReceipts: client.otherReceipts,
      ...fates,
      unsound,
    };
  } finally {
    await client.end('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A folder is read in its own time: waits until its last file has a row. */
async function allFilesTaken(data: string, client: Client): Promise<void> {
  const files = new Map(client.files.map((id) => [id, Number.NaN]));
  const end = performance.now() + 60_000;
  // Nothing is known of the rows' numbers: what is not there at all counts.
  while (performance.now() < end) {
    const { missing } = lookInside(data, WATCHED, files);
    if (missing === 0) return;
    await wait(200);
  }
}

/** 30 kills of a whole site by default, six a plant. */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
  readonly step: <T>(key: string, make: () => Promise<T>) => Promise<T>;
}): Promise<object> {
  const { seed, runs = 30, progress, step } = options;
  const plants: Plant[] = [];
  for (let from = 0; from < runs; from += A_PLANT) {
    const kills = Math.min(A_PLANT, runs - from);
    const on = (done: number, what: string): void => progress((from + done * kills) / runs, what);
    plants.push(await step(`plant ${from}`, () => killPlant(seed + from, kills, on)));
  }
  const sum = Object.fromEntries(
    Object.keys(plants[0]!).map((key) => [
      key,
      plants.reduce((total, plant) => total + plant[key as keyof Plant], 0),
    ]),
  ) as unknown as Plant;
  const { lost, doubled, unaccounted, unsound, gatesThatDiffer, otherReceipts, decided } = sum;
  const faults = lost + doubled + unaccounted + unsound + gatesThatDiffer + otherReceipts;
  return {
    what: 'demand: kills of a whole site under load lose no acknowledged unit and double none; every unit has one fate, every gate is the fold of its rows, every chain is sound',
    plants: plants.length,
    ...sum,
    lostUpper95: binomialUpper(lost, sum.acknowledged + sum.files, 0.05),
    // A gate that decided nothing would make the study blind for releases.
    reached: faults === 0 && decided > 0,
  };
}
