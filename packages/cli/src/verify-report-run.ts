import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SealedReport, type SiteReport, sealedReportSchema } from '@selvedge/core/records';
import {
  checkSeal,
  type Difference,
  differences,
  InputFault,
  makeSiteReport,
  type SealFault,
} from '@selvedge/site';
import { REPORT_FILE } from './report-run.js';
import { journalAt } from './site-folder.js';

interface VerifyReportDocument {
  readonly specVersion: '1';
  readonly file: string;
  readonly ok: boolean;
  readonly signedBy: string | null;
  readonly root: string;
  readonly figures: number;
  readonly faults: readonly (SealFault & { readonly sentence: string })[];
  /** Figures that come out otherwise from the journal; null where none was given. */
  readonly differences: readonly Difference[] | null;
}

/** The file of a report, where a path is one: `report.json`, or a folder that holds it. Null for anything else. */
export function reportAt(path: string): string | null {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isFile() && path.endsWith('.json')) return path;
  const inside = join(path, REPORT_FILE);
  return kind?.isDirectory() && statSync(inside, { throwIfNoEntry: false })?.isFile() ? inside : null;
}

/**
 * Checks a report against its seal and, with a journal, makes every figure again.
 * @throws InputFault `not-a-report`; what `makeSiteReport` throws.
 */
export async function runVerifyReport(
  file: string,
  {
    key,
    journal,
    progress,
  }: {
    readonly key: string | null;
    readonly journal: string | null;
    readonly progress: (done: number, what: string) => void;
  },
): Promise<{ document: VerifyReportDocument; text: string }> {
  const sealed = read(file);
  const folder = dirname(file);
  const found = checkSeal(sealed, {
    key,
    files: (name) => {
      // A name of the seal never leads out of the folder.
      if (!/^[a-z]+\.(html|csv)$/.test(name)) return null;
      const path = join(folder, name);
      return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : null;
    },
  });
  const faults = found.map((fault) => ({ ...fault, sentence: sentenceOf(fault) }));
  const differ = journal === null ? null : await again(sealed.report, journal, progress);
  const ok = faults.length === 0 && (differ === null || differ.length === 0);
  const document = {
    ...{ specVersion: '1' as const, file, ok, faults, differences: differ },
    signedBy: sealed.seal.signature?.fingerprint ?? null,
    root: sealed.seal.root,
    figures: Object.keys(sealed.seal.figures).length,
  };
  return { document, text: textOf(document, sealed, key) };
}

function read(file: string): SealedReport {
  const fail = (why: string, cause?: unknown): InputFault =>
    new InputFault({
      code: 'not-a-report',
      message: `${file} is no report of a period: ${why}`,
      file,
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw fail('it is no JSON', error);
  }
  const { data, error } = sealedReportSchema.safeParse(json);
  if (data !== undefined) return data;
  const places = error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw fail(places.join('; '));
}

/** The same report from the rows that it knew. */
async function again(
  report: SiteReport,
  journal: string,
  progress: (done: number, what: string) => void,
): Promise<Difference[]> {
  const file = await journalAt(journal);
  const { site, origin, period, stations } = report;
  const carbon = stations.flatMap(({ energy }) => (energy?.carbon == null ? [] : [energy.carbon]))[0];
  const made = makeSiteReport({
    ...{ file, fromMs: period.fromMs, toMs: period.toMs, upTo: report.journal.head.seq, progress },
    // A journal of an earlier version does not describe its site: what the report says is taken then.
    described: {
      ...{ site: site.id, name: site.name, origin, timezone: site.timezone, dayStart: '00:00' },
      stations: stations.map(({ id, name, line, safety }) => ({ id, name, line, safety })),
    },
    carbon:
      carbon === undefined
        ? null
        : { gramPerWattHour: carbon.gramPerWattHour, source: carbon.source, validYear: carbon.year },
  });
  return differences(report, made);
}

function sentenceOf(fault: SealFault): string {
  switch (fault.what) {
    case 'figure-changed':
      return fault.found === null
        ? `${fault.place} was taken out.`
        : `${fault.place} was changed: it is now ${fault.found}.`;
    case 'file-changed':
      return `${fault.name} was changed after the report was made.`;
    case 'file-missing':
      return `${fault.name} is missing beside the report.`;
    case 'seal-changed':
      return 'The seal itself was changed: its parts do not give its root.';
    case 'signature-wrong':
      return 'The signature is not of this report.';
    case 'key-not-of-journal':
      return 'The key that signed is not the one that the report says the journal names.';
    case 'other-key':
      return fault.found === null
        ? `It is not signed; ${fault.expected} was expected.`
        : `It was signed by ${fault.found}; ${fault.expected} was expected.`;
  }
}

function textOf(
  { file, ok, faults, differences: differ, figures, signedBy, root }: VerifyReportDocument,
  { report }: SealedReport,
  key: string | null,
): string {
  const lines = [
    ok
      ? `${file} is as it was made: ${figures} figures, ${report.stations.length} stations [${report.origin}].`
      : `${file} is NOT as it was made, or not what its journal says:`,
    ...faults.map(({ sentence }) => `  ${sentence}`),
    ...(differ ?? []).map(
      ({ place, reported, journal }) =>
        `  ${place}: the report says ${reported ?? 'nothing'}, the journal ${journal ?? 'nothing'}.`,
    ),
    `Seal ${root}`,
    signedBy === null ? 'Not signed: anybody could have made it.' : `Signed by the key ${signedBy}.`,
  ];
  if (differ?.length === 0) lines.push('Made again from the journal: every figure is the same.');
  if (ok && signedBy !== null && key === null)
    lines.push('Whose key that is the report cannot prove: compare the fingerprint, and give it with --key.');
  if (ok && differ === null)
    lines.push('Next: with the journal at hand, make every figure again with --journal FOLDER.');
  if (!ok) lines.push('Keep it as it is, and ask whoever made it for another copy.');
  return `${lines.join('\n')}\n`;
}
