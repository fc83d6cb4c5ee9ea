import { SITE_FACTS, type SiteFactBody, type SiteFactKind } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';

/** Writes one fact and resolves when the disk has it. */
export type WriteFact = <K extends SiteFactKind>(
  kind: K,
  subject: string | null,
  body: SiteFactBody<K>,
) => Promise<void>;

/** @throws StoreError of `Journal.append`; ZodError for a body that is not as its kind says. */
export const factWriter =
  (journal: Pick<Journal, 'append'>, nowMs: () => number): WriteFact =>
  async (kind, subject, body) => {
    await journal.append({ kind, subject, atMs: nowMs(), body: SITE_FACTS[kind].parse(body) });
  };
