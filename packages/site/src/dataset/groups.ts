import { readFile, stat } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { InputFault } from '../faults.js';
import type { DatasetItem } from './dataset.js';

/**
 * Gives the items of a folder their group: from a two-column CSV file path,group, or from a regular expression
 * on the relative path (first capture group, or the whole match).
 */
export async function withGroups(items: readonly DatasetItem[], rule: string): Promise<DatasetItem[]> {
  const isFile = await stat(rule).then(
    (s) => s.isFile(),
    () => false,
  );
  const groupOf = isFile ? await fromFile(rule) : fromPattern(rule);
  const grouped = items.map((item) => ({ ...item, group: groupOf(item.id) }));
  const without = grouped.filter((item) => item.group === null);
  if (without.length > 0) {
    const message = `--group gives no group for ${without.length} of ${items.length} items, e.g. ${without[0]!.id}. ${isFile ? 'Add them to the file' : 'Widen the expression'}`;
    throw new InputFault({ code: 'missing-group', message, file: isFile ? rule : null });
  }
  return grouped;
}

function fromPattern(rule: string): (id: string) => string | null {
  let pattern: RegExp;
  try {
    pattern = new RegExp(rule);
  } catch (cause) {
    throw new InputFault({
      code: 'bad-group',
      message: `--group "${rule}" is neither a file nor a regular expression: ${(cause as Error).message}`,
      cause,
    });
  }
  return (id) => {
    const match = pattern.exec(id);
    return match ? (match[1] ?? match[0]) : null;
  };
}

async function fromFile(file: string): Promise<(id: string) => string | null> {
  const rows: string[][] = parse(await readFile(file), {
    bom: true,
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
  });
  const groups = new Map<string, string>();
  for (const [i, row] of rows.entries()) {
    if (row.length < 2)
      throw new InputFault({
        code: 'bad-group-file',
        message: `${file}:${i + 1} needs two columns: path,group`,
        file,
        line: i + 1,
      });
    groups.set(row[0]!.replaceAll('\\', '/').replace(/^\.\//, ''), row[1]!);
  }
  // Paths may be written from the class folder's parent or from anywhere above or below it: the longest common
  // tail must agree, so that train/good/1.png never lends its group to test/good/1.png.
  const byName = new Map<string, [string, string][]>();
  for (const entry of groups) {
    const name = entry[0].split('/').at(-1)!;
    byName.set(name, [...(byName.get(name) ?? []), entry]);
  }
  return (id) => {
    const exact = groups.get(id);
    if (exact !== undefined) return exact;
    const alike = (byName.get(id.split('/').at(-1)!) ?? []).filter(
      ([path]) => id.endsWith(`/${path}`) || path.endsWith(`/${id}`),
    );
    const found = new Set(alike.map(([, group]) => group));
    return found.size === 1 ? [...found][0]! : null;
  };
}
