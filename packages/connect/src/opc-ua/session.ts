import { createHash, X509Certificate } from 'node:crypto';
import {
  AttributeIds,
  type ClientSession,
  type DataValue,
  type EndpointDescription,
  MessageSecurityMode,
  type OPCUACertificateManager,
  OPCUAClient,
  ReadRequest,
  type ReadResponse,
  SecurityPolicy,
  type StatusCode,
  StatusCodes,
  TimestampsToReturn,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua';
import type { Context } from '../contract/connector.js';
import type { OpcUaConfig } from './config.js';
import { type Pki, trustNow } from './pki.js';
import { containedTransport } from './transport.js';
import { within } from './within.js';

/** The server answered, and its answer was no to the request as a whole. */
export class Fault extends Error {
  override readonly name = 'Fault';
  constructor(
    readonly status: StatusCode,
    what: string,
  ) {
    super(`${what}: ${status.name}`);
  }
}

/** The most that a server takes in one request; 500 where it does not say. */
export interface Limits {
  readonly read: number;
  readonly browse: number;
  readonly translate: number;
  readonly monitor: number;
}

/** One session on one connection. It ends with the first fault; the next one is made anew. */
export interface Session {
  /** Id of the session and the start time of the server. */
  readonly epoch: string;
  /** The server's namespaces; only this session may use their order. */
  readonly namespaces: readonly string[];
  readonly limits: Limits;
  /** Resolves with the reason when the connection is lost. */
  readonly lost: Promise<string>;
  /**
   * Sends one request once.
   * @throws Fault where the server refuses it, TooLate after `ms`, Error where the connection is gone
   */
  call<R>(request: Request, ms: number): Promise<R>;
  /** Values of a few attributes, in their order. */
  look(nodes: readonly { nodeId: string; attributeId?: AttributeIds }[]): Promise<readonly DataValue[]>;
  /** Closes what can still be closed within a short time, then cuts the sockets. Never rejects. */
  discard(): Promise<void>;
}

type Request = { requestHeader: { timeoutHint: number } };
type Answer = { responseHeader: { serviceResult: StatusCode } };

/** What of the library's session is used: its plain request, which neither repeats nor repairs anything. */
interface Plain {
  recursive_repair_detector: number;
  _performMessageTransaction(
    request: Request,
    done: (error: (Error & { response?: Answer }) | null, answer?: Answer) => void,
  ): void;
}

const CLOSE_MS = 1_000;
const MOST = 500;
const START_TIME = 'i=2257';
const NAMESPACES = 'i=2255';
const LIMITS = { read: 'i=11705', browse: 'i=11710', translate: 'i=11712', monitor: 'i=11714' } as const;

/**
 * Connects, checks the server's certificate against the trust list, and signs in.
 * @throws Error whose message says what a person can do about it
 */
export async function openSession(
  config: OpcUaConfig,
  context: Context,
  { manager: pki, certificateFile, applicationUri }: Pki,
): Promise<Session> {
  const { deadlineMs } = config;
  const { factory, cut } = containedTransport();
  const common = {
    applicationName: config.application,
    applicationUri,
    clientCertificateManager: pki,
    certificateFile,
    // 0: a lost connection stays lost. The library's way of repairing one has spun, lied and ended processes.
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 200 },
    endpointMustExist: false,
    keepSessionAlive: false,
    transportFactory: factory,
    transportTimeout: deadlineMs * 2,
    defaultTransactionTimeout: deadlineMs,
    requestedSessionTimeout: config.sessionMs,
  };
  const clients: OPCUAClient[] = [];
  const discard = async (): Promise<void> => {
    const closing = Promise.allSettled(clients.map((one) => one.disconnect()));
    await within(closing, CLOSE_MS, 'closing').catch(() => {});
    cut();
  };
  const connect = async (options: Parameters<typeof OPCUAClient.create>[0], what: string) => {
    const client = OPCUAClient.create({ ...common, ...options });
    clients.push(client);
    await within(client.connect(config.endpoint), deadlineMs * 2, what, context.signal);
    return client;
  };
  try {
    await pki.reloadCertificates();
    let secured = {};
    if (config.security !== 'None') {
      const asking = await connect({}, 'asking for endpoints');
      const offered = await within(asking.getEndpoints(), deadlineMs, 'asking for endpoints', context.signal);
      const endpoint = chosen(offered, config);
      await checkTrust(pki, endpoint.serverCertificate, config, context);
      await within(asking.disconnect(), CLOSE_MS, 'closing').catch(() => {});
      secured = {
        securityMode: MessageSecurityMode[config.mode],
        securityPolicy: SecurityPolicy[config.security],
        serverCertificate: endpoint.serverCertificate,
      };
    }
    const client = await connect(secured, 'connecting');
    let tell: (why: string) => void = () => {};
    const lost = new Promise<string>((resolve) => {
      tell = resolve;
    });
    client.on('connection_lost', () => tell('the connection was lost'));
    client.on('close', () => tell('the connection was closed'));
    const identity = await identityOf(config, context);
    const inner = await within(client.createSession(identity), deadlineMs * 2, 'signing in', context.signal);
    inner.on('session_closed', () => tell('the server ended the session'));
    return await finish(inner, { config, context, lost, discard });
  } catch (error) {
    await discard();
    throw readable(error, config);
  }
}

