import { isIP } from 'node:net';
import type { Draft } from './draft.js';
import type { Finding } from './fault.js';
import { isLoopback } from './words.js';

const conflict = (place: Draft, what: string, cure: string): Finding => ({
  path: place.path,
  code: 'conflict',
  what,
  cure,
});
const WRITE_ADDRESS =
  'Write the address of the console under access, e.g. address: https://selvedge.plant.example';

/** The host of an address, without brackets; null where it is no address. */
const hostOf = (address: string | null): string | null =>
  address !== null && URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/g, '') : null;

/** How browsers reach the site, and what of signing in can work there. */
export function accessChecks(root: Draft): Finding[] {
  const listen = root.at('listen');
  const access = root.at('access');
  return [...transport(listen, access), ...passkeys(listen, access), ...oidc(access)];
}

function transport(listen: Draft, access: Draft): Finding[] {
  // What cannot be read says nothing of what encrypts.
  if (listen.written() && typeof listen.value !== 'object') return [];
  const encrypted = listen.at('tls').written() || listen.at('trustProxy').written();
  const host = listen.at('host').text() ?? '127.0.0.1';
  const plaintext = listen.at('plaintext');
  const address = access.at('address');
  const found: Finding[] = [];
  if (!isLoopback(host) && !encrypted && !plaintext.written())
    found.push(
      conflict(
        listen.at('host'),
        `is ${host}, where other machines connect, and nothing encrypts what they send: passwords and sessions can be read on the way`,
        'Write listen.tls with a certificate, or listen.trustProxy with the address of the proxy that ends https, or plaintext: accepted for a closed network',
      ),
    );
  if (plaintext.value === 'accepted' && listen.at('tls').written())
    found.push(conflict(plaintext, 'is accepted, but `tls` serves https alone', 'Take it away'));
  if (address.text()?.startsWith('https:') && !encrypted)
    found.push(
      conflict(
        address,
        'begins with https, but nothing serves https: browsers would be sent a cookie without its protection',
        'Write listen.tls with a certificate, or listen.trustProxy with the address of the proxy that ends https, e.g. trustProxy: [127.0.0.1]',
      ),
    );
  if (address.text()?.startsWith('http:') && listen.at('tls').written())
    found.push(
      conflict(address, 'begins with http, but `listen.tls` serves https alone', 'Write it with https://'),
    );
  return found;
}

/** Browsers have passkeys in a secure context and for a name (WebAuthn level 3, section 5.1.3). */
function passkeys(listen: Draft, access: Draft): Finding[] {
  const place = access.at('passkeys');
  const address = access.at('address').text();
  const host = listen.at('host').text() ?? '127.0.0.1';
  if (place.value !== true) return [];
  if (address === null)
    return isLoopback(host)
      ? []
      : [
          conflict(
            place,
            `is true, but passkeys from other machines (listen.host is ${host}) are bound to a name that is reached by https`,
            WRITE_ADDRESS,
          ),
        ];
  if (isIP(hostOf(address) ?? '') === 0) return [];
  return [
    conflict(
      place,
      `is true, but \`access.address\` (${address}) is a number, and browsers keep passkeys for names only`,
      'Give the site a name and write it in the address, or passkeys: false',
    ),
  ];
}

function oidc(access: Draft): Finding[] {
  const oidc = access.at('oidc');
  if (!oidc.written()) return [];
  const found: Finding[] = [];
  if (!access.at('address').written())
    found.push(
      conflict(
        oidc,
        'needs `access.address`: the identity provider has to send people back to it',
        WRITE_ADDRESS,
      ),
    );
  const env = oidc.at('clientSecretEnv');
  const file = oidc.at('clientSecretFile');
  if (env.written() && file.written())
    found.push(conflict(file, '`clientSecretEnv` names the secret already', 'Keep one of them'));
  // Whoever wrote the secret itself is told so already.
  const tried = Object.keys(oidc.value ?? {}).some((key) => /secret/i.test(key));
  if (!tried && typeof oidc.value === 'object')
    found.push(
      conflict(
        oidc,
        'says nowhere where the secret of the client is',
        'Write clientSecretEnv with the name of an environment variable, or clientSecretFile with the path of a file',
      ),
    );
  const seen = new Set<string>();
  for (const item of oidc.at('roles').items()) {
    const value = item.at('value').text();
    if (value === null) continue;
    if (seen.has(value))
      found.push({
        path: item.at('value').path,
        code: 'duplicate',
        what: `"${value}" has a role already`,
        cure: 'Keep one of them',
      });
    seen.add(value);
  }
  return found;
}

/** Whether browsers can have passkeys, where the file does not say. */
export const passkeysByDefault = (address: string | undefined, host: string): boolean =>
  address === undefined
    ? isLoopback(host)
    : isIP(hostOf(address) ?? '') === 0 && (address.startsWith('https:') || hostOf(address) === 'localhost');
