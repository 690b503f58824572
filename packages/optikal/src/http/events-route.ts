/**
 * `POST /v1/events`: one CloudEvent or a batch of them. 202 means that all that was accepted is durable; what was not is named by its index and
 * code. A bad event does not refuse the others; a body that is not JSON is refused as a whole, since nothing tells where its events end.
 */
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import { decodeUtf8, type HeldBytes, readBody } from './body.ts';
import type { TakeEvents } from './contract.ts';
import type { HttpLimits } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';
import { isBatch, splitBatch } from './split-batch.ts';

const ONE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const EITHER = 'application/json';

export interface EventsRoute {
  readonly ingest: TakeEvents;
  readonly access: Access;
  readonly limits: HttpLimits;
  readonly held: HeldBytes;
}

export function addEventsRoute(app: FastifyInstance, { ingest, access, limits, held }: EventsRoute): void {
  app.post('/v1/events', async (request, reply) => {
    const { tenant } = access.require(request, 'agent');
    const mediaType = mediaTypeOf(request, [ONE, BATCH, EITHER]);
    const body = await readBody(request.raw, limits.bodyBytes, held);
    try {
      const text = decodeUtf8(body);
      const texts = mediaType === BATCH || (mediaType === EITHER && isBatch(text)) ? splitBatch(text, limits.batchEvents) : [text];
      const { accepted, duplicates, rejected } = await ingest(texts, tenant, { oneDocument: true });
      // Index and code alone: the field or message of a rejection could hold a part of what was sent.
      return await reply.code(202).send({ accepted, duplicates, rejected: rejected.map(({ index, code }) => ({ index, code })) });
    } finally {
      held.bytes -= body.length;
    }
  });
}
