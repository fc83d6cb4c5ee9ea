import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { JOURNAL_FILE } from '@selvedge/store';
import { checkSurroundings } from '../config/check-surroundings.js';
import type { ConfigFault } from '../config/fault.js';
import type { SiteConfig } from '../config/site-config.js';
import { cureOf, type Finding, finding, ok, reasonOf } from './finding.js';
import { clock, diskFree, diskLatency, nativeModules, node, sqlite, timeService } from './machine.js';
import { chain, lastTime, models, privacy, writer } from './record.js';

/** Floors of a folder whose configuration is not known: its defaults. */
const FLOORS = { softFloorBytes: 5e9, hardFloorBytes: 1e9 };
const ANSWER_MS = 2000;

export interface Examined {
  /** Where the record is, or would be. */
  readonly folder: string;
  readonly config: SiteConfig | null;
  /** Faults of the file itself; the machine is looked at all the same. */
  readonly configFaults: readonly ConfigFault[];
  readonly packs: readonly string[];
  /** Checks every row of the journal. */
  readonly deep: boolean;
  readonly progress?: (done: number, what: string) => void;
}

/** Everything that could be wrong with an installation, looked at once. Changes nothing. */
export async function examine({
  folder,
  config,
  configFaults,
  packs,
  deep,
  progress = () => {},
}: Examined): Promise<Finding[]> {
  const there = await nearest(folder);
  const findings: Finding[] = [node()];
  const add = (...more: readonly Finding[]): void => {
    findings.push(...more);
    progress(Math.min(0.95, findings.length / 14), 'looking');
  };
  add(...(await nativeModules()));
  add(await sqlite(there), await diskLatency(there));
  const floors = config?.retention;
  add(
    await diskFree(
      there,
      floors === undefined ? FLOORS : { softFloorBytes: floors.softFloor, hardFloorBytes: floors.hardFloor },
    ),
  );
  add(await clock(), await timeService());
  for (const { path, line, what, cure } of configFaults)
    add(
      finding('config', 'fault', `${path}${line === null ? '' : ` (line ${line})`}: ${what}`, {
        means: 'The site does not start with it',
        cure,
      }),
    );
  if (config !== null) add(...(await surroundings(config, packs)));
  const journal = join(folder, JOURNAL_FILE);
  if (!(await exists(journal)))
    return [...findings, ok('journal', `${folder} has no journal yet: the site makes one when it starts`)];
  try {
    add(chain(folder, { deep, progress }));
    add(writer(folder), lastTime(folder, Date.now()), await privacy(folder));
    add(...(await models(folder)));
  } catch (error) {
    add(
      finding('journal', 'fault', reasonOf(error), {
        means: 'The record cannot be read',
        cure: cureOf(error, folder) ?? 'Run it as the user of the site; compare with a backup',
      }),
    );
  }
  return findings;
}

/** What the configuration needs of this machine. A port that the site itself has is as it should be. */
async function surroundings(config: SiteConfig, packs: readonly string[]): Promise<Finding[]> {
  const faults = await checkSurroundings(config, { packs });
  const others = faults.filter(({ path }) => !path.startsWith('retention.'));
  const runs = others.some(({ path }) => path === 'listen.port') && (await answers(config));
  const found = others.flatMap(({ path, what, cure }): Finding[] =>
    path === 'listen.port' && runs
      ? [ok('port', `port ${config.listen.port} is that of a running site`)]
      : [
          finding(path === 'listen.port' ? 'port' : 'config', 'fault', `${path}: ${what}`, {
            means: 'The site does not start, or a station stays without',
            cure,
          }),
        ],
  );
  if (!others.some(({ path }) => path === 'listen.port'))
    found.push(ok('port', `port ${config.listen.port} of ${config.listen.host} is free`));
  if (!found.some(({ check }) => check === 'config'))
    found.push(ok('config', `${config.source.file} is good, and this machine has what it names`));
  return found;
}

async function answers({ listen }: SiteConfig): Promise<boolean> {
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  const at = `http${listen.tls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${listen.port}/health`;
  return fetch(at, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    async (response) => (await response.text()).includes('journal'),
    () => false,
  );
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) if ((await exists(at)) || dirname(at) === at) return at;
}
