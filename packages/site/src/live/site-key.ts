import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Beside the audit secrets, readable by the site's own user alone. */
export const KEY_FILE = join('secrets', 'site-key.pem');

/** The key by which a site says that something is its own (Ed25519). */
export interface SiteKey {
  readonly privateKey: KeyObject;
  /** SPKI in base64. */
  readonly publicKey: string;
  /** SHA-256 of the SPKI, 64 hex digits. */
  readonly fingerprint: string;
}

/** The key of a folder; null where there is none. @throws where the file is there and cannot be read, or holds no such key. */
export async function readSiteKey(folder: string): Promise<SiteKey | null> {
  const pem = await readFile(join(folder, KEY_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (pem === null) return null;
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${KEY_FILE} holds another kind of key`);
  return keyOf(privateKey);
}

/** A new key, on disk before it is returned. */
export async function makeSiteKey(folder: string): Promise<SiteKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const path = join(folder, KEY_FILE);
  await mkdir(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return keyOf(privateKey);
}

/** The fingerprint of a public key in SPKI, base64. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');

function keyOf(privateKey: KeyObject): SiteKey {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return { privateKey, publicKey, fingerprint: fingerprintOf(publicKey) };
}
