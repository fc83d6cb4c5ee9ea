import { relative } from 'node:path';
import { type ConfigFault, checkSurroundings, faultText, loadConfig, type SiteConfig } from '@selvedge/site';
import { SIMULATORS } from './simulators.js';

interface CheckDocument {
  readonly specVersion: '1';
  readonly file: string;
  readonly ok: boolean;
  readonly faults: readonly ConfigFault[];
  /** What the site would be; null where it has faults. */
  readonly site: {
    readonly id: string;
    readonly name: string;
    readonly origin: string;
    readonly folder: string;
    readonly hash: string;
    readonly stations: readonly { readonly id: string; readonly line: string; readonly safety: boolean }[];
  } | null;
  /** The same in the form in which every command says that its input is bad. */
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly file: string;
    readonly line: number | null;
  };
}

/** Checks a file and, unless `fileOnly`, what it needs of this machine. @throws InputFault where there is no file. */
export async function runCheck(
  file: string,
  { fileOnly }: { readonly fileOnly: boolean },
): Promise<{ good: boolean; text: string; document: CheckDocument }> {
  const parsed = await loadConfig(file);
  if (parsed.faults) return faulty(file, parsed.faults);
  const { config, lineOf } = parsed;
  const faults = fileOnly ? [] : await checkSurroundings(config, { packs: [...SIMULATORS.keys()], lineOf });
  if (faults.length > 0) return faulty(file, faults);
  return {
    good: true,
    text: summary(file, config, { fileOnly }),
    document: {
      specVersion: '1',
      file,
      ok: true,
      faults: [],
      site: {
        id: config.site.id,
        name: config.site.name,
        origin: config.site.origin,
        folder: config.folder,
        hash: config.source.hash,
        stations: config.stations.map(({ id, line, gate }) => ({ id, line, safety: gate.safety })),
      },
    },
  };
}

function faulty(file: string, faults: readonly ConfigFault[]) {
  const message = `${file} has ${faults.length === 1 ? 'one fault' : `${faults.length} faults`}`;
  const list = faults.map((fault) => `${faultText(file, fault)}\n`).join('');
  return {
    good: false,
    text: `${list}\n${message}. Every setting is described in docs/site-config.md\n`,
    document: {
      specVersion: '1' as const,
      file,
      ok: false,
      faults,
      site: null,
      error: { code: 'config-faults', message, file, line: faults[0]?.line ?? null },
    },
  };
}

/** What the site would be, in a few lines, and what to run next. */
function summary(
  file: string,
  { site, folder, listen, lines, stations, connectors, access }: SiteConfig,
  { fileOnly }: { readonly fileOnly: boolean },
): string {
  const shown = (path: string): string => relative(process.cwd(), path) || '.';
  const own = `${listen.tls ? 'https' : 'http'}://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port === 0 ? '(any free port)' : listen.port}`;
  const rows = lines.flatMap((line) => [
    `  ${line.name}`,
    ...stations
      .filter((station) => station.line === line.id)
      .map((station) => `    ${stationText(station, connectors)}`),
  ]);
  const many = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  return [
    `${file} is good${fileOnly ? ' (this machine was not looked at)' : ''}.`,
    '',
    `${site.name}, figures marked ${site.origin}: ${many(lines.length, 'line')}, ${many(stations.length, 'station')}, ${many(connectors.length, 'connector')}`,
    ...rows,
    `  record in ${shown(folder)}, console at ${access.address ?? own}`,
    '',
    `Next: selvedge site ${file}`,
    '',
  ].join('\n');
}

function stationText(
  { name, observation, input, model, takt, ask, gate }: SiteConfig['stations'][number],
  connectors: SiteConfig['connectors'],
): string {
  const limits = `call within ${seconds(takt.deadlineMs)}, answer within ${seconds(ask.deadlineMs)}, else ${takt.otherwise}`;
  const safety = gate.safety ? '; safety: it may stop a unit, never pass one' : '';
  return `${name}: ${observation.kind} from ${sourceText(input, connectors)}, ${modelText(model)}; ${limits}${safety}`;
}

/** Where the units come from; for equipment that posts them, the address. */
function sourceText(
  input: SiteConfig['stations'][number]['input'],
  connectors: SiteConfig['connectors'],
): string {
  const connector = connectors.find(({ id }) => id === input.connector);
  if (connector?.kind !== 'http' || input.kind !== 'http') return input.connector;
  return `${input.connector} (POST /api${connector.path}/${input.stream})`;
}

function modelText(model: SiteConfig['stations'][number]['model']): string {
  if (model.from === 'file') return relative(process.cwd(), model.file);
  if (model.from === 'score') return 'its own score';
  return `a model fitted here on ${model.fitUnits} units (${model.recipe})`;
}

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`);
