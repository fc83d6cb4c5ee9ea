import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  LogLevel,
  OPCUACertificateManager,
  type OPCUACertificateManagerOptions,
  setLogLevel,
} from 'node-opcua';
import { keepRejected, pkiOf, trustOpcUaCertificate } from './certificates.js';

/** The library prints; what it has to say reaches people as the state of a link instead. */
setLogLevel(LogLevel.Emergency);

/** An application's own certificate, and the lists of those that it trusts or has refused. */
export interface Pki {
  readonly manager: OPCUACertificateManager;
  readonly certificateFile: string;
  /** As in the certificate: a peer may compare the two. */
  readonly applicationUri: string;
}

/** Accepts a certificate that was refused. @throws RangeError where it was not met */
export async function trustNow(
  manager: OPCUACertificateManager,
  folder: string,
  thumbprint: string,
): Promise<void> {
  await trustOpcUaCertificate(folder, thumbprint);
  await manager.reloadCertificates();
}

const DAYS = 3650;

/** Key and certificate are made where there are none yet: RSA 2048, signed by itself, ten years. */
export async function openPki(folder: string, application: string): Promise<Pki> {
  const manager = await open(folder, {});
  const host = hostname();
  const applicationUri = `urn:${host}:${application.replaceAll(' ', '-')}`;
  const certificateFile = join(manager.rootDir, 'own', 'certs', 'application.pem');
  if (!existsSync(certificateFile))
    await manager.createSelfSignedCertificate({
      applicationUri,
      dns: [host, 'localhost'],
      ip: ['127.0.0.1'],
      outputFile: certificateFile,
      subject: `/CN=${application}@${host}/O=Selvedge`,
      startDate: new Date(),
      validity: DAYS,
    });
  return { manager, certificateFile, applicationUri };
}

/** The lists of certificates of people: a store wants a key, and is lent the application's. */
export async function openUserPki(
  folder: string,
  application: OPCUACertificateManager,
): Promise<OPCUACertificateManager> {
  return open(folder, { privateKeyProvider: { getPrivateKey: () => application.getPrivateKey() } });
}

async function open(
  folder: string,
  more: Partial<OPCUACertificateManagerOptions>,
): Promise<OPCUACertificateManager> {
  const manager = new OPCUACertificateManager({
    rootFolder: pkiOf(folder),
    automaticallyAcceptUnknownCertificate: false,
    // Watchers of folders are one more thing that can leak: the lists are read anew before every connection.
    disableFileWatchers: true,
    keySize: 2048,
    ...more,
  });
  await manager.initialize();
  // The library's way moves a certificate out of the trusted ones where a check of it was under way when it was trusted.
  manager.rejectCertificate = (chain: Buffer | Buffer[]) =>
    keepRejected(folder, Array.isArray(chain) ? (chain[0] ?? Buffer.alloc(0)) : chain);
  return manager;
}
