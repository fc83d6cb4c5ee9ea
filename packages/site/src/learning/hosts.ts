import { isIP } from 'node:net';
import type { Database } from '@selvedge/store';
import { factOf } from '../live/facts.js';
import type { ModelPlace } from '../live/installed-models.js';

/** `host:port` of an address, lower case; the port is written out. @throws RangeError for what is no http address. */
export function hostOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new RangeError(`${url} is no address that begins with http:// or https://`);
  return `${hostname.toLowerCase()}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** Whether a host is this machine itself: nothing leaves it. */
export function isHere(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (name === 'localhost') return true;
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1';
}

/** Hosts that an owner has allowed and not taken back; the newest word on each holds. */
export function allowedHosts(db: Database): Set<string> {
  const rows = db
    .prepare(`SELECT subject, body FROM journal WHERE kind = 'host-allowed' ORDER BY seq`)
    .iterate();
  const allowed = new Set<string>();
  for (const { subject, body } of rows) {
    const { allowed: yes } = JSON.parse(String(body)) as { allowed: boolean };
    if (yes) allowed.add(String(subject));
    else allowed.delete(String(subject));
  }
  return allowed;
}

/** An owner lets observations go to a host, or takes that back. */
export async function allowHost(
  { journal, clock }: Pick<ModelPlace, 'journal' | 'clock'>,
  act: { readonly host: string; readonly allowed: boolean; readonly user: string; readonly reason: string },
): Promise<void> {
  await journal.append(factOf('host-allowed', { subject: act.host, atMs: clock.nowMs(), body: act }));
}
