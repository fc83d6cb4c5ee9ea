import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** DER (X.690): a tag, a length, the content. */
function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)),
  );
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
const [SEQUENCE, SET, INTEGER, BITS, OCTETS, OID, UTF8] = [0x30, 0x31, 0x02, 0x03, 0x04, 0x06, 0x0c] as const;
const ECDSA_SHA256 = der(SEQUENCE, der(OID, '2a8648ce3d040302'));
const nameOf = (text: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, der(OID, '550403'), der(UTF8, Buffer.from(text)))));
const time = (atMs: number): Buffer => {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
};

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that signs itself (RFC 5280, version 3, P-256) for one DNS name; good from an hour ago. */
export function selfSigned(host: string, goodForMs = 86_400_000): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomBytes(8);
  serial[0] = 0x01;
  const other = der(SEQUENCE, der(OID, '551d11'), der(OCTETS, der(SEQUENCE, der(0x82, Buffer.from(host)))));
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, '02')),
    der(INTEGER, serial),
    ECDSA_SHA256,
    nameOf(host),
    der(SEQUENCE, time(Date.now() - 3_600_000), time(Date.now() + goodForMs)),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, other)),
  );
  const signature = der(BITS, '00', sign('sha256', body, privateKey));
  const text = der(SEQUENCE, body, ECDSA_SHA256, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** Writes a pair into a folder as `site.crt` and `site.key`. */
export async function writePair(folder: string, { cert, key }: Pair) {
  const files = { certificate: join(folder, 'site.crt'), key: join(folder, 'site.key') };
  await writeFile(files.certificate, cert);
  await writeFile(files.key, key, { mode: 0o600 });
  return files;
}
