/** The server: its limits, its routes, its way to listen and to close. It depends on shapes (contract.ts), not on the bus. */
import { type FastifyInstance, fastify } from 'fastify';
import { createAccess, resolveHost } from './access.ts';
import { addAlertsRoute } from './alerts-route.ts';
import { answerClientError, answerError } from './answer-error.ts';
import type { HeldBytes } from './body.ts';
import type { HttpServer, HttpServerOptions } from './contract.ts';
import { addControlRoute } from './control-route.ts';
import { HttpError } from './errors.ts';
import { addEventsRoute } from './events-route.ts';
import { addHealthRoutes } from './health-routes.ts';
import { type HttpLimits, resolveLimits } from './limits.ts';

/** How often Node looks for requests that take too long, and how often a close looks for connections that have become idle. */
const TIMEOUT_CHECK_MS = 500;
const IDLE_CHECK_MS = 25;
/** After the cut, what still runs gets this long to notice. */
const CUT_MS = 300;
const ROUTES = new Map([
  ['/v1/events', 'POST'],
  ['/v1/alerts', 'GET'],
  ['/v1/control/models', 'POST'],
  ['/healthz', 'GET'],
  ['/readyz', 'GET'],
]);

/** Throws `keys_required` for a host other than loopback without keys, `option_invalid` for a limit outside its range. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits = resolveLimits(options.limits);
  const keys = options.keys ?? null;
  const host = resolveHost(options.host ?? '127.0.0.1', keys);
  const access = createAccess(keys, options.trustLoopback ?? keys === null);
  const closing = new AbortController();
  const streams = new Set<Promise<void>>();
  const held: HeldBytes = { bytes: 0, limit: limits.heldBytes };
  const app = createApp(limits, options, closing.signal);
  addEventsRoute(app, { ingest: options.ingest, access, limits, held });
  addAlertsRoute(app, { ...options, access, limits, closing: closing.signal, streams });
  addControlRoute(app, { ...options, access, held });
  addHealthRoutes(app, options.status, closing.signal);
  let closed: Promise<void> | null = null;

  return {
    async listen() {
      await app.listen({ host, port: options.port });
      const address = app.server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      options.log?.({ level: 'info', code: 'listening', detail: { host, port } });
      return { host, port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
    },
    close() {
      closed ??= closeApp(app, limits.drainMs, closing, streams);
      return closed;
    },
  };
}

function createApp(limits: HttpLimits, options: HttpServerOptions, closing: AbortSignal): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.requestTimeoutMs,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      insecureHTTPParser: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => void answerError(reply, error, options.log),
  });
  app.server.maxConnections = limits.connections;
  // Bodies are read by the routes, under limits of their own (body.ts).
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, null));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    if ((request.raw.url ?? '').length > limits.urlChars) throw new HttpError('uri_too_long');
    if (closing.aborted && !request.is404 && request.method !== 'GET') throw new HttpError('closing');
  });
  app.setErrorHandler((error, _request, reply) => answerError(reply, error, options.log));
  app.setNotFoundHandler((request, reply) => {
    const method = ROUTES.get((request.raw.url ?? '').split('?', 1)[0]);
    if (method === undefined) return answerError(reply, new HttpError('not_found'), options.log);
    return answerError(reply.header('allow', method), new HttpError('method_not_allowed'), options.log);
  });
  return app;
}

async function closeApp(
  app: FastifyInstance,
  drainMs: number,
  closing: AbortController,
  streams: ReadonlySet<Promise<void>>,
): Promise<void> {
  closing.abort();
  const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = setTimeout(() => app.server.closeAllConnections(), drainMs);
  try {
    await app.close();
    await Promise.race([Promise.allSettled(streams), new Promise((resolve) => setTimeout(resolve, CUT_MS).unref())]);
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}
