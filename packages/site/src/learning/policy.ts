import type { SiteFactBody } from '@selvedge/core/records';
import { factOf } from '../live/facts.js';
import type { ModelPlace } from '../live/installed-models.js';
import type { Applicants } from './applicants.js';

export type Policy = SiteFactBody<'learning-policy'>;

/** The policy in force at a station; null where there is none, it ran out, or a budget was signed after it. */
export function policyOf(
  { journal }: Pick<ModelPlace, 'journal'>,
  station: string,
  nowMs: number,
): Policy | null {
  const [last] = journal.read({ kind: 'learning-policy', subject: station, newestFirst: true, limit: 1 });
  if (last === undefined) return null;
  const policy = last.body as Policy;
  if (!policy.active || (policy.untilAtMs !== null && policy.untilAtMs <= nowMs)) return null;
  const [signed] = journal.read({ kind: 'signed', subject: station, newestFirst: true, limit: 1 });
  // It speaks of the budget that was signed before it, and of no other.
  return signed !== undefined && signed.seq < last.seq ? policy : null;
}

export async function signPolicy(
  { journal, clock }: Pick<ModelPlace, 'journal' | 'clock'>,
  policy: Policy,
): Promise<void> {
  const fact = factOf('learning-policy', { subject: policy.station, atMs: clock.nowMs(), body: policy });
  await journal.append(fact);
}

/**
 * Hires who is recommended, where a person has signed that it may be so: long enough in shadow, better by enough, and
 * never into a gate that is closed, which is a person's to begin anew. Returns whom; null where nobody.
 */
export async function hireByPolicy(applicants: Applicants, policy: Policy | null): Promise<string | null> {
  const { station } = applicants;
  if (policy === null || station.gate === null || station.gate.name === 'closed') return null;
  for (const { id, state, scored, faults } of applicants.all()) {
    if (state !== 'recommended' || scored - faults < policy.leastShadowUnits) continue;
    const test = applicants.newestAssessment(id);
    if (test === null || test.missing !== null) continue;
    if ((test.against?.difference ?? test.automaticShare) < policy.leastGain) continue;
    await applicants.hire({ applicant: id, by: 'policy', user: policy.user, reason: policy.reason });
    return id;
  }
  return null;
}
