import type { Evidence, Warning } from '@selvedge/core/records';
import { itemOf, type Split } from '../dataset/split.js';
import type { ReplayModel, ScoredPart } from './model.js';

/** A warning that counts the items which could not be read or scored. */
export function damaged(
  split: Split,
  fitFaults: ReplayModel['fitFaults'],
  ...parts: ScoredPart[]
): Warning[] {
  const { units } = setAside(split, fitFaults, ...parts);
  if (units === 0) return [];
  return [
    {
      code: 'damaged-items',
      detail: `${units} items could not be read or scored: those of the fit set were left out, those of the calibration set are no evidence, those of the stream were asked of a person`,
    },
  ];
}

/** The items that could not be read or scored, the first twenty by name. */
export function setAside(
  { fit, calibrate, stream }: Split,
  fitFaults: ReplayModel['fitFaults'],
  ...[calibrated, streamed]: ScoredPart[]
): Evidence['data']['setAside'] {
  const list = [
    ...fit
      .filter((r) => itemOf(r).fault !== null)
      .map((r) => ({ id: itemOf(r).source, why: itemOf(r).fault! })),
    ...fitFaults,
    ...[...(calibrated?.faults ?? [])].map(([i, why]) => ({ id: itemOf(calibrate[i]!).source, why })),
    ...[...(streamed?.faults ?? [])].map(([i, why]) => ({ id: itemOf(stream[i]!).source, why })),
  ];
  return { units: list.length, examples: list.slice(0, 20) };
}
