import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/opc-ua/kit.js';
import { keepRejected, opcUaCertificates, trustOpcUaCertificate } from './certificates.js';
import { openPki } from './pki.js';

test('a certificate that a person trusted is not taken back by a check that was under way', async () => {
  const folder = await folderOf('opc-ua-certificates');
  const { certificateFile, manager } = await openPki(folder.path, 'Peer');
  const { raw, fingerprint } = new X509Certificate(await readFile(certificateFile));
  const thumbprint = fingerprint.replaceAll(':', '').toLowerCase();
  const states = async () => (await opcUaCertificates(folder.path)).map(({ state }) => state);
  await manager.rejectCertificate(raw);
  await keepRejected(folder.path, raw);
  expect(await states()).toEqual(['rejected']);
  await Promise.all([trustOpcUaCertificate(folder.path, thumbprint), keepRejected(folder.path, raw)]);
  await manager.reloadCertificates();
  await manager.rejectCertificate(raw);
  expect(await states()).toEqual(['trusted']);
  expect(await manager.isCertificateTrusted(raw)).toBe('Good');
  await expect(trustOpcUaCertificate(folder.path, 'ab')).rejects.toThrow(RangeError);
  await folder.remove();
});
