import type { Passkey, User } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Challenges } from './challenges.js';
import { conflict, Refusal } from './refusal.js';

const MOST_PER_USER = 20;

/** Where a passkey is good for: a browser's origin, and its host as the relying party. */
export interface Place {
  readonly origin: string;
  readonly host: string;
}

/** What a browser sends of a new passkey, as `newPasskeySchema` checked it. */
export interface NewCredential {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
  };
}

/** What a browser sends to sign in, as `passkeySignInSchema` checked it. */
export interface Assertion {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | null | undefined;
  };
}

export type Assertive =
  | { readonly ok: true; readonly user: string }
  | { readonly ok: false; readonly user: string | null; readonly why: string };

export interface Passkeys {
  /** For `navigator.credentials.create`; the challenge is good once, for `session` and five minutes. */
  creationOptions(user: User, site: string, place: Place, session: string): Promise<object>;
  /** @throws Refusal `passkey-refused` (422), `passkey-known` and `too-many-passkeys` (409). */
  add(
    credential: NewCredential,
    about: { readonly user: User; readonly name: string; readonly place: Place; readonly session: string },
    nowMs: number,
  ): Promise<Passkey>;
  /** For `navigator.credentials.get`: any passkey of the place, so that it tells nothing about names. */
  requestOptions(place: Place): Promise<object>;
  /** Whose passkey signed the challenge. */
  check(assertion: Assertion, place: Place, nowMs: number): Promise<Assertive>;
  list(user: string): Passkey[];
  /** True where it was there. */
  remove(user: string, id: string): boolean;
}

/** WebAuthn level 3 passkeys: kept on the device, user verification always asked for, attestation none. */
export function createPasskeys(db: Database, challenges: Challenges): Passkeys {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO passkey (id, user, name, public_key, counter, made_at_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const get = db.prepare('SELECT id, user, public_key, counter FROM passkey WHERE id = ?');
  const used = db.prepare('UPDATE passkey SET counter = ?, used_at_ms = ? WHERE id = ?');
  const ofUser = db.prepare(
    'SELECT id, name, made_at_ms, used_at_ms FROM passkey WHERE user = ? ORDER BY made_at_ms',
  );
  const drop = db.prepare('DELETE FROM passkey WHERE id = ? AND user = ?');
  const list = (user: string): Passkey[] =>
    ofUser.all(user).map((row) => ({
      id: String(row.id),
      name: String(row.name),
      madeAtMs: Number(row.made_at_ms),
      usedAtMs: row.used_at_ms === null ? null : Number(row.used_at_ms),
    }));
  return {
    creationOptions: async (user, site, { host }, session) =>
      generateRegistrationOptions({
        rpName: site,
        rpID: host,
        userName: user.name,
        userDisplayName: user.name,
        userID: new Uint8Array(Buffer.from(user.id)),
        challenge: challenges.make(`add ${session}`),
        attestationType: 'none',
        excludeCredentials: list(user.id).map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      }),
    async add(credential, { user, name, place, session }, nowMs) {
      const verified = await verifyRegistrationResponse({
        response: { ...credential, clientExtensionResults: {} },
        expectedChallenge: (challenge) => challenges.take(decoded(challenge), `add ${session}`),
        expectedOrigin: place.origin,
        expectedRPID: place.host,
        requireUserVerification: true,
      }).catch((cause: unknown) => {
        throw refused(cause);
      });
      if (!verified.verified) throw refused(undefined);
      if (list(user.id).length >= MOST_PER_USER)
        throw conflict(
          'too-many-passkeys',
          `A user has ${MOST_PER_USER} passkeys at most. Remove one first.`,
        );
      const { id, publicKey, counter } = verified.registrationInfo.credential;
      const { changes } = insert.run(id, user.id, name, publicKey, counter, nowMs);
      if (Number(changes) === 0) throw conflict('passkey-known', 'This passkey is registered already.');
      return { id, name, madeAtMs: nowMs, usedAtMs: null };
    },
    requestOptions: async ({ host }) =>
      generateAuthenticationOptions({
        rpID: host,
        challenge: challenges.make('sign-in'),
        userVerification: 'required',
      }),
    async check({ id, rawId, type, response }, place, nowMs) {
      const row = get.get(id);
      if (row === undefined) return { ok: false, user: null, why: 'passkey-unknown' };
      const user = String(row.user);
      const { userHandle, ...rest } = response;
      if (userHandle != null && Buffer.from(userHandle, 'base64url').toString() !== user)
        return { ok: false, user, why: 'passkey-of-another' };
      try {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: { id, rawId, type, response: rest, clientExtensionResults: {} },
          expectedChallenge: (challenge) => challenges.take(decoded(challenge), 'sign-in'),
          expectedOrigin: place.origin,
          expectedRPID: place.host,
          requireUserVerification: true,
          credential: {
            id: String(row.id),
            publicKey: new Uint8Array(row.public_key as Uint8Array),
            counter: Number(row.counter),
          },
        });
        if (!verified) return { ok: false, user, why: 'passkey-signature' };
        used.run(authenticationInfo.newCounter, nowMs, id);
        return { ok: true, user };
      } catch (error) {
        const counter = error instanceof Error && /counter/i.test(error.message);
        return { ok: false, user, why: counter ? 'passkey-copied' : 'passkey-not-as-asked' };
      }
    },
    list,
    remove: (user, id) => Number(drop.run(id, user).changes) > 0,
  };
}

const refused = (cause: unknown): Refusal =>
  new Refusal({
    status: 422,
    code: 'passkey-refused',
    message: 'The passkey does not fit what was asked for. Begin again on this page.',
    cause,
  });

/** The library wraps a challenge given as text in base64url. */
const decoded = (challenge: string): string => Buffer.from(challenge, 'base64url').toString();
