import { ROLES, type Role } from '@selvedge/core/records';
import * as client from 'openid-client';
import { hashOf, newSecret } from './credentials-file.js';

/** What is known of the identity provider; see `access.oidc` of the configuration. */
export interface OidcOptions {
  readonly issuer: string;
  /** What people call it. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly rolesClaim: string;
  readonly roles: readonly { readonly value: string; readonly role: Role }[];
  readonly clockSkewSeconds: number;
  /** The origin of the site in the browser; people come back to `OIDC_CALLBACK` there. */
  readonly address: string;
}

export const OIDC_START = '/api/sign-in/oidc';
export const OIDC_CALLBACK = '/api/sign-in/oidc/callback';

/** Why nobody came in; a word for the page that says it in the reader's language, and for the journal. */
export type OidcFaultCode = 'away' | 'cancelled' | 'expired' | 'not-as-asked';

export class OidcFault extends Error {
  override readonly name = 'OidcFault';
  readonly code: OidcFaultCode;
  /** What exactly was not as asked, in words of the library that checked it; for the log. */
  readonly detail: string;

  constructor(code: OidcFaultCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, { cause });
    this.code = code;
    this.detail = detail;
  }
}

/** Who the provider says came. */
export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  /** As the provider spells it; to be cleaned. */
  readonly name: string;
  /** The highest role of the claim; null where it maps to none. */
  readonly role: Role | null;
  /** The session of this site that asked to be linked; null for a sign-in. */
  readonly linking: Linking | null;
}

export interface Linking {
  readonly user: string;
  readonly session: Buffer;
}

export interface OidcProvider {
  readonly name: string;
  readonly address: string;
  /** Where to send the browser, and the secret that it keeps until it is back. @throws OidcFault `away`. */
  begin(linking: Linking | null): Promise<{ readonly url: string; readonly secret: string }>;
  /** `query`: of the callback, with its `?`; `secret`: what the browser kept. Good once. @throws OidcFault. */
  finish(query: string, secret: string | undefined): Promise<OidcPerson>;
}

const GOOD_FOR_MS = 600_000;
/** Sign-ins that are under way at once; the oldest goes. */
const MOST = 2_000;
/** The provider's own description is asked for again after so long: its keys and addresses change. */
const KNOWN_FOR_MS = 3_600_000;
const TIMEOUT_S = 8;

interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly linking: Linking | null;
  readonly endsMs: number;
}

/**
 * The authorization code flow with PKCE (OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9207): openid-client checks
 * state, issuer, audience, nonce, times and signature of the ID token. What begins in one browser ends in it alone: the
 * state belongs to a cookie of that browser. Nothing is asked of the provider before somebody wants to sign in by it.
 */
