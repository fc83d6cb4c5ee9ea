import { InputFault } from '../faults.js';

/** Widest table that is read: a row of observations has tens to thousands of columns. */
export const MAX_COLUMNS = 20_000;

/** Columns by what they are for. Indexes into the header. */
export interface Columns {
  readonly label: number;
  readonly id: number;
  readonly time: number;
  readonly group: number;
  readonly split: number;
  readonly map: number;
  readonly features: readonly number[];
  readonly featureNames: readonly string[];
  readonly kind: 'series' | 'map' | 'row' | 'score';
  readonly ignored: readonly string[];
}

/**
 * Gives each column its role. `numeric(column)` says whether a column holds numbers (most of its non-empty
 * cells do). Columns named alike and numbered 1..N (N >= 8) that are all features form one series.
 */
export function columnRoles(
  header: readonly string[],
  {
    file,
    groupColumn,
    numeric,
  }: { file: string; groupColumn: string | null; numeric: (column: number) => boolean },
): Columns {
  if (header.length > MAX_COLUMNS) {
    const message = `${file} has ${header.length} columns; at most ${MAX_COLUMNS} are read. Keep the columns that describe a unit, or turn a long signal into features`;
    throw new InputFault({ code: 'too-many-columns', message, file, line: 1 });
  }
  const seen = new Set<string>();
  for (const name of header) {
    if (seen.has(name))
      throw new InputFault({
        code: 'duplicate-column',
        message: `column "${name}" stands twice in ${file}: rename one`,
        file,
        line: 1,
      });
    seen.add(name);
  }
  const at = (name: string) => header.findIndex((h) => h.trim().toLowerCase() === name);
  const label = at('label');
  if (label < 0) {
    const found = header
      .slice(0, 12)
      .map((h) => `"${h}"`)
      .join(', ');
    const message = `${file} has no column "label" (good, or the name of a bad class). Found: ${found}${header.length > 12 ? ', …' : ''}`;
    throw new InputFault({ code: 'no-label-column', message, file, line: 1 });
  }
  const group = groupColumn === null ? at('group') : header.indexOf(groupColumn);
  const roles = { label, id: at('id'), time: at('time'), group, split: at('split'), map: at('map') };
  const taken = new Set([...Object.values(roles), at('group')].filter((c) => c >= 0));
  const rest = header.map((_, c) => c).filter((c) => !taken.has(c));
  const features = rest.filter(numeric);
  const ignored = rest.filter((c) => !features.includes(c)).map((c) => header[c]!);
  const featureNames = features.map((c) => header[c]!);
  if (roles.map >= 0)
    return { ...roles, features: [], featureNames: [], kind: 'map', ignored: [...ignored, ...featureNames] };
  if (features.length === 0) {
    const message = `${file} has no numeric column beside label, id, time, group and split: nothing to decide on`;
    throw new InputFault({ code: 'no-features', message, file, line: 1 });
  }
  const only = featureNames[0]!.trim().toLowerCase();
  const kind =
    features.length === 1 && only === 'score' ? 'score' : isNumbered(featureNames) ? 'series' : 'row';
  return { ...roles, features, featureNames, kind, ignored };
}

/** name1..nameN in order, zero-padding allowed, N >= 8. */
export function isNumbered(names: readonly string[]): boolean {
  if (names.length < 8) return false;
  const parts = names.map((n) => /^(.*?)(\d+)$/.exec(n.trim()));
  const first = parts[0];
  if (!first) return false;
  const start = Number(first[2]);
  return (
    (start === 0 || start === 1) &&
    parts.every((p, i) => p !== null && p[1] === first[1] && Number(p[2]) === start + i)
  );
}
