import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadNative } from '@selvedge/models';
import { type Connect, openDatabase, sqliteVersion } from '@selvedge/store';
import { hashingFault } from '../access/hashing-works.js';
import { cureOf, type Finding, finding, ok, reasonOf } from './finding.js';

const LEAST_NODE = [20, 19] as const;
const SYNCS = 40;
/** Median of a commit from which a fast line waits for the disk, in ms. */
const SLOW_MS = 20;
/** What retention.hardFloor may be at least. */
const LEAST_FLOOR = 100e6;
/** The clocks are compared over so long, and may differ by so much. */
const CLOCK_MS = 400;
const CLOCK_OFF_MS = 20;

/** The version of Node.js that runs. */
export function node(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return enough
    ? ok('node', `Node.js ${version}`)
    : finding('node', 'fault', `Node.js ${version}`, {
        means: `Selvedge is built for ${LEAST_NODE.join('.')} and later; parts of it will not run`,
        cure: `Install Node.js ${LEAST_NODE.join('.')} or later`,
      });
}

/** SQLite as it answers here: its version, and whether a commit waits for the disk. */
export async function sqlite(folder: string, connect?: Connect): Promise<Finding> {
  return inside(folder, 'sqlite', async (own) => {
    const db = openDatabase(join(own, 'probe.sqlite'), connect && { connect });
    try {
      const version = sqliteVersion(db);
      const level = Number(db.prepare('PRAGMA synchronous').get()?.synchronous);
      const mode = String(db.prepare('PRAGMA journal_mode').get()?.journal_mode);
      return ok('sqlite', `SQLite ${version}, read back: journal_mode ${mode}, synchronous ${level} (FULL)`);
    } finally {
      db.close();
    }
  });
}

/** How long the disk below a folder takes to have a commit. */
export async function diskLatency(folder: string): Promise<Finding> {
  return inside(folder, 'disk-latency', async (own) => {
    const file = await open(join(own, 'probe'), 'w');
    const times: number[] = [];
    try {
      const page = Buffer.alloc(4096, 1);
      for (let i = 0; i < SYNCS; i += 1) {
        const from = performance.now();
        await file.write(page, 0, page.length, i * page.length);
        await file.datasync();
        times.push(performance.now() - from);
      }
    } finally {
      await file.close();
    }
    times.sort((a, b) => a - b);
    const median = times[SYNCS >> 1] ?? 0;
    const worst = times.at(-1) ?? 0;
    const what = `fdatasync of 4 KB, ${SYNCS} times: median ${median.toFixed(2)} ms, worst ${worst.toFixed(1)} ms`;
    if (median < SLOW_MS) return ok('disk-latency', what);
    return finding('disk-latency', 'warning', what, {
      means: 'Every unit is acknowledged after such a commit: a fast line will wait for the disk',
      cure: 'Put the folder on a local solid-state disk, or measure again on a quiet machine',
    });
  });
}

/** Bytes that are free, against what the record needs. */
export async function diskFree(
  folder: string,
  { softFloorBytes, hardFloorBytes }: { readonly softFloorBytes: number; readonly hardFloorBytes: number },
): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const words = (bytes: number): string =>
    bytes < 1e9 ? `${Math.floor(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  const what = `${words(free)} free at ${folder}; soft floor ${words(softFloorBytes)}, hard floor ${words(hardFloorBytes)}`;
  if (free < hardFloorBytes)
    return finding('disk-free', 'fault', what, {
      means:
        'Below the hard floor every gate of a running site closes and people judge; it stays so until somebody begins anew',
      cure: `Make room there (df -h ${folder}), then begin a new epoch at each station${free < LEAST_FLOOR ? '' : `; or lower retention.hardFloor, where ${words(free)} are enough for the record of some days`}`,
    });
  if (free < softFloorBytes)
    return finding('disk-free', 'warning', what, {
      means: 'Below the soft floor: the oldest content is given up (rows never)',
      cure: `Make room there (df -h ${folder}), or lower retention.softFloor`,
    });
  return ok('disk-free', what);
}

/** The wall clock against the steady one, over a moment. */
export async function clock(): Promise<Finding> {
  const before = { wall: Date.now(), steady: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, CLOCK_MS));
  const off = Date.now() - before.wall - (performance.now() - before.steady);
  const what = `the wall clock moved ${off.toFixed(1)} ms against the steady one in ${CLOCK_MS} ms`;
  if (Math.abs(off) <= CLOCK_OFF_MS) return ok('clock', what);
  return finding('clock', 'warning', what, {
    means: 'The clock is being stepped: deadlines do not notice, but the times of rows do',
    cure: 'Let one service keep the time, and let it slew instead of step',
  });
}

/** Whether the time is kept by a network; unknown where nothing here says so. */
export async function timeService(): Promise<Finding> {
  const said = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
    timeout: 3000,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
  if (said === 'yes') return ok('time-service', 'the clock is synchronised (timedatectl)');
  const what =
    said === 'no'
      ? 'the clock is not synchronised (timedatectl)'
      : 'nothing here says whether the clock is synchronised';
  return finding('time-service', 'warning', what, {
    means: 'Times of rows may differ from those of other machines of the plant',
    cure: 'Let chrony or systemd-timesyncd keep the time; a plant without internet needs its own source',
  });
}

/** The modules that are built for this kind of machine. */
export async function nativeModules(): Promise<Finding[]> {
  const all = [...(await loadNative()), { name: '@node-rs/argon2', fault: await hashingFault() }];
  return all.map(({ name, fault }) =>
    fault === null
      ? ok('native-module', `${name} loads and works`)
      : finding('native-module', 'fault', `${name} does not work: ${fault}`, {
          means: 'The site cannot do what it needs this module for',
          cure: `Install again on this machine (npm ci); ${process.platform} ${process.arch} needs a build of its own`,
        }),
  );
}

/** Does something in a folder of its own within a folder, and leaves nothing behind. */
async function inside(
  folder: string,
  check: string,
  act: (own: string) => Promise<Finding>,
): Promise<Finding> {
  let own: string | null = null;
  try {
    own = await mkdtemp(join(folder, '.selvedge-doctor-'));
    return await act(own);
  } catch (error) {
    return finding(check, 'fault', `${folder}: ${reasonOf(error)}`, {
      means: 'The record cannot be kept here as it must be',
      cure: cureOf(error, folder) ?? 'Put the record on a local disk that the user of the site may write',
    });
  } finally {
    if (own !== null) await rm(own, { recursive: true, force: true });
  }
}
