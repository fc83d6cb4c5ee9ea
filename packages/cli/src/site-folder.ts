import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_FILE, StoreError } from '@selvedge/store';

/**
 * The file of the journal that somebody means by the path of a file or of a folder.
 * @throws StoreError `not-a-journal` where there is none.
 */
export async function journalAt(path: string): Promise<string> {
  const none = (why: string, cure: string) => new StoreError('not-a-journal', `${path}: ${why}. ${cure}`);
  const found = await stat(path).catch(() => null);
  if (found === null) throw none('there is no such file', 'Name the folder of a site, or the journal in it');
  const file = found.isDirectory() ? join(path, JOURNAL_FILE) : path;
  const inside = await stat(file).catch(() => null);
  if (inside === null)
    throw none(
      `there is no ${JOURNAL_FILE} in this folder`,
      'Name the `folder` of the configuration of a site',
    );
  if (!inside.isFile()) throw none('it is no file', 'Name the folder of a site, or the journal in it');
  await access(file, constants.R_OK).catch(() => {
    throw none('this user may not read it', 'Ask for the right, or for a copy');
  });
  return file;
}
