import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { addAccess } from '../access/add-access.js';
import { equipmentRoutes } from './equipment-routes.js';
import { learningRoutes } from './learning-routes.js';
import { lineRoutes } from './line-routes.js';
import { createMetrics } from './metrics.js';
import type { Parts } from './parts.js';
import { peopleRoutes } from './people-routes.js';
import { readerRoutes } from './reader-routes.js';
import { stageRoutes } from './stage-routes.js';
import type { TlsPair } from './tls-files.js';

/** When the interface is described, after the server begins to listen. */
const DESCRIBED_MS = 1000;
/** A body of a person's request; equipment has a limit of its own. */
const BODY_LIMIT = 128 * 1024;

/** How long the server waits for a client before it lets go of the connection. */
export interface Patience {
  /** For a request to be there in full, its body too. */
  readonly requestMs: number;
  /** For a reader of events to take what it was sent. */
  readonly readerMs: number;
}

export const PATIENCE: Patience = { requestMs: 30_000, readerMs: 30_000 };
/** How often the server looks for connections that are too slow; Node's own is half a minute. */
const LOOK_MS = 5000;

/** The server of one plant: access before everything, the routes of the line and of people, the console's files. */
export async function buildApp(
  parts: Parts,
  {
    consoleFolder,
    logger,
    version,
    sources,
    tls = null,
    trustProxy = [],
    patience = PATIENCE,
  }: {
    readonly consoleFolder: string | null;
    readonly logger?: FastifyBaseLogger;
    readonly version: string;
    /** Routes on which equipment brings its units. */
    readonly sources?: (app: FastifyInstance) => void;
    /** Serves https; the pair can be changed later by `server.setSecureContext`. */
    readonly tls?: Pick<TlsPair, 'cert' | 'key'> | null;
    /** Addresses and networks whose word is believed on who asks and by which protocol. */
    readonly trustProxy?: readonly string[];
    readonly patience?: Patience;
  },
): Promise<FastifyInstance> {
  const options = {
    ...(logger ? { loggerInstance: logger } : { logger: false }),
    trustProxy: [...trustProxy],
    bodyLimit: BODY_LIMIT,
    requestTimeout: patience.requestMs,
    // An answer may take long (a stream of events); only what comes in is timed.
    connectionTimeout: 0,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
  };
  const server = {
    headersTimeout: patience.requestMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, patience.requestMs / 4),
  };
  // One type for both: nothing here asks the server for more than http has.
  const app =
    tls === null
      ? fastify({ ...options, http: server })
      : (fastify({
          ...options,
          https: { ...server, cert: tls.cert, key: tls.key },
        }) as unknown as FastifyInstance);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Said by `insistOnHttps`, and only where https is.
    hsts: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  insistOnHttps(app);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Selvedge site', version } },
    transform: jsonSchemaTransform,
  });
  await addAccess(app, parts.access);
  const metrics = createMetrics(parts);
  await app.register(async (scope) => {
    const typed = scope.withTypeProvider<ZodTypeProvider>();
    lineRoutes(typed, parts, patience);
    peopleRoutes(typed, parts);
    readerRoutes(typed, parts);
    equipmentRoutes(typed, parts, patience);
    stageRoutes(typed, parts);
    learningRoutes(typed, parts);
    sources?.(scope);
  });
  app.get('/api/openapi.json', { onRequest: app.requireRight('look') }, async () => app.swagger());
  // Made of every route's schemas in a tenth of a second of this thread: soon after the start, not within a shift.
  app.addHook('onListen', async () => void setTimeout(() => app.swagger(), DESCRIBED_MS).unref());
  app.get('/health', { config: { access: 'public' } }, async (_request, reply) => {
    const writing = parts.journal.state === 'writing';
    return reply.code(writing ? 200 : 503).send({ ok: writing, journal: parts.journal.state });
  });
  app.get('/metrics', { onRequest: app.requireRight('look') }, async (_request, reply) => {
    const { type, text } = await metrics();
    return reply.type(type).send(text);
  });
  if (consoleFolder !== null && existsSync(join(consoleFolder, 'index.html'))) {
    await app.register(files, { root: consoleFolder, wildcard: false, index: ['index.html'] });
    // A path of the console's own: the page finds its view by itself.
    app.setNotFoundHandler((request, reply) => {
      if (request.method !== 'GET' || request.url.startsWith('/api/') || /\.[a-z0-9]+$/i.test(request.url))
        return reply.code(404).send({ error: { code: 'not-found', message: 'There is nothing here.' } });
      return reply.sendFile('index.html');
    });
  }
  await app.ready();
  return app;
}

const YEAR_S = 31_536_000;

/**
 * Tells browsers that came by https to come by nothing else for a year (RFC 6797). Never over plain http, where a closed
 * network may have no certificate, and not for `localhost`, whose other ports have nothing to do with the site.
 */
function insistOnHttps(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.protocol === 'https' && request.hostname !== 'localhost')
      reply.header('strict-transport-security', `max-age=${YEAR_S}`);
  });
}
