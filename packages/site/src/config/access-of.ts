import { readFile } from 'node:fs/promises';
import type { AccessOptions } from '../access/access.js';
import type { OidcOptions } from '../access/oidc-provider.js';
import { InputFault } from '../faults.js';
import { readTls, type TlsPair } from '../server/tls-files.js';
import type { SiteConfig } from './site-config.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Who may come in and how, as the file says it; secrets are read from where it names them.
 * @throws InputFault `no-secret` where there is none.
 */
export async function accessOf(
  { access, site, source }: Pick<SiteConfig, 'access' | 'site' | 'source'>,
  env: Env,
): Promise<Pick<AccessOptions, 'languages' | 'passkeys' | 'origins' | 'sessions' | 'oidc'>> {
  const { address, sessionHours, passkeys, oidc } = access;
  return {
    languages: site.languages,
    passkeys,
    sessions: { longestMs: sessionHours * 3_600_000 },
    ...(address?.startsWith('https:') ? { origins: [new URL(address).origin] } : {}),
    ...(oidc === undefined || address === undefined
      ? {}
      : { oidc: { ...providerOf(oidc, address), clientSecret: await secretOf(oidc, env, source.file) } }),
  };
}

type Oidc = NonNullable<SiteConfig['access']['oidc']>;

const providerOf = (oidc: Oidc, address: string): Omit<OidcOptions, 'clientSecret'> => ({
  issuer: oidc.issuer,
  name: oidc.name ?? new URL(oidc.issuer).host,
  clientId: oidc.clientId,
  scopes: oidc.scopes,
  rolesClaim: oidc.rolesClaim,
  roles: oidc.roles,
  clockSkewSeconds: oidc.clockSkewSeconds,
  address: new URL(address).origin,
});

async function secretOf(
  { clientSecretEnv, clientSecretFile }: Oidc,
  env: Env,
  file: string,
): Promise<string> {
  const missing = (message: string, cause?: unknown): InputFault =>
    new InputFault({ code: 'no-secret', message, file, cause });
  if (clientSecretFile !== undefined) {
    const text = await readFile(clientSecretFile, 'utf8').catch((cause: unknown) => {
      throw missing(`access.oidc.clientSecretFile: ${clientSecretFile} cannot be read`, cause);
    });
    if (text.trim() === '') throw missing(`access.oidc.clientSecretFile: ${clientSecretFile} is empty`);
    return text.trim();
  }
  const secret = env[clientSecretEnv ?? ''];
  if (!secret)
    throw missing(
      `access.oidc.clientSecretEnv: the environment variable ${clientSecretEnv} is not set. Set it for the process of the site`,
    );
  return secret;
}

/**
 * The certificate that is served, and its key; null where the site serves plain http.
 * @throws InputFault `bad-tls` where they cannot be read or do not fit.
 */
export async function tlsOf({
  listen,
  source,
}: Pick<SiteConfig, 'listen' | 'source'>): Promise<TlsPair | null> {
  if (listen.tls === undefined) return null;
  return readTls(listen.tls).catch((cause: unknown) => {
    const { message } = cause as Error;
    throw new InputFault({
      code: 'bad-tls',
      message: `listen.tls: ${message}. Name a certificate and its own key, in PEM, that this user may read`,
      file: source.file,
      cause,
    });
  });
}
