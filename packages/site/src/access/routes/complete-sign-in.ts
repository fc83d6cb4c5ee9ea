import type { Session, SiteFactBody } from '@selvedge/core/records';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access.js';
import { hashOf } from '../credentials-file.js';
import { ofSession, setSessionCookie } from '../identity.js';
import { Refusal } from '../refusal.js';

type How = SiteFactBody<'signed-in'>['how'];

/**
 * Where every way of proving who somebody is ends: a password, a passkey, the first owner's code, an identity
 * provider. A further one needs a route and nothing else. The session is new, the one that the browser came with ends.
 *
 * @throws Refusal 401 where the user was deactivated meanwhile; StoreError where the journal cannot commit.
 */
export async function completeSignIn(
  access: Access,
  { request, reply, user, how }: { request: FastifyRequest; reply: FastifyReply; user: string; how: How },
): Promise<Session> {
  await access.write('signed-in', user, { user, how });
  const now = access.users.get(user);
  if (now === null || !now.active) throw signInRefused();
  if (request.identity?.session) {
    const before = request.identity;
    access.sessions.end(request.identity.session);
    await access.write('signed-out', before.user.id, { user: before.user.id, why: 'renewed' });
  }
  await access.endOld(user);
  const secret = access.sessions.make(user, access.clock.nowMs());
  setSessionCookie(access, { request, reply, secret });
  request.identity = ofSession(now, hashOf(secret), secret);
  return access.session(request.identity);
}

/** One answer for a name that is not there, a wrong password and somebody deactivated. */
export const signInRefused = (): Refusal =>
  new Refusal({
    status: 401,
    code: 'sign-in-refused',
    message: 'Name and password do not go together. Check both and try again, or ask an owner of the site.',
  });

/** Journals a refusal; where the journal cannot commit it stays a refusal. */
export async function noteRefusal(
  access: Access,
  request: FastifyRequest,
  { user, why }: { readonly user: string | null; readonly why: string },
): Promise<void> {
  // What was typed as a name is not written down: it may be a password.
  await access.write('sign-in-refused', user, { user: user ?? 'unknown', why }).catch((err: unknown) => {
    request.log.error({ err, event: 'refusal-not-journaled' });
  });
}
