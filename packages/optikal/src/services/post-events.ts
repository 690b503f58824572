/**
 * Sends events to a running server in batches. What fails for a while (no server, overload) is sent again, unchanged, until it is taken or `stop`
 * aborts (then once more, and no longer): the server drops what it has already. What can't succeed (no right, not a server of ours) is an error.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Event, toCloudEvent } from '@optikal/contracts';
import { ServiceError } from './errors.ts';

export interface PostOptions {
  /** Where the server listens: http://HOST:PORT. */
  readonly url: string;
  readonly key?: string;
  readonly stop?: AbortSignal;
  /** Told once when sending begins to fail, and once when it works again. */
  readonly onState?: (state: 'waiting' | 'sending', reason: string) => void;
}

export interface PostCounts {
  accepted: number;
  duplicates: number;
  rejected: number;
}

export interface Poster {
  /** Resolves when the events are durable at the server, or were refused. */
  send(events: readonly Event[]): Promise<void>;
  readonly counts: Readonly<PostCounts>;
}

const BATCH = 500;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const REQUEST_MS = 30_000;
/** What is sent on the way out has this long. */
const LAST_REQUEST_MS = 2000;
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Errors: server_refused (a status that will not change), server_unexpected (an answer that is not ours). */
export function createPoster({ url, key, stop, onState }: PostOptions): Poster {
  const target = new URL('/v1/events', url);
  const counts: PostCounts = { accepted: 0, duplicates: 0, rejected: 0 };
  let waiting = false;

  const once = async (body: string): Promise<string | null> => {
    let answer: Response;
    try {
      answer = await fetch(target, {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents-batch+json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body,
        signal: AbortSignal.timeout(stop?.aborted === true ? LAST_REQUEST_MS : REQUEST_MS),
      });
    } catch (error) {
      return error instanceof Error ? causeOf(error) : 'unreachable';
    }
    if (AGAIN.has(answer.status)) {
      await answer.body?.cancel();
      return `status ${answer.status}`;
    }
    if (answer.status !== 202) throw new ServiceError('server_refused', `expected 202 of ${target.origin}, found ${answer.status}`);
    const taken: unknown = await answer.json().catch(() => null);
    if (!isTaken(taken)) throw new ServiceError('server_unexpected', `expected an answer of optikal serve at ${target.origin}`);
    counts.accepted += taken.accepted;
    counts.duplicates += taken.duplicates;
    counts.rejected += taken.rejected.length;
    return null;
  };

  return {
    counts,
    async send(events) {
      for (let from = 0; from < events.length; from += BATCH) {
        const body = JSON.stringify(events.slice(from, from + BATCH).map(toCloudEvent));
        let pauseMs = FIRST_PAUSE_MS;
        for (let reason = await once(body); reason !== null; reason = await once(body)) {
          if (stop?.aborted === true) return;
          if (!waiting) onState?.('waiting', reason);
          waiting = true;
          await pause(pauseMs, undefined, stop === undefined ? {} : { signal: stop }).catch(() => {});
          pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
        }
        if (waiting) onState?.('sending', target.origin);
        waiting = false;
      }
    },
  };
}

function causeOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : error.name;
}

function isTaken(value: unknown): value is { accepted: number; duplicates: number; rejected: readonly unknown[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'accepted' in value &&
    typeof value.accepted === 'number' &&
    'duplicates' in value &&
    typeof value.duplicates === 'number' &&
    'rejected' in value &&
    Array.isArray(value.rejected)
  );
}
