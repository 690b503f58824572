/**
 * One alert opened: its revisions, what the agent did in that window (calls, verdicts and decisions from the log), and what that agent did
 * before (its scored windows, its alerts, its deploys). The log has no index by agent, so it is searched near the window's time, a slice at
 * a time, and it is said how far.
 */
import { agentKey, type Event, type ThreatAlert } from '@optikal/contracts';
import type { WatchReader } from '../bus/embedded/watch-reader.ts';
import { alertId } from '../detection/alert-id.ts';
import { type ArchivedWindow, restoreWindow } from '../detection/archive.ts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { metaFor } from '../detection/ensemble/planes.ts';
import type { ToolLookup } from '../detection/tool-lookup.ts';
import { toolLookup } from '../detection/tools/index.ts';
import { LATEST_MS, MAX_AHEAD_MS } from '../stream/limits.ts';
import { keptBundle } from './data-folder.ts';
import { type MarginPart, marginParts, windowTimes } from './margin-parts.ts';
import { type AlertEntry, entryOf } from './watch-entry.ts';
import { lifecycleText, linesOf, type WindowLine } from './watch-lines.ts';

export interface ScoredWindow {
  readonly startMs: number;
  readonly margin: number;
  readonly threshold: number;
  readonly alerted: boolean;
}

export interface AlertDetail {
  /** Only the alert itself is known, as a server gives it. */
  readonly remote: boolean;
  readonly alert: ThreatAlert;
  readonly revisions: readonly ThreatAlert[];
  /** Newest last. */
  readonly windows: readonly ScoredWindow[];
  readonly earlier: readonly AlertEntry[];
  /** What each base gave to the margin; null = the bundle that says so is not known. */
  readonly parts: readonly MarginPart[] | null;
  /** Start of each window of its sequence, oldest first; null = not known. */
  readonly sequenceTimes: readonly number[] | null;
  /** The bundle that judged it is in the data directory. */
  readonly bundleKept: boolean;
  readonly lines: readonly WindowLine[];
  readonly deploys: readonly { readonly timeMs: number; readonly text: string }[];
  readonly search: {
    readonly records: number;
    readonly done: boolean /** Every call that the alert names was found. */;
    readonly whole: boolean;
  };
}

const HISTORY_WINDOWS = 120;
const EARLIER_ALERTS = 8;
/** Records a slice: some milliseconds. */
const SLICE = 2000;
/** A window may have come any time after it happened; this far behind its time it is still looked for. */
const MAX_RECORDS = 500_000;

/** Call `next` until the search is done. */
export interface OpenedAlert {
  readonly detail: AlertDetail;
  next(): AlertDetail;
}

/** null = no alert of this id. */
export function openAlert(dataDir: string, reader: WatchReader, id: string): OpenedAlert | null {
  const revisions = reader.revisionsOf(id).map(({ body }) => JSON.parse(body) as ThreatAlert); // written by alertBody
  const alert = revisions.at(-1);
  if (alert === undefined) return null;
  const { tenant, agent, windowStartMs, windowEndMs } = alert;
  const bundle = bundleOf(dataDir, alert.model.fingerprint);
  const tools = bundle === null ? null : toolLookup(bundle.tools);
  const scored = reader.scoresOf(agentKey(tenant, agent), windowStartMs, HISTORY_WINDOWS);
  const own = scored.find((score) => score.windowStartMs === windowStartMs);
  const windows = scored.map(({ windowStartMs: startMs, windowEndMs: endMs, body }) => {
    const { margin, threshold, alerted } = JSON.parse(body) as ArchivedWindow; // written by archiveWindow
    return { startMs, endMs, margin, threshold, alerted };
  });
  const earlier = windows.flatMap((window) => {
    if (!window.alerted || window.startMs === windowStartMs) return [];
    return reader
      .revisionsOf(alertId({ run: alert.run, tenant, agent, startMs: window.startMs, endMs: window.endMs, detector: alert.detector }))
      .slice(-1);
  });
  let detail: AlertDetail = {
    remote: false,
    alert,
    revisions,
    windows: windows.reverse(),
    earlier: earlier.slice(0, EARLIER_ALERTS).map(entryOf),
    parts:
      bundle === null
        ? null
        : marginParts(
            { bases: bundle.bases, meta: own === undefined ? bundle.meta : metaFor(bundle, restoreWindow(own.body).rows.row) },
            alert.baseScores,
          ),
    sequenceTimes: own === undefined ? null : windowTimes(restoreWindow(own.body).rows.sequence, windowStartMs),
    bundleKept: bundle !== null,
    lines: [],
    deploys: [],
    search: { records: 0, done: false, whole: false },
  };
  const partition = reader.partitionOfAgent(tenant, agent);
  let from = reader.offsetAtClock(partition, windowStartMs - MAX_AHEAD_MS);
  let clockMs = Number.NEGATIVE_INFINITY;
  const found = new Map<string, Event>();
  const named = new Set(alert.evidence.map(({ callId }) => callId));
  return {
    get detail() {
      return detail;
    },
    next() {
      const slice = reader.agentEvents(partition, tenant, agent, from, SLICE);
      const records = detail.search.records + slice.next - from;
      clockMs = slice.clockMs ?? clockMs;
      const end = slice.next - from < SLICE;
      from = slice.next;
      const deploys = [...detail.deploys];
      for (const event of slice.events) {
        if (inWindow(event, windowStartMs, windowEndMs)) remember(found, event);
        if (event.type === 'argus.agent.lifecycle.v1' && event.data.kind === 'deploy')
          deploys.push({ timeMs: event.timeMs, text: lifecycleText(event.data) });
      }
      const lines = slice.events.length === 0 ? detail.lines : linesOf([...found.values()], tools ?? UNKNOWN);
      const seen = new Set(lines.flatMap((line) => (line.kind === 'call' ? [line.call.callId] : [])));
      const whole = [...named].every((callId) => seen.has(callId));
      const done = end || records >= MAX_RECORDS || (whole && clockMs > windowEndMs + LATEST_MS);
      detail = { ...detail, lines, deploys, search: { records, done, whole } };
      return detail;
    },
  };
}

/** What came first stands, as in the detector: a repeat changes nothing. */
function remember(found: Map<string, Event>, event: Event): void {
  const key = `${event.source} ${event.id}`;
  if (!found.has(key)) found.set(key, event);
}

const UNKNOWN: ToolLookup = () => ({ effect: 'unknown', kind: null, untrusted: false, belief: 'unknown' });

function bundleOf(dataDir: string, fingerprint: string): Bundle | null {
  try {
    return keptBundle(dataDir, fingerprint);
  } catch {
    return null; // deleted or damaged: said on the screen, and nothing else depends on it
  }
}

/** As the detector takes it: an event belongs to the window of its time. */
function inWindow({ timeMs }: Event, startMs: number, endMs: number): boolean {
  return timeMs >= startMs && timeMs < endMs;
}
