import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { troubleInWords } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { onTestFinished } from 'vitest';
import { parseConfig } from '../src/config/parse-config.js';
import { PROJECTIONS } from '../src/folds/index.js';
import { signBudget } from '../src/live/signing.js';
import { openSite, type RunningSite } from '../src/open-site.js';

/** What is to be done when the test, or all tests of a file, are over. */
export type OnEnd = (act: () => Promise<void>) => void;

export async function plantFolder(onEnd: OnEnd = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-plant-'));
  onEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** One running site with one station, on a real journal; `lines` are those of its configuration that differ. */
export async function plant(
  folder: string,
  {
    observation,
    model,
    connector = 'kind: http, path: /in/press',
    input = '',
    more = '',
    onEnd = onTestFinished,
  }: { observation: string; model: string; connector?: string; input?: string; more?: string; onEnd?: OnEnd },
) {
  const yaml = `
site: { id: test-plant, name: Test plant, origin: live, timezone: Etc/UTC }
folder: ${join(folder, 'data')}
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors: [{ id: press, ${connector} }]
stations:
  - id: press-1
    name: Press 1
    line: north
    observation: ${observation}
    choices: [{ label: fine, bad: false }, { label: crack, bad: true }]
    input: { connector: press${input} }
    model: ${model}
    takt: { deadlineMs: 5000, otherwise: hold }
    ask: { deadlineMs: 600000, undoMs: 0 }
${more}
retention: { softFloor: 110 MB, hardFloor: 100 MB }
`;
  const read = parseConfig(yaml, join(folder, 'site.yaml'));
  if (read.config === null) throw new Error(JSON.stringify(read.faults));
  const logged: { event: string; [field: string]: unknown }[] = [];
  const site: RunningSite = await openSite({
    config: read.config,
    simulators: new Map(),
    consoleFolder: null,
    version: 'test',
    onEvent: (event, fields) => logged.push({ ...fields, event }),
  });
  onEnd(() => site.close());
  const { parts } = site;
  const station = parts.live.station('press-1');
  const arrive = (id: string, observation: Observation, lot: string | null = null) =>
    station.arrive({ id, observation, context: {}, lot, sourceAtMs: null });
  /** Answers whatever is asked, by the id of its unit, and lets the answers leave. */
  const judgeAll = async (isBad = (unit: string): boolean => unit.startsWith('bad')): Promise<number> => {
    await station.idle();
    const open = station.answers.questions.list();
    for (const { id, unit } of open)
      await station.answers.answer(id, {
        user: 'user:anna',
        label: isBad(unit) ? 'crack' : 'fine',
        by: 'touch',
        tookMs: 900,
      });
    await station.answers.sweep();
    return open.length;
  };
  const sign = (plannedUnits: number | null, escapeRate = 0.05) =>
    signBudget(
      station,
      {
        budget: { escapeRate, overkillRate: 0, confidence: 0.95, contract: 'per-unit' },
        plannedUnits,
        user: 'user:quality',
        reason: 'first trial',
      },
      { journal: parts.journal, secrets: parts.live.secrets, clock: parts.clock },
    );
  const rows = (kind: string, subject?: string) =>
    parts.journal
      .read({ kind, ...(subject === undefined ? {} : { subject }), limit: 5000 })
      .map(({ body }) => body as Record<string, unknown>);
  const unit = (id: string) =>
    parts.journal.db.prepare('SELECT * FROM unit WHERE station = ? AND id = ?').get('press-1', id);
  /** The tables of the site before and after they are made anew from the rows. */
  const folds = () => {
    const tables = ['unit', 'gate', 'question'];
    const dump = () => tables.map((table) => parts.journal.db.prepare(`SELECT * FROM ${table}`).all());
    const before = dump();
    parts.journal.rebuild(PROJECTIONS);
    return { before, after: dump() };
  };
  const troubles = () =>
    parts
      .troubles('press-1')
      .map((one) => troubleInWords(one, 'en'))
      .join('\n');
  return { site, parts, station, arrive, judgeAll, sign, rows, unit, folds, troubles, logged };
}

/** Looks again until it is so. */
export async function until(is: () => boolean, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!is()) {
    if (performance.now() > end) throw new Error(`it never came to be: ${is}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
