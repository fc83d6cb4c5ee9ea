import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startOpcUaServer } from '@selvedge/connect';
import { Child } from '../../packages/cli/src/demo/child.js';
import { SiteClient } from '../../packages/cli/src/demo/site-client.js';
import { openEcho } from '../studies-kit/echo-link.js';

const TRIGGERS = 600;
const NAMESPACE = 'urn:selvedge:study';
const SETTINGS = { security: 'None', unsecured: 'accepted', publishMs: 20, sampling: 'every-change' };
const PERSON = { name: 'Ada', password: 'triggers and verdicts' };
/** A trigger without an answer for so long may have gone to a person; without one at all it is lost. */
const LATE_MS = 300;
const LOST_MS = 5000;
const MOST_TO_OPEN = 400;

/**
 * From the equipment's trigger to the verdict that it is told, in milliseconds: through a whole site whose gate decides
 * alone, against a bare echo of the same connector in the same run, turn by turn. Scores arrive, so that no scoring is in
 * either: it comes on top as it is measured elsewhere. `runs` is the number of triggers of each.
 */
export async function run({
  runs: triggers = TRIGGERS,
  progress,
}: {
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-verdict-'));
  const waiting = new Map<string, (atMs: number) => void>();
  const family = (name: string) => [
    { tag: `${name}/cycle`, type: 'int32' as const, value: 0 },
    { tag: `${name}/unit`, type: 'string' as const, value: '' },
    { tag: `${name}/score`, type: 'double' as const, value: 0 },
    { tag: `${name}/verdict`, type: 'string' as const, value: '', writable: true },
  ];
  const server = await startOpcUaServer({
    ...{ port: 0, folder: join(folder, 'server'), namespace: NAMESPACE, unsecured: 'accepted' },
    tags: [...family('echo'), ...family('site')],
    onWrite: (_tag, value) => {
      const [unit = ''] = String(value).split(' ');
      waiting.get(unit)?.(performance.now());
      return 'Good';
    },
  });
  let count = 0;
  let isAsked = async (_unit: string): Promise<boolean> => false;
  /** Milliseconds to the verdict; null where none came. */
  const ask = async (who: 'echo' | 'site', score: number): Promise<{ unit: string; ms: number | null }> => {
    count += 1;
    const unit = `${who}-${count}`;
    server.set(`${who}/unit`, unit);
    server.set(`${who}/score`, score);
    const from = performance.now();
    const answered = new Promise<number>((resolve) => waiting.set(unit, resolve));
    server.set(`${who}/cycle`, count);
    const took = answered.then((at) => at - from);
    const soon = await Promise.race([took, wait(LATE_MS, null)]);
    const asked = soon === null && who === 'site' && (await isAsked(unit));
    const ms = soon !== null || asked ? soon : await Promise.race([took, wait(LOST_MS, null)]);
    waiting.delete(unit);
    return { unit, ms };
  };
  await writeFile(join(folder, 'site.yaml'), config(folder, server.endpoint));
  const site = Child.start(['site', join(folder, 'site.yaml'), '--log', 'error']);
  let closeEcho = async (): Promise<void> => {};
  try {
    const [, address = ''] = await site.says(/\[simulated\]: (http\S+)/);
    await site.says(/Running\./);
    const client = new SiteClient(address);
    await client.setUp(site.heard(/one-time code: (\S+)/)?.[1] ?? '', PERSON);
    closeEcho = await openEcho({
      ...{
        endpoint: server.endpoint,
        namespace: NAMESPACE,
        folder: join(folder, 'echo'),
        settings: SETTINGS,
      },
    });
    while (!(await client.equipment()).every(({ state }) => state === 'up')) await wait(100);
    const reason = 'a study of times';
    await client.post('/api/equipment/plc/mode', { mode: 'act', reason });
    const budget = {
      escapeRate: 0.2,
      overkillRate: 0,
      confidence: 0.8,
      contract: 'per-unit',
      plannedUnits: 60,
    };
    await client.post('/api/stations/press/sign', { ...budget, reason });
    const answerAll = async (): Promise<number> => {
      const questions = await client.questions();
      for (const { id, unit } of questions) {
        const label = bad.has(unit) ? 'crack' : 'good';
        await client.post(`/api/questions/${encodeURIComponent(id)}/answer`, { label, by: 'api', tookMs: 1 });
      }
      return questions.length;
    };
    const bad = new Set<string>();
    isAsked = async (unit) => (await client.questions()).some((one) => one.unit === unit);
    const gate = async (): Promise<string> => String((await client.line()).stations[0]?.state);
    for (let i = 0; i < MOST_TO_OPEN && (await gate()) !== 'open'; i++) {
      progress(0, `opening the gate, unit ${i + 1}`);
      if (i % 3 === 2) bad.add(`site-${count + 1}`);
      const asked = ask('site', i % 3 === 2 ? 5 + (i % 3) : (i % 7) / 10);
      for (let looks = 0; looks < 20 && (await answerAll()) === 0 && waiting.size > 0; looks++)
        await wait(20);
      await asked;
    }
    const opened = await gate();
    if (opened !== 'open') throw new Error(`the gate is ${opened}: nothing is decided without a person`);
    const times = { echo: [] as number[], site: [] as number[] };
    let [toPeople, lostEchoes] = [0, 0];
    for (let n = 0; times.site.length < triggers && n < 3 * triggers; n++) {
      if (n % 20 === 0) progress(times.site.length / triggers, 'triggers');
      const echo = await ask('echo', 0.1);
      if (echo.ms === null) lostEchoes += 1;
      else times.echo.push(echo.ms);
      const { ms } = await ask('site', 0.1);
      if (ms === null) {
        toPeople += 1;
        await answerAll();
      } else times.site.push(ms);
    }
    const [echo, through] = [quantiles(times.echo), quantiles(times.site)];
    const ratio = through.p99 / echo.p99;
    return {
      what: 'demand: p99 from trigger to written verdict at most 1.5 x a bare echo of the same stack, scoring apart',
      ...{
        triggers: times.site.length,
        echoes: times.echo.length,
        toPeople,
        lostEchoes,
        cores: cpus().length,
      },
      ...{ echoMs: echo, siteMs: through, p99Ratio: Math.round(100 * ratio) / 100, reached: ratio <= 1.5 },
    };
  } finally {
    await closeEcho();
    await site.stop();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function quantiles(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(
      10 * (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN),
    ) / 10;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

const config = (folder: string, endpoint: string): string =>
  JSON.stringify({
    site: { id: 'times', name: 'Times', origin: 'simulated', timezone: 'Etc/UTC' },
    folder: join(folder, 'data'),
    listen: { port: 0 },
    lines: [{ id: 'north', name: 'North' }],
    connectors: [
      {
        ...{ id: 'plc', kind: 'equipment', speaks: 'opc-ua', settings: { endpoint, ...SETTINGS } },
        tags: [
          ['cycle', 'int32'],
          ['unit', 'string'],
          ['score', 'double'],
          ['verdict', 'string'],
        ].map(([name, type]) => ({
          ...{ tag: `cell/${name}`, address: `nsu=${NAMESPACE};s=site/${name}`, type, sampleMs: 20 },
          ...(name === 'verdict' ? { access: 'rw' } : {}),
        })),
        writes: [
          {
            ...{ target: 'cell/verdict', does: 'dismiss', gates: ['press'], readBackMs: 1000 },
            pattern: 'site-\\d+ (pass|reject|hold)',
          },
        ],
      },
    ],
    stations: [
      {
        ...{
          id: 'press',
          name: 'Press',
          line: 'north',
          observation: { kind: 'score' },
          model: { recipe: 'score' },
        },
        ...{ doubleReadShare: 0, takt: { deadlineMs: 1000, otherwise: 'hold' } },
        ask: { deadlineMs: 60_000, undoMs: 0 },
        choices: [
          { label: 'good', bad: false },
          { label: 'crack', bad: true },
        ],
        input: { connector: 'plc', trigger: 'cell/cycle', unit: 'cell/unit', row: ['cell/score'] },
        output: { target: 'cell/verdict' },
      },
    ],
    retention: { softFloor: '110 MB', hardFloor: '100 MB' },
  });