export function createOidcProvider(options: OidcOptions, steadyMs: () => number): OidcProvider {
  const { issuer, clientId, clientSecret, clockSkewSeconds, address } = options;
  const redirect = new URL(OIDC_CALLBACK, address).href;
  const scope = [...new Set(['openid', ...options.scopes])].join(' ');
  const begun = new Map<string, Begun>();
  let known: { readonly config: client.Configuration; readonly atMs: number } | null = null;

  const discover = async (): Promise<client.Configuration> => {
    if (known !== null && steadyMs() - known.atMs < KNOWN_FOR_MS) return known.config;
    const url = new URL(issuer);
    const insecure = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    const found = await client
      .discovery(url, clientId, undefined, undefined, { execute: insecure, timeout: TIMEOUT_S })
      .catch((error: unknown) => {
        // What was known may still be right where the provider does not describe itself just now.
        if (known !== null) return null;
        throw asFault(error);
      });
    if (found === null) return known?.config ?? Promise.reject(new OidcFault('away', 'no description'));
    const server = found.serverMetadata();
    const basic = server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true;
    const config = new client.Configuration(
      server,
      clientId,
      { client_secret: clientSecret, [client.clockTolerance]: clockSkewSeconds },
      basic ? client.ClientSecretBasic(clientSecret) : client.ClientSecretPost(clientSecret),
    );
    config.timeout = TIMEOUT_S;
    for (const allow of insecure) allow(config);
    // The signature is checked as well, not only whose connection the token came by.
    client.enableNonRepudiationChecks(config);
    known = { config, atMs: steadyMs() };
    return config;
  };

  return {
    name: options.name,
    address,
    async begin(linking) {
      const config = await discover();
      const secret = newSecret();
      const verifier = client.randomPKCECodeVerifier();
      const one: Begun = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier,
        linking,
        endsMs: steadyMs() + GOOD_FOR_MS,
      };
      begun.set(hashOf(secret).toString('hex'), one);
      for (const [key, { endsMs }] of begun) {
        if (endsMs > steadyMs() && begun.size <= MOST) break;
        begun.delete(key);
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirect,
        scope,
        state: one.state,
        nonce: one.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, secret };
    },
    async finish(query, secret) {
      const key = secret === undefined ? '' : hashOf(secret).toString('hex');
      const one = begun.get(key);
      if (one === undefined || one.endsMs <= steadyMs()) throw new OidcFault('expired', 'nothing was begun');
      const back = new URL(redirect);
      back.search = query;
      // Before anything is used up: another site may send a browser here with a state of its own.
      if (back.searchParams.get('state') !== one.state) throw new OidcFault('not-as-asked', 'state');
      begun.delete(key);
      try {
        const config = await discover();
        const tokens = await client.authorizationCodeGrant(config, back, {
          expectedState: one.state,
          expectedNonce: one.nonce,
          pkceCodeVerifier: one.verifier,
          idTokenExpected: true,
        });
        const said = tokens.claims();
        if (said === undefined) throw new OidcFault('not-as-asked', 'no ID token');
        const full =
          claimAt(said, options.rolesClaim) !== undefined && said.name !== undefined
            ? said
            : { ...(await more(config, tokens.access_token, said.sub)), ...said };
        return {
          issuer: said.iss,
          subject: said.sub,
          name: nameIn(full),
          role: highest(claimAt(full, options.rolesClaim), options.roles),
          linking: one.linking,
        };
      } catch (error) {
        throw asFault(error);
      }
    },
  };
}

/** Many providers give groups and names by UserInfo alone; the library holds its subject against the token's. */
async function more(config: client.Configuration, token: string, subject: string): Promise<object> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return {};
  return client.fetchUserInfo(config, token, subject);
}

/** A claim by its name, else by the names that dots join. */
function claimAt(claims: object, name: string): unknown {
  const own = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined;
  return own(claims, name) ?? name.split('.').reduce<unknown>(own, claims);
}

function highest(claim: unknown, roles: OidcOptions['roles']): Role | null {
  const values = new Set([claim].flat().filter((value) => typeof value === 'string'));
  const mine = roles.filter(({ value }) => values.has(value)).map(({ role }) => role);
  return ROLES.findLast((role) => mine.includes(role)) ?? null;
}

function nameIn(claims: object): string {
  for (const claim of ['name', 'preferred_username', 'email', 'sub']) {
    const value = claimAt(claims, claim);
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return '';
}

function asFault(error: unknown): OidcFault {
  if (error instanceof OidcFault) return error;
  if (error instanceof client.AuthorizationResponseError && error.error === 'access_denied')
    return new OidcFault('cancelled', error.error, error);
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return new OidcFault('not-as-asked', error.error, error);
  const { code, name } = error as { code?: unknown; name?: unknown };
  // Nobody answered, not in time, or not with what a provider says.
  const away =
    name === 'TimeoutError' ||
    name === 'AbortError' ||
    (error instanceof TypeError && typeof code !== 'string') ||
    code === 'OAUTH_TIMEOUT' ||
    code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' ||
    code === 'OAUTH_RESPONSE_IS_NOT_JSON';
  const detail = [code ?? name, claimOf(error)].filter((one) => typeof one === 'string').join(' ');
  return new OidcFault(away ? 'away' : 'not-as-asked', detail, error);
}

/** The claim that was not as expected; the library tells it some causes down. */
function claimOf(error: unknown): unknown {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth += 1) {
    if ('claim' in at) return at.claim;
    at = (at as { cause?: unknown }).cause;
  }
  return undefined;
}
