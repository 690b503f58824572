/** The query of `GET /v1/alerts`: where to begin, how many lines, how long to wait. */
import type { FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';
import type { HttpLimits } from './limits.ts';

export interface AlertsQuery {
  /** Cursor behind which to begin; 0 = the first alert. */
  readonly after: number;
  readonly limit: number;
  readonly waitMs: number;
}

const CURSOR = /^\d{1,15}$/;
const DEFAULT_LINES = 100;
const NAMES = new Set(['after', 'limit', 'wait']);

/** Throws `cursor_invalid`, `query_invalid`. `Last-Event-ID` wins over `after`: a client that reconnects repeats its first URL. */
export function parseAlertsQuery(request: FastifyRequest, limits: HttpLimits): AlertsQuery {
  const query = request.query;
  if (typeof query !== 'object' || query === null) throw new HttpError('query_invalid');
  const given = new Map<string, unknown>(Object.entries(query));
  for (const name of given.keys()) if (!NAMES.has(name)) throw new HttpError('query_invalid');
  const lastEventId = request.headers['last-event-id'];
  return {
    after: cursorOf(lastEventId === undefined || lastEventId === '' ? (given.get('after') ?? '0') : lastEventId),
    limit: numberOf(given.get('limit'), DEFAULT_LINES, 1, limits.alertLines, /^\d{1,6}$/),
    waitMs: Math.round(1000 * numberOf(given.get('wait'), 0, 0, limits.waitSeconds, /^\d{1,4}(\.\d{1,3})?$/)),
  };
}

function cursorOf(value: unknown): number {
  if (typeof value !== 'string' || !CURSOR.test(value)) throw new HttpError('cursor_invalid');
  return Number(value);
}

/** A repeated parameter comes as an array, and is refused. */
function numberOf(value: unknown, fallback: number, minimum: number, maximum: number, form: RegExp): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'string' || !form.test(value)) throw new HttpError('query_invalid');
  const number = Number(value);
  if (number < minimum || number > maximum) throw new HttpError('query_invalid');
  return number;
}
