import { isIP } from 'node:net';
import { z } from 'zod';
import { pathSchema } from './words.js';

/** An address, or a network as an address and the bits of it that count. */
const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  // A network of everybody would believe everybody.
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 8 && Number(bits) <= (version === 4 ? 32 : 128);
};

const tls = z
  .strictObject({
    certificate: pathSchema.meta({
      description: 'The certificate and those between it and its authority, in PEM, the own one first.',
      sample: 'tls/site.crt',
    }),
    key: pathSchema.meta({
      description: 'Its private key in PEM, readable by the user of the site alone.',
      sample: 'tls/site.key',
    }),
  })
  .meta({
    description:
      'Serve https. Both files are read anew when they change and on SIGHUP; a pair that does not fit is not taken.',
    expects: 'a mapping with `certificate` and `key`',
    sample: { certificate: 'tls/site.crt', key: 'tls/site.key' },
  });

export const listenSchema = z
  .strictObject({
    host: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9.:_-]+$/)
      .default('127.0.0.1')
      .meta({
        description:
          '`127.0.0.1`: only this machine. `0.0.0.0`: every network of it; needs `tls`, `trustProxy` or `plaintext`.',
        expects: 'an address or a host name of this machine, without http:// and without the port',
        sample: '127.0.0.1',
      }),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(8700)
      .meta({ description: 'Port of the console and the interface. 0 takes any free one.' }),
    tls: tls.optional(),
    trustProxy: z
      .array(
        z.string().refine(isNetwork).meta({
          expects: 'an address or a network of at least /8',
          sample: '10.0.4.0/24',
        }),
      )
      .min(1)
      .max(20)
      .optional()
      .meta({
        description:
          'Addresses of the proxies that end https before the site and send X-Forwarded-For and X-Forwarded-Proto. From any other address these headers are not believed.',
        expects: 'a list of addresses or networks (at least /8), as 127.0.0.1 or 10.0.4.0/24',
        sample: ['127.0.0.1'],
      }),
    plaintext: z.literal('accepted').optional().meta({
      description:
        'Other machines may connect without https: passwords and sessions can be read on the way. For a closed network, and written down as accepted.',
    }),
  })
  .meta({ description: 'Where the console is served.' });
