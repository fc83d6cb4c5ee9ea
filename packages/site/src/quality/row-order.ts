import type { Warning } from '@selvedge/core/records';
import { type Dataset, isBad } from '../dataset/dataset.js';

/** AUC of the row number, either way, from which on the order of a file tells the class. */
const TELLING_AUC = 0.8;
const LEVEL = 0.01;

/**
 * Warns where the class can be told from the place in a table that says nothing of time: good and bad units were
 * then perhaps recorded apart, and a model may learn the recording.
 */
export function rowOrderWarnings(sets: Iterable<Dataset>): Warning[] {
  const warnings: Warning[] = [];
  for (const { layout, items } of sets) {
    if (layout !== 'table' || items.some((i) => i.atMs !== null)) continue;
    const usable = items.filter((i) => i.fault === null);
    const found = rowOrder(
      usable.map(isBad),
      usable.map((i) => i.group),
    );
    if (found === null || Math.max(found.auc, 1 - found.auc) < TELLING_AUC || found.p > LEVEL) continue;
    warnings.push({
      code: 'shortcut-suspected',
      detail: `The class can be told from the place in the file alone (AUC ${found.auc.toFixed(2)}, permutation p at most ${Number(found.p.toPrecision(2))}): good and bad units stand apart and no column says when they were made. If they were recorded apart, a model may learn the recording; add a column "time", or mix them when they are recorded`,
    });
  }
  return warnings;
}

/**
 * AUC of the row number, and the share of the file's rotations whose AUC is as far from 1/2. Bad units that come in
 * clusters stay in them when a file is rotated, so a clustered order that is fair (it could have begun anywhere) is
 * as extreme as this with a chance of `p` only. A file with groups is rotated by whole runs of one group: a bad lot
 * that happens to be the last one says little where there are few lots. Without groups that case cannot be told
 * from units recorded apart, and warns. Null where one class is missing.
 */
export function rowOrder(
  bad: readonly boolean[],
  groups: readonly (string | null)[],
): { auc: number; p: number } | null {
  const n = bad.length;
  const bads = bad.filter(Boolean).length;
  const goods = n - bads;
  if (bads === 0 || goods === 0) return null;
  let rankSum = 0;
  bad.forEach((b, i) => {
    if (b) rankSum += i + 1;
  });
  const aucOf = (sum: number): number => (sum - (bads * (bads + 1)) / 2) / (bads * goods);
  const auc = aucOf(rankSum);
  const far = Math.abs(auc - 0.5) - 1e-9;
  let rotations = 0;
  let asFar = 0;
  let before = 0;
  for (let start = 0; start < n; start++) {
    const group = groups[start] ?? null;
    if (start === 0 || group === null || group !== groups[start - 1]) {
      rotations++;
      // Every rank falls by `start`; those of the rows before it come back from the other end.
      if (Math.abs(aucOf(rankSum - start * bads + n * before) - 0.5) >= far) asFar++;
    }
    if (bad[start]) before++;
  }
  return { auc, p: asFar / rotations };
}
