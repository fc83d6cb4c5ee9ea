import { dirname, resolve } from 'node:path';
import { examine, type Finding } from '@selvedge/site';
import { readConfig } from './built-in.js';
import { SIMULATORS } from './simulators.js';
import { journalAt } from './site-folder.js';

interface DoctorDocument {
  readonly specVersion: '1';
  /** Folder of the record that was looked at, or where one would be. */
  readonly folder: string;
  /** False where there is a fault; warnings are no fault. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Looks at an installation: a configuration, the folder of a site, or the built-in line. @throws InputFault, StoreError */
export async function runDoctor(
  source: string | null,
  { deep, progress }: { readonly deep: boolean; readonly progress: (done: number, what: string) => void },
): Promise<{ document: DoctorDocument; text: string }> {
  const packs = [...SIMULATORS.keys()];
  const isConfig = source === null || /\.ya?ml$/i.test(source);
  const read = isConfig ? await readConfig(source) : null;
  const config = read?.config ?? null;
  const folder =
    config?.folder ?? resolve(isConfig ? dirname(source ?? '.') : dirname(await journalAt(source)));
  const configFaults = read?.faults ?? [];
  const findings = await examine({ folder, config, configFaults, packs, deep, progress });
  const ok = findings.every(({ state }) => state !== 'fault');
  const document = { specVersion: '1' as const, folder, ok, findings };
  return { document, text: textOf(document, { source, deep }) };
}

const many = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

function textOf(
  { folder, ok, findings }: DoctorDocument,
  { source, deep }: { readonly source: string | null; readonly deep: boolean },
): string {
  const mark = { ok: 'ok     ', warning: 'WARNING', fault: 'FAULT  ' };
  const lines = findings.flatMap(({ state, what, means, cure }) => [
    `${mark[state]}  ${what}`,
    ...(means === null ? [] : [`         ${means}.`]),
    ...(cure === null ? [] : [`         What to do: ${cure}.`]),
  ]);
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length;
  const next = !ok
    ? 'Next: see to the faults, then run it again.'
    : !findings.some(({ check }) => check === 'site')
      ? `Next: ${['selvedge site', source].filter((word) => word !== null).join(' ')} starts it.`
      : deep
        ? 'Next: nothing is in the way of selvedge site.'
        : `Next: ${['selvedge doctor', source].filter((word) => word !== null).join(' ')} --deep checks every row of the journal.`;
  return `${[
    `Looked at ${folder}:`,
    ...lines,
    '',
    `${many(count('fault'), 'fault')}, ${many(count('warning'), 'warning')}, ${count('ok')} ok.`,
    next,
  ].join('\n')}\n`;
}
