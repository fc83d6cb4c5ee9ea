import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The audit secrets of the gates' epochs, one file each, readable by the site's own user alone. Their hashes stand in
 * the journal before the first draw, the secrets themselves only when their epoch is over.
 */
export class Secrets {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<Secrets> {
    const own = join(folder, 'secrets');
    await mkdir(own, { recursive: true, mode: 0o700 });
    return new Secrets(own);
  }

  /** A new secret, on disk before it is returned. */
  async make(station: string, epoch: number): Promise<Buffer> {
    const secret = randomBytes(32);
    const path = this.#path(station, epoch);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(secret.toString('hex'));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    return secret;
  }

  /** The secret of an epoch, or null where there is none. */
  async read(station: string, epoch: number): Promise<Buffer | null> {
    const text = await readFile(this.#path(station, epoch), 'utf8').catch(() => null);
    return text === null ? null : Buffer.from(text, 'hex');
  }

  #path(station: string, epoch: number): string {
    const name = createHash('sha256').update(station).digest('hex').slice(0, 16);
    return join(this.#folder, `${name}-${epoch}`);
  }
}

export const secretHash = (secret: Uint8Array): string => createHash('sha256').update(secret).digest('hex');
