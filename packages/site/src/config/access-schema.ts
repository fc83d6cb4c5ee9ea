import { roleSchema } from '@selvedge/core/records';
import { z } from 'zod';
import { envNameSchema, nameSchema, pathSchema, urlSchema } from './words.js';

/** A word of OAuth 2.0 (RFC 6749, section 3.3) or the name of a claim. */
const wordSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
  .meta({ expects: 'a word without spaces and quotes' });

const oidc = z
  .strictObject({
    issuer: urlSchema.meta({
      description: 'Issuer of the identity provider.',
      sample: 'https://login.plant.example',
    }),
    name: nameSchema.optional().meta({
      description: 'What the button calls the provider. Default: the host of the issuer.',
      sample: 'North Plant account',
    }),
    clientId: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'Name of this site there.', sample: 'selvedge' }),
    clientSecretEnv: envNameSchema.optional().meta({
      description: 'Environment variable that holds the secret of the client. Either this or the file.',
    }),
    clientSecretFile: pathSchema.optional().meta({
      description:
        'File that holds the secret of the client and nothing else, readable by the user of the site alone.',
      sample: '/run/secrets/selvedge-oidc',
    }),
    scopes: z
      .array(wordSchema)
      .max(20)
      .default(['openid', 'profile'])
      .meta({
        description: 'What is asked of the provider; `openid` always. Some send groups only for a scope.',
        expects: 'a list of scopes',
        sample: ['openid', 'profile', 'groups'],
      }),
    rolesClaim: wordSchema.default('groups').meta({
      description:
        'Claim with the groups or roles of a person: a list or a word. Dots lead into it, as in realm_access.roles.',
      expects: 'the name of a claim',
      sample: 'groups',
    }),
    roles: z
      .array(
        z.strictObject({
          value: z.string().min(1).max(200).meta({
            description: 'A value of the claim, letter for letter.',
            sample: 'selvedge-quality',
          }),
          role: roleSchema.meta({ description: 'What it may do here.' }),
        }),
      )
      .min(1)
      .max(100)
      .meta({
        description:
          'Who may come in, as what; of several the highest. Nobody without one of these values gets in.',
        expects: 'a list of values of the claim with the role for each',
        sample: [{ value: 'selvedge-quality', role: 'quality' }],
      }),
    clockSkewSeconds: z.number().int().min(0).max(300).default(30).meta({
      description: 'How far the clocks of the provider and the site may be apart.',
    }),
  })
  .meta({
    description:
      'Sign in through the identity provider of the company (OpenID Connect). Sign-in with a password stays, for when it cannot be reached.',
  });

export const accessSchema = z
  .strictObject({
    address: urlSchema.optional().meta({
      description:
        'How browsers of other machines reach the console. Passkeys from other machines and `oidc` need it.',
    }),
    sessionHours: z.number().min(0.25).max(168).default(12).meta({
      description: 'A person is signed out after so long.',
    }),
    passkeys: z.boolean().optional().meta({
      description:
        'Sign in with a passkey. Default: where browsers have them, at an https name in `address` or where only this machine can connect.',
    }),
    oidc: oidc.optional(),
  })
  .meta({ description: 'How people sign in. Users and roles are kept in the site, not in this file.' });
