/** `GET /healthz`: the process answers. `GET /readyz`: it can take events and judge them, or why not. Both without a key: probes have none. */
import type { FastifyInstance } from 'fastify';
import type { HttpServerOptions } from './contract.ts';

export function addHealthRoutes(app: FastifyInstance, status: HttpServerOptions['status'], closing: AbortSignal): void {
  app.get('/healthz', { exposeHeadRoute: true }, async () => ({ status: 'ok' }));
  app.get('/readyz', { exposeHeadRoute: true }, async (_request, reply) => {
    const { ready, reasons } = closing.aborted ? { ready: false, reasons: ['closing'] } : await status();
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });
}
