import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A certificate of somebody else that a connector or server has met. */
export interface PeerCertificate {
  /** SHA-1 of the DER bytes, lower-case hex: what OPC UA calls the thumbprint. */
  readonly thumbprint: string;
  readonly state: 'trusted' | 'rejected';
  readonly subject: string;
  /** The application's own name for itself (`urn:…`), where the certificate has one. */
  readonly application: string | null;
  /** Epoch ms. */
  readonly notAfterMs: number;
  readonly path: string;
}

/** The folder of certificates below the folder of a connector or server. */
export function pkiOf(folder: string): string {
  return join(folder, 'pki');
}

/** Every certificate that is trusted or was refused; a file that is none is left out. */
export async function opcUaCertificates(folder: string): Promise<PeerCertificate[]> {
  const found = await Promise.all([
    list(join(pkiOf(folder), 'trusted', 'certs'), 'trusted'),
    list(join(pkiOf(folder), 'rejected'), 'rejected'),
  ]);
  return found.flat();
}

/**
 * Moves one refused certificate to the trusted ones; the next try to connect accepts it. Who allowed it is for the caller
 * to write down. Trusting a trusted one changes nothing.
 * @throws RangeError where no certificate of this thumbprint has been met
 */
export async function trustOpcUaCertificate(folder: string, thumbprint: string): Promise<PeerCertificate> {
  const known = await alike(folder, thumbprint.toLowerCase());
  const one = known.find(({ state }) => state === 'trusted') ?? known[0];
  if (one === undefined)
    throw new RangeError(
      `no certificate with thumbprint ${thumbprint} was refused: let the peer connect first`,
    );
  const target = join(pkiOf(folder), 'trusted', 'certs');
  const path = one.state === 'trusted' ? one.path : join(target, `${one.thumbprint}.pem`);
  if (one.state === 'rejected') {
    await mkdir(target, { recursive: true });
    await rename(one.path, path);
  }
  await forget(folder, one.thumbprint);
  return { ...one, state: 'trusted', path };
}

/** Keeps a certificate (DER) that was refused, for a person to look at; one that is trusted meanwhile stays that. */
export async function keepRejected(folder: string, der: Buffer): Promise<void> {
  const certificate = new X509Certificate(der);
  const thumbprint = thumbprintOf(certificate);
  if ((await alike(folder, thumbprint)).length > 0) return;
  const rejected = join(pkiOf(folder), 'rejected');
  await mkdir(rejected, { recursive: true });
  await writeFile(join(rejected, `${thumbprint}.pem`), certificate.toString());
  const trusted = (await alike(folder, thumbprint)).some(({ state }) => state === 'trusted');
  if (trusted) await forget(folder, thumbprint);
}

async function alike(folder: string, thumbprint: string): Promise<PeerCertificate[]> {
  return (await opcUaCertificates(folder)).filter((one) => one.thumbprint === thumbprint);
}

/** Deletes what of a trusted certificate still lies among the refused ones. */
async function forget(folder: string, thumbprint: string): Promise<void> {
  const left = (await alike(folder, thumbprint)).filter(({ state }) => state === 'rejected');
  await Promise.all(left.map(({ path }) => rm(path, { force: true })));
}

function thumbprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(':', '').toLowerCase();
}

async function list(folder: string, state: PeerCertificate['state']): Promise<PeerCertificate[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<PeerCertificate | null> => {
      const path = join(folder, name);
      try {
        const one = new X509Certificate(await readFile(path));
        return {
          thumbprint: thumbprintOf(one),
          state,
          subject: one.subject.replaceAll('\n', ', '),
          application: /URI:([^,]+)/.exec(one.subjectAltName ?? '')?.[1] ?? null,
          notAfterMs: Date.parse(one.validTo),
          path,
        };
      } catch {
        return null;
      }
    }),
  );
  return found.filter((one) => one !== null);
}
