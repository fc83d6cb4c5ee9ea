import { statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasWriter, JOURNAL_FILE, openForReading, readContent, verifyJournal } from '@selvedge/store';
import { CREDENTIALS_FILE } from '../access/credentials-file.js';
import { directionOfHash } from '../live/given-scores.js';
import { type ModelRow, openModel } from '../live/installed-models.js';
import { type Finding, finding, ok, reasonOf } from './finding.js';

/** Rows that are checked without `deep`. */
const NEWEST = 20_000;
/** A row may be so much newer than the clock: another look at it takes time too. */
const AHEAD_MS = 60_000;

/** The chain of a journal: its newest rows, or all of them. */
export function chain(
  folder: string,
  { deep, progress }: { readonly deep: boolean; readonly progress?: (done: number, what: string) => void },
): Finding {
  const file = join(folder, JOURNAL_FILE);
  const verdict = verifyJournal(file, {
    ...(deep ? {} : { newest: NEWEST }),
    ...(progress ? { progress } : {}),
  });
  const { head, rows } = verdict;
  const what = `${deep ? 'all' : 'the newest'} ${rows} rows checked, the last one is ${head?.seq ?? 0}`;
  if (verdict.ok) return ok('journal', what);
  return finding('journal', 'fault', `${what}; ${verdict.faults.length} breaks of the chain`, {
    means: 'Somebody or something changed the record: nothing can be proved from it',
    cure: `Keep the file as it is, run selvedge verify ${folder}, and compare with a backup`,
  });
}

/** Who writes the record now, and how the last one ended. */
export function writer(folder: string): Finding {
  const file = join(folder, JOURNAL_FILE);
  if (hasWriter(file)) return ok('site', 'a site is at work on this record');
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0)
    return ok('site', 'no site is at work on this record; the last one ended in good order');
  return finding('site', 'warning', 'no site is at work on this record, and the last one was cut off', {
    means:
      'It was killed, or the power went. What it had acknowledged is here; the next start puts it together, and open questions are asked again',
    cure: `Start the site, and look at its log for why it ended. A copy needs ${JOURNAL_FILE}-wal too`,
  });
}

/** The newest row against the clock of this machine. */
export function lastTime(folder: string, nowMs: number): Finding {
  const db = openForReading(join(folder, JOURNAL_FILE));
  try {
    const row = db.prepare('SELECT seq, at_ms FROM journal ORDER BY seq DESC LIMIT 1').get();
    const ahead = Number(row?.at_ms ?? 0) - nowMs;
    const when = new Date(Number(row?.at_ms ?? 0)).toISOString();
    if (ahead <= AHEAD_MS) return ok('clock-record', `the newest row is of ${when}`);
    return finding(
      'clock-record',
      'warning',
      `the newest row is of ${when}, and the clock of this machine says ${new Date(nowMs).toISOString()}`,
      {
        means: 'One of the two is wrong: figures of a shift, sessions and expiries go by this clock',
        cure: 'Look at the clock (date -u) and set it right before the site starts; what was written stays as it is',
      },
    );
  } finally {
    db.close();
  }
}

/** What others of this machine may read though it is nobody's but the site's. */
export async function privacy(folder: string): Promise<Finding> {
  if (process.platform === 'win32') return ok('permissions', 'not looked at on this system');
  const secrets = await readdir(join(folder, 'secrets')).catch(() => []);
  const paths = ['secrets', ...secrets.map((name) => join('secrets', name)), CREDENTIALS_FILE];
  const open: string[] = [];
  let seen = 0;
  for (const path of paths) {
    const found = await stat(join(folder, path)).catch(() => null);
    if (found === null) continue;
    seen += 1;
    if ((found.mode & 0o077) !== 0) open.push(path);
  }
  if (open.length === 0) return ok('permissions', `${seen} private files and folders are the site's alone`);
  return finding('permissions', 'fault', `other users of this machine reach ${open.join(', ')}`, {
    means:
      'Whoever reads the audit secrets knows which units will be audited; whoever reads the key signs as the site',
    cure: `Take the right away: chmod -R go= ${open.map((path) => join(folder, path)).join(' ')}`,
  });
}

/** The newest model of each station: its bytes by their hash, that it opens here, and what was compared at its making. */
export async function models(folder: string): Promise<Finding[]> {
  const db = openForReading(join(folder, JOURNAL_FILE));
  try {
    const rows = db
      .prepare(
        `SELECT body FROM journal WHERE seq IN
           (SELECT max(seq) FROM journal WHERE kind = 'model-installed' GROUP BY subject) ORDER BY subject`,
      )
      .all()
      .map(({ body }) => JSON.parse(String(body)) as ModelRow);
    return await modelsOf(rows, (hash) => readContent(folder, db, hash));
  } finally {
    db.close();
  }
}

async function modelsOf(
  rows: readonly ModelRow[],
  kept: (hash: string) => Promise<Buffer>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const row of rows) {
    const { station, model, name, parity } = row;
    try {
      const bytes = directionOfHash(model) === null ? await kept(model) : null;
      const opened = await openModel(row, bytes);
      await opened.scorer[Symbol.asyncDispose]();
      findings.push(
        ok('model', `${station}: ${name} (${model.slice(0, 12)}…) is as it was and opens; parity: ${parity}`),
      );
    } catch (error) {
      findings.push(
        finding('model', 'fault', `${station}: ${name} (${model.slice(0, 12)}…): ${reasonOf(error)}`, {
          means: 'The station has no model: people judge every unit',
          cure: 'Bring blobs/ back from a backup, or let the station fit or read its model anew',
        }),
      );
    }
  }
  return findings;
}
