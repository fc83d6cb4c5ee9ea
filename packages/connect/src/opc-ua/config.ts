import { z } from 'zod';

const secretName = z.string().min(1).max(200).meta({ description: 'Name of a secret, never the secret.' });

const identity = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('anonymous') }),
  z.strictObject({ kind: z.literal('password'), user: z.string().min(1).max(200), password: secretName }),
  z.strictObject({
    kind: z.literal('certificate'),
    certificate: secretName.meta({ description: 'Name of the secret that holds the certificate as PEM.' }),
    privateKey: secretName.meta({ description: 'Name of the secret that holds its private key as PEM.' }),
  }),
]);

/** Settings of an OPC UA client. */
export const opcUaConfig = z
  .strictObject({
    endpoint: z
      .string()
      .max(500)
      .regex(/^opc\.tcp:\/\/[^/\s]+/, 'write opc.tcp://HOST:PORT and the path that the server names'),
    security: z.enum(['Aes256_Sha256_RsaPss', 'Basic256Sha256', 'None']).default('Basic256Sha256'),
    mode: z.enum(['SignAndEncrypt', 'Sign']).default('SignAndEncrypt').meta({
      description:
        '`Sign`: others can read along but change nothing. Without effect where security is `None`.',
    }),
    unsecured: z.literal('accepted').optional().meta({
      description:
        'Somebody takes it upon himself that anybody on this network can read and change everything.',
    }),
    identity: identity.default({ kind: 'anonymous' }),
    commissioning: z
      .strictObject({ untilMs: z.number().int().min(0).meta({ description: 'Epoch ms.' }) })
      .optional()
      .meta({
        description:
          'Until then the first unknown certificate is trusted, if none is trusted yet; afterwards every unknown one is refused.',
      }),
    application: z
      .string()
      .regex(/^[\p{L}\p{N} ._-]{1,60}$/u)
      .default('Selvedge')
      .meta({ description: 'Name in the own certificate, which is made at the first start.' }),
    publishMs: z.number().int().min(20).max(60_000).default(100).meta({
      description: 'Shortest time between two parcels of values.',
    }),
    sampling: z.enum(['interval', 'every-change']).default('interval').meta({
      description:
        '`every-change` asks the server for each change, not for a look every `sampleMs`; not all servers can.',
    }),
    probeMs: z.number().int().min(100).max(60_000).default(2_000),
    deadlineMs: z.number().int().min(100).max(60_000).default(5_000).meta({
      description: 'A request without an answer for so long means that the connection is lost.',
    }),
    longestPauseMs: z.number().int().min(500).max(600_000).default(30_000).meta({
      description: 'Pauses between tries to connect double until this one.',
    }),
    sessionMs: z.number().int().min(5_000).max(3_600_000).default(60_000),
  })
  .superRefine((config, context) => {
    if (config.security !== 'None') return;
    if (config.unsecured !== 'accepted')
      context.addIssue({
        code: 'custom',
        path: ['security'],
        message:
          'choose Basic256Sha256 or Aes256_Sha256_RsaPss, or write `unsecured: accepted` beside `None`',
      });
    if (config.identity.kind !== 'anonymous')
      context.addIssue({
        code: 'custom',
        path: ['identity'],
        message:
          'no password or user certificate goes over a connection without security: choose `anonymous`',
      });
  })
  .meta({ title: 'opc-ua', description: 'A client of one OPC UA server.' });

export type OpcUaConfig = z.output<typeof opcUaConfig>;
