/** The HTTP library with our limits, answers and counts around it, without a route of its own; and how it listens and closes. */
import { type FastifyInstance, fastify } from 'fastify';
import { wantsStream } from './alerts-route.ts';
import { answerClientError, answerError } from './answer-error.ts';
import type { HttpServer, HttpServerOptions } from './contract.ts';
import { HttpError } from './errors.ts';
import type { HttpLimits } from './limits.ts';

/** How often Node looks for requests that take too long, and how often a close looks for connections that have become idle. */
const TIMEOUT_CHECK_MS = 500;
const IDLE_CHECK_MS = 25;
/** After the cut, what still runs gets this long to notice. */
const CUT_MS = 300;
/** The route of whatever is none, and the method of whoever makes one up. */
const OTHER = 'other';
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export interface AppOptions extends Pick<HttpServerOptions, 'log' | 'onAnswered'> {
  readonly limits: HttpLimits;
  /** Path → method. */
  readonly routes: ReadonlyMap<string, string>;
  readonly closing: AbortSignal;
}

export function createApp({ limits, routes, closing, log, onAnswered }: AppOptions): FastifyInstance {
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
    clientErrorHandler: (error, socket) => {
      const status = answerClientError(error, socket);
      if (status !== null) onAnswered?.({ method: OTHER, route: OTHER, status, seconds: null });
    },
    frameworkErrors: (error, _request, reply) => void answerError(reply, error, log),
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
  if (onAnswered !== undefined)
    app.addHook('onResponse', async (request, reply) => {
      const url = request.routeOptions.url ?? OTHER;
      const route = !request.is404 && routes.has(url) ? url : OTHER;
      const streamed = route === '/v1/alerts' && reply.statusCode === 200 && wantsStream(request.headers.accept);
      const seconds = streamed ? null : reply.elapsedTime / 1000;
      onAnswered({ method: METHODS.has(request.method) ? request.method : OTHER, route, status: reply.raw.statusCode, seconds });
    });
  app.setErrorHandler((error, _request, reply) => answerError(reply, error, log));
  app.setNotFoundHandler((request, reply) => {
    const method = routes.get((request.raw.url ?? '').split('?', 1)[0]);
    if (method === undefined) return answerError(reply, new HttpError('not_found'), log);
    return answerError(reply.header('allow', method), new HttpError('method_not_allowed'), log);
  });
  return app;
}

/** What listens at a host and port and closes once, however often it is asked to. */
export function serverOf(
  app: FastifyInstance,
  {
    host,
    port,
    drainMs,
    log,
  }: { readonly host: string; readonly port: number; readonly drainMs: number; readonly log: HttpServerOptions['log'] },
  closing: AbortController,
  streams: ReadonlySet<Promise<void>>,
): HttpServer {
  let closed: Promise<void> | null = null;
  return {
    async listen() {
      await app.listen({ host, port });
      const address = app.server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      log?.({ level: 'info', code: 'listening', detail: { host, port: bound } });
      return { host, port: bound, url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}` };
    },
    close() {
      closed ??= closeApp(app, drainMs, closing, streams);
      return closed;
    },
  };
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
