/** What a body claims to be: its media type, if it is UTF-8 and sent as it is. */
import type { FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)"?/i;

/** The media type in lower case, one of those allowed. Throws `content_type_unsupported`, `content_encoding_unsupported`. */
export function mediaTypeOf<T extends string>(request: FastifyRequest, allowed: readonly T[]): T {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw new HttpError('content_encoding_unsupported');
  const header = request.headers['content-type'] ?? '';
  const charset = CHARSET.exec(header)?.[1].toLowerCase() ?? 'utf-8';
  const mediaType = header.split(';', 1)[0].trim().toLowerCase();
  const found = allowed.find((name) => name === mediaType);
  if (found === undefined || (charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii'))
    throw new HttpError('content_type_unsupported');
  return found;
}
