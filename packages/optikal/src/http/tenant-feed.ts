/** The alerts of one tenant out of those of all. */
import type { HttpServerOptions } from './contract.ts';

/** A wait is cut into pieces of this length, so that who waits soon learns that the client has left or the server closes. */
const PIECE_MS = 500;

export interface FeedPage {
  readonly lines: readonly { readonly cursor: number; readonly text: string }[];
  /** Everything up to this cursor has been seen, whether it was the tenant's or not. */
  readonly next: number;
}

export type TenantFeed = (after: number, maxLines: number, maxWaitMs: number, left: () => boolean) => Promise<FeedPage>;

/** Up to `maxLines` alerts of the tenant after a cursor; waits for a first one until the time is over or `left` says so. */
export function tenantFeed({ alerts, alertLine }: Pick<HttpServerOptions, 'alerts' | 'alertLine'>, tenant: string): TenantFeed {
  const prefix = `${tenant}|`;
  return async (after, maxLines, maxWaitMs, left) => {
    const deadlineMs = performance.now() + maxWaitMs;
    const lines: { cursor: number; text: string }[] = [];
    let next = after;
    while (lines.length < maxLines && !left()) {
      const waitMs = lines.length > 0 ? 0 : Math.max(0, Math.min(PIECE_MS, deadlineMs - performance.now()));
      const page = await alerts(next, { maxRecords: maxLines - lines.length, maxWaitMs: waitMs });
      for (const alert of page) {
        next = alert.cursor;
        if (alert.key.startsWith(prefix)) lines.push({ cursor: alert.cursor, text: alertLine(alert, alert.cursor) });
      }
      if (page.length === 0 && (lines.length > 0 || performance.now() >= deadlineMs)) break;
    }
    return { lines, next };
  };
}
