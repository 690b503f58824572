/**
 * A running server as `watch` looks at it: its alerts, read page by page from the first one on and then as they come (`GET /v1/alerts` with a
 * wait), and nothing else: what the server does not say over HTTP is not known. The newest alerts are held with their bodies. A server that
 * does not answer is asked again; nothing is lost, for the cursor stays.
 */
import type { ThreatAlert } from '@optikal/contracts';
import { ServiceError } from './errors.ts';
import type { Look, WatchSource, WatchStatus } from './watch.ts';
import type { AlertDetail } from './watch-alert.ts';
import { type AlertEntry, entryOf } from './watch-entry.ts';
import { createCounts } from './watch-tally.ts';

export interface HttpSource extends WatchSource {
  /** Resolves when everything that was there at the call is read. Errors: server_unreachable. */
  caughtUp(): Promise<void>;
}

/** Bodies of some kilobytes: some tens of megabytes. */
const HELD = 5000;
const PAGE = 1000;
const WAIT_SECONDS = 20;
const RETRY_MS = 1000;
const EARLIER_ALERTS = 8;

interface Held {
  readonly entry: AlertEntry;
  readonly body: string;
}

export function openHttp(url: string, key: string | null): HttpSource {
  const leave = new AbortController();
  const counts = createCounts();
  let held: Held[] = [];
  let cursor = 0;
  let clockMs: number | null = null;
  let [changed, opened, all] = [true, false, false];
  let failure: ServiceError | null = null;
  let told: string | null = null;

  const read = async (wait: number): Promise<number> => {
    const page = await ask(url, key, cursor, wait, leave.signal);
    for (const one of page.alerts) {
      const { entry } = one;
      held.push(one);
      clockMs = Math.max(clockMs ?? 0, entry.windowEndMs);
      counts.add({ ...entry, withdrawn: entry.decision === 'withdrawn', superseded: false });
    }
    if (held.length > 2 * HELD) held = held.slice(-HELD);
    cursor = page.next;
    changed ||= page.alerts.length > 0 || failure !== null;
    failure = null;
    return page.alerts.length;
  };
  const follow = async () => {
    while (!leave.signal.aborted) {
      try {
        // After a failure at once: that the server is back is news.
        const found = await read(all && failure === null ? WAIT_SECONDS : 0);
        changed ||= !all;
        all ||= found < PAGE;
      } catch (error) {
        if (leave.signal.aborted) return;
        failure = asServiceError(error, url);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };
  let following = false;

  const status = (): WatchStatus => ({
    remote: true,
    records: null,
    eventsPerSecond: null,
    lag: null,
    clockMs,
    late: null,
    deadLetters: null,
    openWindows: null,
    agents: null,
    model: null,
    writer: null,
    lastCommitMs: null,
    alerts: { ...counts.tally(), uncounted: 0 },
  });
  const entries = () => held.map(({ entry }) => entry);
  return {
    name: url,
    get ready() {
      return opened;
    },
    look(): Look {
      if (!following) void follow();
      following = true;
      if (failure !== null) {
        if (told === failure.message) return { kind: 'same' };
        told = failure.message;
        return { kind: 'failed', error: failure };
      }
      told = null;
      if (!changed || (!opened && !all)) return { kind: 'same' };
      changed = false;
      if (opened) return { kind: 'changed', status: status() };
      opened = true;
      return { kind: 'opened', status: status(), newest: cursor };
    },
    newer(after, maxRecords) {
      const found = entries()
        .filter((entry) => entry.cursor > after)
        .slice(0, maxRecords);
      return { entries: found, cursor: found.at(-1)?.cursor ?? after, complete: found.length < maxRecords };
    },
    older(before, maxRecords) {
      const found = entries()
        .filter((entry) => entry.cursor < before)
        .slice(-maxRecords)
        .reverse();
      return { entries: found, cursor: found.at(-1)?.cursor ?? before, complete: found.length < maxRecords };
    },
    count: () => false,
    open(id) {
      const own = held.filter(({ entry }) => entry.id === id).sort((a, b) => a.entry.revision - b.entry.revision);
      const last = own.at(-1);
      if (last === undefined) return null;
      const detail = detailOf(
        own.map(({ body }) => JSON.parse(body) as ThreatAlert),
        last.entry,
        entries(),
      ); // the data of an alert of the server
      return { detail, next: () => detail };
    },
    async caughtUp() {
      try {
        while ((await read(0)) === PAGE);
        all = true;
      } catch (error) {
        throw asServiceError(error, url);
      }
    },
    close: () => leave.abort(),
  };
}

function detailOf(
  revisions: readonly ThreatAlert[],
  { tenant, agent, windowStartMs }: AlertEntry,
  entries: readonly AlertEntry[],
): AlertDetail {
  const last = new Map(
    entries
      .filter((entry) => entry.agent === agent && entry.tenant === tenant && entry.windowStartMs < windowStartMs)
      .map((entry) => [entry.id, entry]),
  );
  return {
    remote: true,
    alert: revisions.at(-1)!, // there is one at least
    revisions,
    windows: [],
    earlier: [...last.values()].slice(-EARLIER_ALERTS).reverse(),
    parts: null,
    sequenceTimes: null,
    bundleKept: true,
    lines: [],
    deploys: [],
    search: { records: 0, done: true, whole: false },
  };
}

interface Page {
  readonly alerts: readonly Held[];
  readonly next: number;
}

async function ask(url: string, key: string | null, after: number, wait: number, leave: AbortSignal): Promise<Page> {
  const response = await fetch(new URL(`/v1/alerts?after=${after}&limit=${PAGE}&wait=${wait}`, url), {
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
    signal: AbortSignal.any([leave, AbortSignal.timeout(1000 * (wait + 15))]),
  });
  if (!response.ok) throw new ServiceError('server_unreachable', `${url}: ${response.status} ${(await response.text()).slice(0, 200)}`);
  const text = await response.text();
  const alerts = text.split('\n').flatMap((line) => (line === '' ? [] : [heldOf(line)]));
  return { alerts, next: Number(response.headers.get('optikal-cursor') ?? alerts.at(-1)?.entry.cursor ?? after) };
}

function heldOf(line: string): Held {
  const { cursor, data } = JSON.parse(line) as { cursor: string; data: ThreatAlert }; // what `alertLine` wrote
  const body = JSON.stringify(data);
  return { entry: entryOf({ cursor: Number(cursor), body, paired: false }), body };
}

function asServiceError(error: unknown, url: string): ServiceError {
  if (error instanceof ServiceError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new ServiceError('server_unreachable', `${url}: ${error instanceof Error ? error.message : String(error)}${cause}`);
}
