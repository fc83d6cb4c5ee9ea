import type { SiteFactBody } from '@selvedge/core/records';
import type { Fact, Journal } from '@selvedge/store';
import type { SiteConfig } from '../config/site-config.js';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import { makeSiteKey, readSiteKey } from './site-key.js';

/** What a site says of itself, from its configuration. */
export const descriptionOf = ({ site, stations }: SiteConfig): SiteFactBody<'described'> => ({
  site: site.id,
  name: site.name,
  origin: site.origin,
  timezone: site.timezone,
  dayStart: site.dayStart,
  stations: stations.map(({ id, name, line, gate }) => ({ id, name, line, safety: gate.safety })),
});

/**
 * Writes who the site is and by which key it signs, where the journal does not say so yet: whoever has the journal alone
 * knows then where its figures come from. The key is made at the first start.
 */
export async function introduce(
  config: SiteConfig,
  { journal, clock }: { readonly journal: Journal; readonly clock: SiteClock },
): Promise<void> {
  const { folder } = config;
  const said = (kind: string): unknown => journal.read({ kind, newestFirst: true, limit: 1 })[0]?.body;
  const atMs = clock.nowMs();
  const facts: Fact[] = [];
  const body = descriptionOf(config);
  if (JSON.stringify(said('described')) !== JSON.stringify(body))
    facts.push(factOf('described', { subject: null, atMs, body }));
  const { publicKey, fingerprint } = (await readSiteKey(folder)) ?? (await makeSiteKey(folder));
  if ((said('key-made') as { fingerprint?: string } | undefined)?.fingerprint !== fingerprint)
    facts.push(factOf('key-made', { subject: null, atMs, body: { publicKey, fingerprint } }));
  await journal.appendAll(facts);
}
