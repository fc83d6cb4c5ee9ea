import type { GateState } from '@selvedge/core';
import type { Ruling } from './gate-keeper.js';
import type { Judged } from './model.js';
import type { OpenQuestion } from './open-questions.js';

/** Whether a unit that would pass is asked about: never one whose label is to prove something. */
export type Teaches = (unit: {
  readonly unit: string;
  readonly lot: string | null;
  readonly score: number;
  readonly threshold: number | null;
}) => boolean;

/** Why a person is asked; nobody sees it before the answer. `before` = the gate's state when the unit came. */
export function reasonOf(
  ruling: Ruling | null,
  { fault }: Judged,
  { before, teach }: { readonly before: GateState['name'] | undefined; readonly teach: boolean },
): OpenQuestion['reason'] {
  if (fault !== null) return 'no-score';
  if (ruling?.decide.audit) return 'audit';
  if (teach) return 'teach';
  return before === 'open' || before === 'ramp' || before === 'watch' ? 'ask' : 'shadow';
}
