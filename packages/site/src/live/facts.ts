import { SITE_FACTS, type SiteFactBody, type SiteFactKind } from '@selvedge/core/records';
import type { BlobRef, Fact } from '@selvedge/store';

/**
 * The one door into the journal: a row is checked against the schema of its kind before it is written.
 * @throws ZodError where the body is not of its kind: a fault of the caller.
 */
export function factOf<K extends SiteFactKind>(
  kind: K,
  {
    subject,
    atMs,
    body,
    blobs,
  }: { subject: string | null; atMs: number; body: SiteFactBody<K>; blobs?: readonly BlobRef[] },
): Fact {
  return {
    kind,
    subject,
    atMs: Math.round(atMs),
    body: SITE_FACTS[kind].parse(body),
    ...(blobs ? { blobs } : {}),
  };
}
