/**
 * `GET /healthz`: the process answers and its event loop is not stuck; else a restart helps. `GET /readyz`: it can take events and judge them in
 * time; else time or an operator helps. A no says why. Both without a key: probes have none.
 */
import type { FastifyInstance } from 'fastify';
import type { HttpServerOptions } from './contract.ts';
import { HTTP_ERRORS } from './errors.ts';

export function addHealthRoutes(
  app: FastifyInstance,
  { status, health }: Pick<HttpServerOptions, 'status' | 'health'>,
  closing: AbortSignal,
): void {
  app.get('/healthz', { exposeHeadRoute: true }, async (_request, reply) => {
    const reasons = health?.() ?? [];
    return reply.code(reasons.length === 0 ? 200 : 503).send({ status: reasons.length === 0 ? 'ok' : 'failing', reasons });
  });
  app.get('/readyz', { exposeHeadRoute: true }, async (_request, reply) => {
    const { ready, reasons } = closing.aborted ? CLOSING : await status();
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });
}

const CLOSING = { ready: false, reasons: [{ code: 'closing', message: HTTP_ERRORS.closing }] };
