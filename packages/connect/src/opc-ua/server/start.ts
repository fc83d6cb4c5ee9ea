import { join } from 'node:path';
import { MessageSecurityMode, type Namespace, OPCUAServer, SecurityPolicy } from 'node-opcua';
import { nodesets } from 'node-opcua-nodesets';
import { opcUaCertificates } from '../certificates.js';
import { openPki, openUserPki, trustNow } from '../pki.js';
import { within } from '../within.js';
import { tolerateAnyStatus } from './full-queue.js';
import { addMachine } from './machine.js';
import type { MachineModel, OpcUaServer, OpcUaServerOptions } from './options.js';
import { TagNodes } from './tags.js';

const CLOSE_MS = 5_000;
/** Models that each of them stands on come before it. */
const FILES: Readonly<Record<MachineModel | 'machine', readonly (keyof typeof nodesets)[]>> = {
  machine: ['di', 'ia', 'machinery'],
  vision: ['machineVision'],
  results: ['machineryResult'],
  jobs: ['isa95JobControl', 'machineryJobs'],
};

export async function start(options: OpcUaServerOptions): Promise<OpcUaServer> {
  const { folder, users, models = [] } = options;
  const host = options.host ?? '127.0.0.1';
  const application = options.application ?? 'SelvedgeServer';
  const namespaceUri = options.namespace ?? 'urn:selvedge:equipment';
  const { manager: pki, certificateFile, applicationUri } = await openPki(folder, application);
  const userPki = await openUserPki(join(folder, 'users'), pki);
  const wanted = [...(options.machine ? FILES.machine : []), ...models.flatMap((one) => FILES[one])];
  const server = new OPCUAServer({
    port: options.port,
    host,
    ...(host === '127.0.0.1' ? { hostname: '127.0.0.1' } : {}),
    nodesets: ['standard' as const, ...new Set(wanted)].map((one) => nodesets[one]),
    serverCertificateManager: pki,
    certificateFile,
    userCertificateManager: userPki,
    securityPolicies: [
      ...(options.unsecured === 'accepted' ? [SecurityPolicy.None] : []),
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes256_Sha256_RsaPss,
    ],
    securityModes: [
      ...(options.unsecured === 'accepted' ? [MessageSecurityMode.None] : []),
      MessageSecurityMode.Sign,
      MessageSecurityMode.SignAndEncrypt,
    ],
    // Whoever asks for each change is told of each: the library would fold what changes within 50 ms into one.
    serverCapabilities: { minSupportedSampleRate: 0 },
    // Discovery of endpoints stays possible without security, as clients need it before they know the certificate.
    disableDiscovery: false,
    allowAnonymous: users === undefined,
    ...(users
      ? {
          userManager: {
            isValidUserAsync: (
              user: string,
              password: string,
              done: (e: Error | null, ok?: boolean) => void,
            ) => {
              Promise.resolve(users(user, password)).then(
                (ok) => done(null, ok),
                () => done(null, false),
              );
            },
          },
        }
      : {}),
    serverInfo: { applicationUri, applicationName: { text: application, locale: 'en' } },
    buildInfo: { productName: application, manufacturerName: 'Selvedge' },
  });
  await server.initialize();
  tolerateAnyStatus(server);
  const addressSpace = server.engine.addressSpace;
  if (!addressSpace) throw new Error('the library started no address space');
  const namespace: Namespace = addressSpace.registerNamespace(namespaceUri);
  const { top, ...machine } = addMachine(addressSpace, namespace, options);
  const tags = new TagNodes(namespace, top, options.machine !== undefined, options.onWrite);
  for (const tag of options.tags) tags.add(tag);
  await server.start();
  let closing: Promise<void> | null = null;
  return {
    endpoint: server.getEndpointUrl(),
    namespace: namespaceUri,
    set: (tag, value, atMs, quality) => tags.set(tag, value, atMs, quality),
    ...machine,
    trust: async (thumbprint) => {
      const users = join(folder, 'users');
      const ofPerson = (await opcUaCertificates(users)).some((one) => one.thumbprint === thumbprint);
      await (ofPerson ? trustNow(userPki, users, thumbprint) : trustNow(pki, folder, thumbprint));
    },
    close: () => {
      closing ??= within(server.shutdown(0), CLOSE_MS, 'closing').catch(() => {});
      return closing;
    },
  };
}
