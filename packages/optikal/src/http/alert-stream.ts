/**
 * Server-sent events: every alert after a cursor, then each new one, until the client leaves or the server closes. The event's id is the cursor,
 * so a client that reconnects misses nothing. A client that does not read is not read for: nothing more is fetched until it has taken what
 * it was sent, and one that takes nothing for `stallMs` is left.
 */
import type { ServerResponse } from 'node:http';
import type { HttpLimits } from './limits.ts';
import type { FeedPage, TenantReadOptions } from './tenant-feed.ts';

const PAGE_LINES = 100;
const FOLLOW_MS = 60_000;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no',
};

export interface StreamOptions {
  readonly after: number;
  readonly limits: HttpLimits;
  readonly closing: AbortSignal;
}

/** Resolves when the stream has ended; throws what `read` throws, after ending the stream. */
export async function streamAlerts(
  response: ServerResponse,
  read: (after: number, options: TenantReadOptions) => Promise<FeedPage>,
  { after, limits, closing }: StreamOptions,
): Promise<void> {
  const left = () => closing.aborted || response.destroyed || response.writableEnded;
  response.on('error', () => {}); // the client may leave at any time
  response.writeHead(200, HEADERS);
  response.write('retry: 2000\n\n');
  const heartbeat = setInterval(() => {
    if (!left() && !response.writableNeedDrain) response.write(': heartbeat\n\n');
  }, limits.heartbeatMs);
  try {
    for (let cursor = after; !left(); ) {
      const page = await read(cursor, { maxLines: PAGE_LINES, maxWaitMs: FOLLOW_MS, left });
      cursor = page.next;
      if (page.lines.length === 0 || left()) continue;
      const taken = response.write(page.lines.map(({ cursor: id, text }) => `id: ${id}\ndata: ${text}\n\n`).join(''));
      if (!taken && !(await drained(response, limits.stallMs, closing))) response.destroy();
    }
  } finally {
    clearInterval(heartbeat);
    if (!response.destroyed) response.end();
  }
}

/** Whether the client has taken what it was sent, before the time is over, it left or the server closes. */
function drained(response: ServerResponse, stallMs: number, closing: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (done: boolean) => {
      clearTimeout(timer);
      response.off('drain', onDrain).off('close', onLeft);
      closing.removeEventListener('abort', onLeft);
      resolve(done);
    };
    const onDrain = () => settle(true);
    const onLeft = () => settle(false);
    const timer = setTimeout(onLeft, stallMs);
    response.on('drain', onDrain).on('close', onLeft);
    closing.addEventListener('abort', onLeft);
  });
}
