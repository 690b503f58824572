/** The server: its routes. It depends on shapes (contract.ts), not on the bus. */
import { createAccess, resolveHost } from './access.ts';
import { addAlertsRoute } from './alerts-route.ts';
import { createApp, serverOf } from './app.ts';
import type { HeldBytes } from './body.ts';
import type { HttpServer, HttpServerOptions, ObserveServerOptions } from './contract.ts';
import { addControlRoute } from './control-route.ts';
import { addEventsRoute } from './events-route.ts';
import { addHealthRoutes } from './health-routes.ts';
import { resolveLimits } from './limits.ts';
import { addMetricsRoute } from './metrics-route.ts';

const PROBES = [
  ['/healthz', 'GET'],
  ['/readyz', 'GET'],
] as const;
const METRICS = ['/metrics', 'GET'] as const;
/** Path → method of every route that a server can have. */
export const ROUTES: ReadonlyMap<string, string> = new Map([
  ['/v1/events', 'POST'],
  ['/v1/alerts', 'GET'],
  ['/v1/control/models', 'POST'],
  ...PROBES,
  METRICS,
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
  const routes = new Map([...ROUTES].filter(([path]) => path !== METRICS[0] || options.metrics !== undefined));
  const app = createApp({ ...options, limits, routes, closing: closing.signal });
  addEventsRoute(app, { ingest: options.ingest, access, limits, held });
  addAlertsRoute(app, { ...options, access, limits, closing: closing.signal, streams });
  addControlRoute(app, { ...options, access, held });
  addHealthRoutes(app, options, closing.signal);
  if (options.metrics !== undefined) addMetricsRoute(app, options.metrics, access);
  return serverOf(app, { host, port: options.port, drainMs: limits.drainMs, log: options.log }, closing, streams);
}

/** Probes and metrics on a port of their own; the same keys, the same rules. Throws as createHttpServer. */
export function createObserveServer(options: ObserveServerOptions): HttpServer {
  const limits = resolveLimits(options.limits);
  const keys = options.keys ?? null;
  const host = resolveHost(options.host ?? '127.0.0.1', keys);
  const access = createAccess(keys, options.trustLoopback ?? keys === null);
  const closing = new AbortController();
  const app = createApp({ ...options, limits, routes: new Map([...PROBES, METRICS]), closing: closing.signal });
  addHealthRoutes(app, options, closing.signal);
  addMetricsRoute(app, options.metrics, access);
  return serverOf(app, { host, port: options.port, drainMs: limits.drainMs, log: options.log }, closing, new Set());
}
