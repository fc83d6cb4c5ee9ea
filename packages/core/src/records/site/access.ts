import { z } from 'zod';
import { setupSchema, userSchema } from './api.js';
import { RIGHTS, type Right, roleSchema } from './roles.js';

/** What the routes of users, tokens and passkeys say and hear. Times are epoch ms of the server's clock. */

const label = z.string().trim().min(1).max(80);
const password = setupSchema.shape.password;
const ms = z.number().int();

export const rightSchema = z.enum(Object.keys(RIGHTS) as [Right, ...Right[]]);

/** What a path names by `:id`. */
export const idParamsSchema = z.strictObject({ id: z.string().min(1).max(100) });

/** GET /api/users */
export const usersSchema = z.strictObject({ users: z.array(userSchema) });
/** POST /api/users/:id: what is left out stays. */
export const userChangeSchema = z
  .strictObject({ role: roleSchema.optional(), active: z.boolean().optional() })
  .refine(({ role, active }) => role !== undefined || active !== undefined, 'say a role, or active, or both');
/** POST /api/users/:id/password, by an owner. */
export const newPasswordSchema = z.strictObject({ password });
/** POST /api/password, by oneself. `current` may be empty for somebody who has passkeys only. */
export const ownPasswordSchema = z.strictObject({ current: z.string().max(200), password });

export const apiTokenSchema = z.strictObject({
  id: z.string(),
  /** Who made it. */
  user: z.string(),
  name: z.string(),
  rights: z.array(rightSchema),
  madeAtMs: ms,
  endsAtMs: ms.nullable(),
  usedAtMs: ms.nullable(),
  revoked: z.boolean(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;
/** GET /api/tokens */
export const tokensSchema = z.strictObject({ tokens: z.array(apiTokenSchema) });
/** POST /api/tokens */
export const newTokenSchema = z.strictObject({
  name: label,
  rights: z.array(rightSchema).min(1).max(Object.keys(RIGHTS).length),
  endsAtMs: ms.nullable(),
});
/** Its answer: the only time that `secret` is shown. */
export const madeTokenSchema = z.strictObject({ token: apiTokenSchema, secret: z.string() });

const base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/);

export const passkeySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  madeAtMs: ms,
  usedAtMs: ms.nullable(),
});
export type Passkey = z.infer<typeof passkeySchema>;
/** GET /api/passkeys */
export const passkeysSchema = z.strictObject({ passkeys: z.array(passkeySchema) });

/** POST /api/passkeys/remove: an id may be too long for a path. */
export const removePasskeySchema = z.strictObject({ id: z.string().min(1).max(1_400) });

/** Options for `navigator.credentials`, as WebAuthn level 3 writes them in JSON (`parseCreationOptionsFromJSON`). */
export const webAuthnOptionsSchema = z.record(z.string(), z.unknown());

/** `PublicKeyCredential.toJSON()` of a new passkey; what else is in it is not looked at. */
export const newPasskeySchema = z.strictObject({
  name: label,
  credential: z.object({
    id: base64url(1_400),
    rawId: base64url(1_400),
    type: z.literal('public-key'),
    response: z.object({
      clientDataJSON: base64url(8_000),
      attestationObject: base64url(64_000),
    }),
  }),
});
/** `PublicKeyCredential.toJSON()` of a sign-in. */
export const passkeySignInSchema = z.strictObject({
  credential: z.object({
    id: base64url(1_400),
    rawId: base64url(1_400),
    type: z.literal('public-key'),
    response: z.object({
      clientDataJSON: base64url(8_000),
      authenticatorData: base64url(8_000),
      signature: base64url(8_000),
      userHandle: base64url(200).nullish(),
    }),
  }),
});
