import { z } from 'zod';
import type { Context } from '../contract/connector.js';

const secretName = z.string().min(1).max(200);

/** How an MQTT broker is reached. Everything secret is the name of a secret. */
export const brokerSchema = z
  .strictObject({
    urls: z
      .array(z.string().regex(/^mqtts?:\/\/[^/\s]+$/, 'write mqtt://host:port, or mqtts://host:port for TLS'))
      .min(1)
      .meta({ description: 'Brokers, tried in this order; connected to one at a time.' }),
    version: z
      .union([z.literal(5), z.literal(4)])
      .default(5)
      .meta({ description: '5 is MQTT 5; 4 is MQTT 3.1.1, which knows no expiry and no reasons.' }),
    clientId: z.string().min(1).max(65).optional().meta({
      description: 'Must be unique at the broker: a second client of the same name drives the first out.',
    }),
    user: z.string().min(1).optional(),
    passwordSecret: secretName.optional().meta({ description: 'Name of the secret with the password.' }),
    caSecret: secretName
      .optional()
      .meta({ description: 'Name of the secret with the certificates (PEM) that the broker is trusted by.' }),
    certSecret: secretName
      .optional()
      .meta({ description: 'Name of the secret with the own certificate (PEM).' }),
    keySecret: secretName.optional().meta({ description: 'Name of the secret with its private key (PEM).' }),
    keepAliveSeconds: z.number().int().min(1).max(600).default(15),
    connectMs: z.number().int().min(100).max(120_000).default(10_000),
    replyMs: z
      .number()
      .int()
      .min(50)
      .max(60_000)
      .default(5_000)
      .meta({ description: 'The broker must answer a subscription or a publication within this time.' }),
    receiveMaximum: z
      .number()
      .int()
      .min(1)
      .max(65_535)
      .default(256)
      .meta({ description: 'Messages of QoS 1 on their way to here at the same time (MQTT 5).' }),
    largestMessageBytes: z.number().int().min(1_024).max(268_435_455).default(4_194_304),
    firstPauseMs: z.number().int().min(10).max(60_000).default(500),
    longestPauseMs: z.number().int().min(10).max(600_000).default(30_000),
  })
  .refine((one) => (one.certSecret === undefined) === (one.keySecret === undefined), {
    message: 'certSecret and keySecret belong together: give both or none',
  })
  .refine((one) => one.passwordSecret === undefined || one.user !== undefined, {
    message: 'passwordSecret without user: give the user too',
  })
  .meta({ title: 'broker' });

export type BrokerConfig = z.output<typeof brokerSchema>;

/** Secrets of a broker, read anew for each attempt so that a renewed one counts at the next. */
export async function secretsOf(config: BrokerConfig, secret: Context['secret']) {
  const [password, ca, cert, key] = await Promise.all(
    [config.passwordSecret, config.caSecret, config.certSecret, config.keySecret].map((name) =>
      name === undefined ? undefined : secret(name),
    ),
  );
  return {
    ...(config.user === undefined ? {} : { username: config.user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