async function finish(
  inner: ClientSession,
  about: Pick<Session, 'lost' | 'discard'> & { config: OpcUaConfig; context: Context },
): Promise<Session> {
  const { config, context, lost, discard } = about;
  const plain = inner as unknown as Plain;
  // The library makes a new session and sends a request again where the server has forgotten the old one. Never here.
  plain.recursive_repair_detector = 1;
  const call = <R>(request: Request, ms: number): Promise<R> => {
    request.requestHeader.timeoutHint = ms;
    const sent = new Promise<R>((resolve, reject) => {
      plain._performMessageTransaction(request, (error, answer) => {
        const status = (answer ?? error?.response)?.responseHeader.serviceResult;
        if (status?.isNot(StatusCodes.Good)) reject(new Fault(status, request.constructor.name));
        else if (error) reject(error);
        else resolve(answer as R);
      });
    });
    return within(sent, ms, request.constructor.name, context.signal);
  };
  const look: Session['look'] = async (nodes) => {
    const request = new ReadRequest({
      maxAge: 0,
      timestampsToReturn: TimestampsToReturn.Both,
      nodesToRead: nodes.map(({ nodeId, attributeId }) => ({
        nodeId,
        attributeId: attributeId ?? AttributeIds.Value,
      })),
    });
    return (await call<ReadResponse>(request, config.deadlineMs)).results ?? [];
  };
  const asked = [START_TIME, NAMESPACES, ...Object.values(LIMITS)];
  const [started, namespaces, ...most] = await look(asked.map((nodeId) => ({ nodeId })));
  const since: unknown = started?.value?.value;
  const uris: unknown = namespaces?.value?.value;
  if (!(since instanceof Date) || !Array.isArray(uris))
    throw new Error(
      'the server does not tell its start time or its namespaces, as every OPC UA server has to',
    );
  const limit = (n: number): number => {
    const told = Number(most[n]?.value?.value ?? 0);
    return told > 0 ? Math.min(told, MOST) : MOST;
  };
  return {
    epoch: `${inner.sessionId.toString()}@${since.toISOString()}`,
    namespaces: uris.map(String),
    limits: { read: limit(0), browse: limit(1), translate: limit(2), monitor: limit(3) },
    lost,
    call,
    look,
    discard,
  };
}

function chosen(offered: readonly EndpointDescription[], config: OpcUaConfig): EndpointDescription {
  const policy = SecurityPolicy[config.security];
  const mode = MessageSecurityMode[config.mode];
  const found = offered.find((one) => one.securityPolicyUri === policy && one.securityMode === mode);
  if (found !== undefined) return found;
  const choices = offered.map(
    (one) => `${one.securityPolicyUri?.split('#')[1] ?? '?'} ${MessageSecurityMode[one.securityMode]}`,
  );
  throw new Error(
    `the server does not offer ${config.security} ${config.mode}; it offers ${[...new Set(choices)].join(', ')}`,
  );
}

async function checkTrust(
  pki: OPCUACertificateManager,
  certificate: Buffer,
  config: OpcUaConfig,
  context: Context,
): Promise<void> {
  const status = await pki.checkCertificate(certificate);
  if (status.equals(StatusCodes.Good)) return;
  const thumbprint = createHash('sha1').update(certificate).digest('hex');
  const unknown = status.equals(StatusCodes.BadCertificateUntrusted);
  const open = context.nowMs() < (config.commissioning?.untilMs ?? 0);
  if (unknown && open && pki.getTrustedCertificateCount() === 0) {
    await trustNow(pki, context.folder, thumbprint);
    context.log('opc-ua-certificate-trusted', {
      thumbprint,
      subject: new X509Certificate(certificate).subject,
    });
    return;
  }
  throw new Error(
    unknown
      ? `the server's certificate ${thumbprint} is not trusted: compare it at the server, then trust it`
      : `the server's certificate ${thumbprint} is refused: ${status.name}`,
  );
}

async function identityOf({ identity }: OpcUaConfig, context: Context): Promise<UserIdentityInfo> {
  if (identity.kind === 'anonymous') return { type: UserTokenType.Anonymous };
  if (identity.kind === 'password')
    return {
      type: UserTokenType.UserName,
      userName: identity.user,
      password: await context.secret(identity.password),
    };
  const certificate = new X509Certificate(await context.secret(identity.certificate));
  return {
    type: UserTokenType.Certificate,
    certificateData: certificate.raw,
    privateKey: await context.secret(identity.privateKey),
  };
}

/** The first line of what the library says, or what it means where that is known. */
function readable(error: unknown, config: OpcUaConfig): Error {
  const text = error instanceof Error ? error.message : String(error);
  const known: readonly [RegExp, string][] = [
    [/BadUserAccessDenied|BadIdentityToken/, 'the server refuses this user or password'],
    [
      /BadSecurityChecksFailed|BadCertificateUntrusted|BadSecurityPolicyRejected/,
      'the server refuses our certificate: trust it there',
    ],
    [/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH/, `nothing answers at ${config.endpoint}`],
  ];
  const meaning = known.find(([pattern]) => pattern.test(text))?.[1];
  const own = /the server('s| does not| refuses)/.test(text);
  const first = text.split('\n')[0] ?? text;
  return new Error(own ? text : (meaning ?? first), { cause: error });
}
