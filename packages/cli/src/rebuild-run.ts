import { dirname } from 'node:path';
import { InputFault, PROJECTIONS } from '@selvedge/site';
import { Journal, verifyJournal } from '@selvedge/store';
import { journalAt } from './site-folder.js';

interface RebuildDocument {
  readonly specVersion: '1';
  readonly folder: string;
  /** Last row of the journal that was folded. */
  readonly seq: number;
  readonly projections: readonly {
    readonly name: string;
    readonly version: number;
    /** Rows of each of its tables. */
    readonly tables: Readonly<Record<string, number>>;
  }[];
}

/**
 * Makes every projection of a site anew from its journal. @throws StoreError `not-a-journal`, `journal-locked`
 * while its server runs; InputFault `journal-not-sound`. As at every start, a folder that was copied or restored begins a new epoch.
 */
export async function runRebuild(
  path: string,
  { progress }: { readonly progress: (done: number, what: string) => void },
): Promise<{ document: RebuildDocument; text: string }> {
  const file = await journalAt(path);
  const folder = dirname(file);
  // Opened without projections: otherwise a changed one would be made twice.
  const journal = await Journal.open(folder, { nowMs: Date.now });
  try {
    try {
      journal.rebuild(PROJECTIONS, progress);
    } catch (error) {
      if (verifyJournal(file).ok) throw error;
      const message = `${file} is not sound, so nothing can be made from it. Run: selvedge verify ${path}`;
      throw new InputFault({ code: 'journal-not-sound', message, file, cause: error });
    }
    const rowsOf = (table: string): number =>
      Number(journal.db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.n);
    const projections = PROJECTIONS.map(({ name, version, tables }) => ({
      name,
      version,
      tables: Object.fromEntries(tables.map((table) => [table, rowsOf(table)])),
    }));
    const { seq } = journal.head;
    const width = Math.max(...projections.map(({ name }) => name.length));
    const rows = projections.map(
      ({ name, tables }) =>
        `  ${name.padEnd(width)}  ${Object.entries(tables)
          .map(([table, n]) => `${table} ${n}`)
          .join(', ')}`,
    );
    const text = `${projections.length} projections made anew from ${seq} rows; rows of each table:\n${rows.join('\n')}\n`;
    return { document: { specVersion: '1', folder, seq, projections }, text };
  } finally {
    await journal.close();
  }
}
