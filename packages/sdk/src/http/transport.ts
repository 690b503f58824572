/** Batches to `POST /v1/events` of `optikal serve`. 202 means durable there; repeats are dropped there by source and id. */

import { TransportError } from '../errors.ts';
import { invalid, refuseUnknown, whole } from '../options.ts';
import { type OutgoingEvent, type SendResult, structured, type Transport } from '../transport.ts';

export interface HttpTransportOptions {
  /** Where the server listens: http://HOST:PORT. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`. A function is asked for each request, so that a key can change. */
  readonly apiKey?: string | (() => string);
  /** How long an answer may take. 100 to 600,000 ms; default 30,000. */
  readonly timeoutMs?: number;
}

const KEYS: readonly (keyof HttpTransportOptions)[] = ['url', 'apiKey', 'timeoutMs'];
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Errors: option_invalid. */
export function httpTransport(options: HttpTransportOptions): Transport {
  refuseUnknown(options, KEYS);
  const { url, apiKey } = options;
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !['http:', 'https:'].includes(base.protocol)) throw invalid('url', 'http://HOST:PORT', url);
  const target = new URL('/v1/events', base);
  const timeoutMs = whole('timeoutMs', options.timeoutMs ?? 30_000, 100, 600_000);

  return {
    async send(events, stop) {
      const key = typeof apiKey === 'function' ? apiKey() : apiKey;
      let answer: Response;
      try {
        answer = await fetch(target, {
          method: 'POST',
          headers: {
            'content-type': 'application/cloudevents-batch+json',
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          },
          body: `[${events.map(structured).join(',')}]`,
          redirect: 'error',
          signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
        });
      } catch (error) {
        throw new TransportError('transport_unavailable', causeOf(error), { cause: error });
      }
      if (answer.status !== 202) {
        await answer.body?.cancel();
        throw failureOf(answer);
      }
      return takenOf(await answer.json().catch(() => null), events, answer);
    },
    async close() {},
  };
}

function failureOf({ status, headers }: Response): TransportError {
  if (status === 413) return new TransportError('batch_too_large', 'status 413');
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? 1000 * seconds : null;
  return new TransportError(AGAIN.has(status) ? 'transport_unavailable' : 'transport_refused', `status ${status}`, { retryAfterMs });
}

function takenOf(taken: unknown, events: readonly OutgoingEvent[], answer: Response): SendResult {
  if (typeof taken !== 'object' || taken === null || !('accepted' in taken) || !('rejected' in taken) || !Array.isArray(taken.rejected))
    throw new TransportError('transport_refused', 'expected an answer of optikal serve');
  const refused: { index: number; code: string }[] = [];
  for (const one of taken.rejected as unknown[])
    if (typeof one === 'object' && one !== null && 'index' in one && typeof one.index === 'number' && one.index < events.length)
      refused.push({ index: one.index, code: 'code' in one && typeof one.code === 'string' ? one.code : 'refused' });
  // The header tells whole seconds; a cache in between would tell when it stored the answer, and an answer to POST is not stored.
  const date = Date.parse(answer.headers.get('date') ?? '');
  return { refused, serverTimeMs: Number.isNaN(date) ? null : date + 500 };
}

/** The code of the system, as ECONNREFUSED; never an address. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error instanceof Error ? error.name : 'unreachable';
}
