/** `POST /v1/control/models`: puts a bundle in force. From this machine where it is trusted, else with an admin's key. */
import type { FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import { errorCode } from './answer-error.ts';
import { decodeUtf8, type HeldBytes, readBody } from './body.ts';
import type { HttpServerOptions, ModelsRequest } from './contract.ts';
import { HttpError } from './errors.ts';
import { mediaTypeOf } from './media-type.ts';

const MAX_BODY_BYTES = 65_536;
const MAX_PATH_CHARS = 4096;
const NAMES = new Set(['bundle', 'threshold', 'effectiveFromMs']);

export interface ControlRoute extends Pick<HttpServerOptions, 'control'> {
  readonly access: Access;
  readonly held: HeldBytes;
}

export function addControlRoute(app: FastifyInstance, { control, access, held }: ControlRoute): void {
  app.post('/v1/control/models', async (request, reply) => {
    access.requireControl(request);
    mediaTypeOf(request, ['application/json']);
    const body = await readBody(request.raw, MAX_BODY_BYTES, held);
    held.bytes -= body.length;
    if (control === undefined) throw new HttpError('control_unavailable');
    const models = parseModelsRequest(decodeUtf8(body));
    const done = await control(models).catch((error: unknown) => {
      const code = errorCode(error);
      // Without a code of ours it is a failure, not a refusal; so is what the bus throws.
      const refused = code !== null && !(error instanceof Error && 'retriable' in error);
      throw refused ? new HttpError('control_refused', code) : error;
    });
    return reply.code(200).send(done);
  });
}

/** Throws `invalid_json`, `body_invalid`. */
export function parseModelsRequest(text: string): ModelsRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpError('invalid_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new HttpError('body_invalid');
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of fields.keys()) if (!NAMES.has(name)) throw new HttpError('body_invalid');
  const bundle = fields.get('bundle');
  const threshold = fields.get('threshold');
  const effectiveFromMs = fields.get('effectiveFromMs');
  if (typeof bundle !== 'string' || bundle === '' || bundle.length > MAX_PATH_CHARS || bundle.includes('\0'))
    throw new HttpError('body_invalid');
  if (threshold !== undefined && threshold !== null && typeof threshold !== 'number') throw new HttpError('body_invalid');
  if (effectiveFromMs !== undefined && !(typeof effectiveFromMs === 'number' && Number.isSafeInteger(effectiveFromMs)))
    throw new HttpError('body_invalid');
  return { bundle, ...(threshold === undefined ? {} : { threshold }), ...(effectiveFromMs === undefined ? {} : { effectiveFromMs }) };
}
