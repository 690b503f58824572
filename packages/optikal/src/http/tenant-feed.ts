/**
 * The alerts of one tenant out of those of all. Who waits at the same cursor waits in one read of the bus: a thousand idle followers cost as
 * much as one.
 */
import type { HttpServerOptions } from './contract.ts';

/** A wait is cut into pieces of this length, so that who waits soon learns that the client has left or the server closes. */
const PIECE_MS = 500;

export interface FeedPage {
  readonly lines: readonly { readonly cursor: number; readonly text: string }[];
  /** Everything up to this cursor has been seen, whether it was the tenant's or not. */
  readonly next: number;
}

/** Up to `maxLines` alerts of a tenant after a cursor; waits for a first one until the time is over or `left` says so. */
export type ReadTenant = (tenant: string, after: number, options: TenantReadOptions) => Promise<FeedPage>;

export interface TenantReadOptions {
  readonly maxLines: number;
  readonly maxWaitMs: number;
  readonly left: () => boolean;
}

export function createTenantFeed({ alerts, alertLine }: Pick<HttpServerOptions, 'alerts' | 'alertLine'>): ReadTenant {
  const waits = new Map<number, Promise<unknown>>();
  const arrival = (after: number): Promise<unknown> => {
    const known = waits.get(after);
    if (known !== undefined) return known;
    const wait = alerts(after, { maxRecords: 1, maxWaitMs: PIECE_MS }).finally(() => waits.delete(after));
    waits.set(after, wait);
    return wait;
  };

  return async (tenant, after, { maxLines, maxWaitMs, left }) => {
    const deadlineMs = performance.now() + maxWaitMs;
    const lines: { cursor: number; text: string }[] = [];
    let next = after;
    while (!left()) {
      const page = await alerts(next, { maxRecords: maxLines - lines.length, maxWaitMs: 0 });
      for (const alert of page) {
        next = alert.cursor;
        if (alert.key.startsWith(`${tenant}|`)) lines.push({ cursor: alert.cursor, text: alertLine(alert, alert.cursor) });
      }
      if (lines.length === maxLines) break;
      if (page.length > 0) continue;
      const remainingMs = deadlineMs - performance.now();
      if (lines.length > 0 || remainingMs <= 0) break;
      await within(remainingMs, arrival(next));
    }
    return { lines, next };
  };
}

/** Waits for the promise, but no longer than that. */
async function within(maxMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, maxMs);
  });
  try {
    await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
