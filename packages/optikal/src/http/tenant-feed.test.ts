import { describe, expect, it } from 'vitest';
import { createTenantFeed } from './tenant-feed.ts';
import { Feed } from './test-support/server.ts';

const alertLine = (_alert: unknown, cursor: number) => String(cursor);
const open = () => false;

describe('createTenantFeed', () => {
  it('reads past the alerts of others, and says how far', async () => {
    const feed = new Feed();
    for (const tenant of ['a', 'b', 'b', 'a', 'ab', 'b']) feed.add(tenant);
    const read = createTenantFeed({ alerts: feed.read, alertLine });
    expect(await read('a', 0, { maxLines: 10, maxWaitMs: 0, left: open })).toMatchObject({
      lines: [{ cursor: 1 }, { cursor: 4 }],
      next: 6,
    });
    expect(await read('b', 2, { maxLines: 1, maxWaitMs: 0, left: open })).toMatchObject({ lines: [{ cursor: 3 }], next: 3 });
  });

  it('has all who wait at a cursor wait in one read', async () => {
    const feed = new Feed();
    let waits = 0;
    const read = createTenantFeed({
      alertLine,
      alerts: (after, options) => {
        if (options.maxWaitMs > 0) waits++;
        return feed.read(after, options);
      },
    });
    setTimeout(() => feed.add('a'), 100);
    const pages = await Promise.all(Array.from({ length: 200 }, () => read('a', 0, { maxLines: 10, maxWaitMs: 5000, left: open })));
    expect(pages.every(({ lines }) => lines.length === 1)).toBe(true);
    expect(waits).toBe(1);
  });

  it('passes on to each who waits that the bus failed', async () => {
    const read = createTenantFeed({
      alertLine,
      alerts: async (_after, { maxWaitMs }) => {
        if (maxWaitMs > 0) throw new Error('gone');
        return [];
      },
    });
    const reads = [1, 2, 3].map(() => read('a', 0, { maxLines: 1, maxWaitMs: 1000, left: open }));
    expect((await Promise.allSettled(reads)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('stops when the client has left', async () => {
    let left = false;
    const feed = new Feed();
    const page = createTenantFeed({ alerts: feed.read, alertLine })('a', 0, { maxLines: 1, maxWaitMs: 60_000, left: () => left });
    left = true;
    expect(await page).toEqual({ lines: [], next: 0 });
  });
});
