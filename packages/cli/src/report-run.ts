import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { CarbonFactor } from '@selvedge/core';
import { DECISION_COLUMNS, INTERVENTION_COLUMNS, type SealedReport } from '@selvedge/core/records';
import {
  CsvLines,
  checkWritable,
  descriptionOf,
  faultText,
  InputFault,
  journalSpan,
  loadConfig,
  makeSiteReport,
  readSiteKey,
  renderSiteReport,
  type SiteKey,
  sealReport,
  writeFolder,
} from '@selvedge/site';
import { type PeriodFlags, periodOf } from './period.js';
import { journalAt } from './site-folder.js';

export const REPORT_FILE = 'report.json';

export interface ReportRequest extends PeriodFlags {
  /** Folder of a site, its journal, or its configuration. */
  readonly source: string;
  readonly language: 'en' | 'zh' | 'id';
  readonly out?: string | undefined;
  readonly carbon?: CarbonFactor | undefined;
  readonly progress: (done: number, what: string) => void;
}

/**
 * Makes the report of a period and writes it: page, JSON, two CSV files, sealed and signed with the site's key.
 * @throws InputFault, StoreError
 */
export async function runReport(
  request: ReportRequest,
): Promise<{ sealed: SealedReport; folder: string; text: string }> {
  const { source, language, progress } = request;
  const { file, described } = await sourceOf(source);
  const span = journalSpan(file);
  const about = span.described ?? described;
  const clock = { timezone: about?.timezone ?? 'Etc/UTC', dayStart: about?.dayStart ?? '00:00' };
  const { fromMs, toMs } = periodOf(request, { clock, ...span });
  const folder =
    request.out ??
    join('selvedge-out', `report-${new Date(fromMs).toISOString().slice(0, 16).replace(':', '')}Z`);
  await checkWritable(folder);
  const decisions = new CsvLines(DECISION_COLUMNS);
  const interventions = new CsvLines(INTERVENTION_COLUMNS);
  const report = makeSiteReport({
    ...{ file, fromMs, toMs, progress, carbon: request.carbon ?? null },
    ...(described === null ? {} : { described }),
    onDecision: (cells) => decisions.add(cells),
    onIntervention: (cells) => interventions.add(cells),
  });
  const files = new Map<string, string | Uint8Array>([
    ['report.html', renderSiteReport(report, { language })],
    ['decisions.csv', decisions.bytes()],
    ['interventions.csv', interventions.bytes()],
  ]);
  const { key, why } = await keyOf(dirname(file));
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const seal = sealReport(report, { key, files, madeAtMs: Date.now(), version, language });
  const sealed = { report, seal };
  await writeFolder(folder, new Map([...files, [REPORT_FILE, `${JSON.stringify(sealed, null, 2)}\n`]]));
  return { sealed, folder, text: summary(sealed, folder, why, decisions.count) };
}

async function sourceOf(source: string) {
  if (!/\.ya?ml$/i.test(source)) return { file: await journalAt(source), described: null };
  const { config, faults } = await loadConfig(source);
  if (config === null) {
    const message = faults.map((fault) => faultText(source, fault)).join('\n');
    throw new InputFault({ code: 'bad-config', message, file: source });
  }
  return { file: await journalAt(config.folder), described: descriptionOf(config) };
}

/** The key that signs; why there is none. A report without one is still sealed. */
async function keyOf(folder: string): Promise<{ key: SiteKey | null; why: string }> {
  try {
    const key = await readSiteKey(folder);
    return { key, why: 'this folder has no key yet: the site makes one when it starts' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { key: null, why: `the key cannot be read (${why}): run it as the user of the site` };
  }
}

function summary({ report, seal }: SealedReport, folder: string, why: string, decisions: number): string {
  const { site, origin, period, journal } = report;
  const time = (atMs: number): string => new Date(atMs).toISOString();
  const lines = report.stations.map(({ name, units, gate, signatures }) => {
    const signed = signatures.at(-1);
    const proof =
      gate?.liveUpper == null || gate.state === 'shadow' || gate.state === 'closed' || signed === undefined
        ? `gate ${gate?.state ?? 'none'}: people judge every unit`
        : `gate ${gate.state}: audits alone prove at most ${gate.liveUpper.toPrecision(3)}, budget ${signed.escapeRate}`;
    return `  ${name}: ${units.decided} units, ${units.automatic} by the gate, ${units.asked} asked, ${units.defaulted} unanswered, ${units.waiting} waiting; ${proof}`;
  });
  const shown = relative(process.cwd(), folder) || '.';
  return [
    `${site.name} [${origin}], ${time(period.fromMs)} to ${time(period.toMs)}: ${journal.rows?.count ?? 0} rows, ${decisions} decisions`,
    ...lines,
    `Up to row ${journal.head.seq}, epoch ${journal.head.epoch}, hash ${journal.head.hash}`,
    seal.signature === null
      ? `Not signed: ${why}.`
      : `Signed by the key ${seal.signature.fingerprint}. Give the fingerprint by another way than the report.`,
    `Written to ${shown}: report.html (print it), report.json, decisions.csv, interventions.csv`,
    '',
    `Next: selvedge verify ${shown}${seal.signature === null ? '' : ` --key ${seal.signature.fingerprint}`}`,
    '',
  ].join('\n');
}
