import type { SiteFactBody, StationReport } from '@selvedge/core/records';
import type { Entry } from '@selvedge/store';

/** A certificate as the report has it. */
export function certificateOf(
  { seq, atMs }: Entry,
  { n, bads, accept, reject, hash }: SiteFactBody<'certified'>,
  epoch: number,
): StationReport['certificates'][number] {
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return {
    ...{ seq, atMs, epoch, n, bads, hash },
    test: typeof accept?.test === 'string' ? accept.test : null,
    threshold: number(accept?.threshold),
    escapeUpper: number(accept?.upper),
    overkillUpper: number(reject?.upper),
  };
}
