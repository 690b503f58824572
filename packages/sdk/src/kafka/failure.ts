/** What an error of the client means for a batch. Errors are nested: the broker's code stands somewhere below. */
import { TransportError } from '../errors.ts';

const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];
/** A person has to do something. */
const REFUSED =
  /^(?:UNKNOWN_TOPIC|INVALID_TOPIC|.*AUTHORIZATION_FAILED|SASL_AUTHENTICATION_FAILED|UNSUPPORTED_SASL|PLT_KFK_AUTHENTICATION|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS)/;
const MAX_DEPTH = 8;

/** Every code in the error and in those below it. */
export function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return [];
  const codes: string[] = [];
  for (const name of ['apiId', 'code'] as const) {
    const value = (error as Readonly<Record<string, unknown>>)[name]; // any object may be asked for a field
    if (typeof value === 'string') codes.push(value);
  }
  if ('cause' in error) codes.push(...codesOf(error.cause, depth + 1));
  // Of a wrapped socket error `errors` may be text.
  if ('errors' in error && Array.isArray(error.errors)) for (const one of error.errors as unknown[]) codes.push(...codesOf(one, depth + 1));
  return codes;
}

export function failureOf(codes: readonly string[], cause: unknown): TransportError {
  const tooLarge = codes.find((code) => TOO_LARGE.includes(code));
  if (tooLarge !== undefined) return new TransportError('batch_too_large', tooLarge, { cause });
  const refused = codes.find((code) => REFUSED.test(code));
  if (refused !== undefined) return new TransportError('transport_refused', refused, { cause });
  return new TransportError('transport_unavailable', codes.findLast((code) => !code.startsWith('PLT_KFK')) ?? codes[0] ?? 'unreachable', {
    cause,
  });
}
