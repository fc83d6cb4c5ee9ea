import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startOpcUaServer } from '@selvedge/connect';
import type { Step } from '../../packages/cli/src/index.js';
import type { Counted } from '../studies-kit/opc-ua-counting-client.js';

/**
 * 1,000 tags that all change every 100 ms, through OPC UA over loopback to the connector in a process of its own. Each
 * value is a count, so that every one that is lost is seen, from the very first value that the client is told: the
 * connector follows before it reads, so nothing may fall in between. `runs` is minutes, 8 by default. One connection from
 * the first second to the last is what is asked about, so it is one part: a run that was stopped within it begins anew.
 */
const MINUTES = 8;
const TAGS = 1_000;
const EVERY_MS = 100;
/** With it, eight minutes stay below nine. */
const FOLLOW_MS = 40_000;
const NAMESPACE = 'urn:selvedge:study';
const CLIENT = fileURLToPath(new URL('../studies-kit/opc-ua-counting-client.ts', import.meta.url));

export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly tags?: number;
  readonly progress: (done: number, what: string) => void;
  readonly step?: Step;
}): Promise<object> {
  const { step = (_, make) => make() } = options;
  return step('the connection', () => follow(options));
}

async function follow({
  runs: minutes = MINUTES,
  tags = TAGS,
  progress,
}: Parameters<typeof run>[0]): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-opc-ua-'));
  const server = await startOpcUaServer({
    port: 0,
    folder: join(folder, 'server'),
    namespace: NAMESPACE,
    unsecured: 'accepted',
    tags: Array.from({ length: tags }, (_, n) => ({ tag: `t${n}`, type: 'uint32' as const, value: 0 })),
  });
  await mkdir(join(folder, 'client'));
  const args = [server.endpoint, NAMESPACE, String(tags), join(folder, 'client')];
  const client = fork(CLIENT, args, {
    execArgv: ['--conditions=@selvedge/source', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    let told: Counted | null = null;
    client.on('message', (message) => {
      told = message as Counted;
    });
    const exit = new Promise<never>((_, reject) => {
      client.once('exit', (code) => reject(new Error(`the client ended with ${code}`)));
    });
    exit.catch(() => {});
    const latest = (): Counted | null => told;
    const server_ = process.cpuUsage();
    const { count, late } = await Promise.race([write(server, { minutes, tags, latest, progress }), exit]);
    await Promise.race([settled(latest, count), exit]);
    const figures = latest();
    if (figures === null) throw new Error('the client told nothing');
    const perSecond = figures.values / figures.seconds;
    const cpuShare = figures.cpuSeconds / figures.seconds;
    const { user, system } = process.cpuUsage(server_);
    return {
      what: 'demand: 1,000 tags at 100 ms over OPC UA, no value missing',
      tags,
      everyMs: EVERY_MS,
      minutes,
      written: count,
      lateTicks: late,
      cores: cpus().length,
      ...figures,
      valuesPerSecond: Math.round(perSecond),
      clientCpuShare: round(cpuShare),
      clientCpuSharePer1000PerSecond: round((1000 * cpuShare) / perSecond),
      serverCpuShare: round((user + system) / 1e6 / figures.seconds),
      reached:
        figures.missing === 0 &&
        figures.repeated === 0 &&
        figures.gapsTold === 0 &&
        figures.tagsSeen === tags &&
        figures.last[0] === count,
    };
  } finally {
    client.removeAllListeners('exit');
    client.kill('SIGKILL');
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Counts all tags up, evenly, until the time is over; begins when the client follows. A tick that comes late is counted. */
async function write(
  server: Awaited<ReturnType<typeof startOpcUaServer>>,
  about: {
    readonly minutes: number;
    readonly tags: number;
    readonly latest: () => Counted | null;
    readonly progress: (done: number, what: string) => void;
  },
): Promise<{ count: number; late: number }> {
  const { minutes, tags, latest, progress } = about;
  let count = 0;
  let late = 0;
  const begun = performance.now();
  let from = begun;
  let due = begun;
  while (latest() === null || performance.now() - from < minutes * 60_000) {
    if (latest() === null) from = performance.now();
    if (from - begun > FOLLOW_MS) throw new Error(`the client follows nothing after ${FOLLOW_MS} ms`);
    count += 1;
    for (let n = 0; n < tags; n++) server.set(`t${n}`, count);
    due += EVERY_MS;
    const left = due - performance.now();
    if (left < 0) {
      late += 1;
      due = performance.now();
    }
    await wait(Math.max(1, left));
    if (count % 50 === 0) {
      const { values = 0, missing = 0 } = latest() ?? {};
      progress((performance.now() - from) / (minutes * 60_000), `${values} values, ${missing} missing`);
    }
  }
  return { count, late };
}

/** Until the client has told of the last count, for at most 10 s: what has not come by then is missing. */
async function settled(latest: () => Counted | null, count: number): Promise<void> {
  for (let tries = 0; tries < 100 && (latest()?.last[0] ?? 0) < count; tries++) await wait(100);
}

const round = (value: number): number => Math.round(10_000 * value) / 10_000;
