/**
 * `GET /v1/alerts`: the tenant's alerts after a cursor, one CloudEvent a line. By default what is there (or comes within `wait`) as NDJSON; with
 * `Accept: text/event-stream` a stream that goes on. The header `optikal-cursor` says how far an NDJSON answer has looked.
 */
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import { streamAlerts } from './alert-stream.ts';
import { parseAlertsQuery } from './alerts-query.ts';
import { logFailure } from './answer-error.ts';
import type { HttpServerOptions } from './contract.ts';
import { HttpError } from './errors.ts';
import type { HttpLimits } from './limits.ts';
import { createTenantFeed } from './tenant-feed.ts';

export interface AlertsRoute extends Pick<HttpServerOptions, 'alerts' | 'alertLine' | 'log'> {
  readonly access: Access;
  readonly limits: HttpLimits;
  readonly closing: AbortSignal;
  /** The streams that are open; the server waits for them at its close. */
  readonly streams: Set<Promise<void>>;
}

export function addAlertsRoute(app: FastifyInstance, route: AlertsRoute): void {
  const { access, limits, closing, streams, log } = route;
  const read = createTenantFeed(route);
  app.get('/v1/alerts', async (request, reply) => {
    const { tenant } = access.require(request, 'analyst');
    const { after, limit, waitMs } = parseAlertsQuery(request, limits);
    if (wantsStream(request.headers.accept)) {
      if (streams.size >= limits.streams) throw new HttpError('streams_exhausted');
      reply.hijack();
      const stream = streamAlerts(reply.raw, (from, options) => read(tenant, from, options), { after, limits, closing }).catch(
        (error: unknown) => logFailure(log, error),
      );
      streams.add(stream);
      return stream.then(() => void streams.delete(stream));
    }
    const { lines, next } = await read(tenant, after, {
      maxLines: limit,
      maxWaitMs: waitMs,
      left: () => closing.aborted || request.raw.socket.destroyed,
    });
    return reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('optikal-cursor', String(next))
      .send(lines.map(({ text }) => `${text}\n`).join(''));
  });
}

/** Whether the client asks for server-sent events. */
export function wantsStream(accept: string | undefined): boolean {
  return accept?.split(',').some((range) => range.split(';', 1)[0].trim().toLowerCase() === 'text/event-stream') ?? false;
}
