/** `GET /metrics`: for Prometheus. Who may put models into force may read it: this machine where it is trusted, else an admin's key. */
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import type { MetricsPage } from './contract.ts';

export function addMetricsRoute(app: FastifyInstance, metrics: () => Promise<MetricsPage>, access: Access): void {
  app.get('/metrics', async (request, reply) => {
    access.requireControl(request);
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });
}
