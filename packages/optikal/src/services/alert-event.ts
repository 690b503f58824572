/**
 * An alert on its way out: one line of CloudEvents 1.0 JSON. INVARIANT: `data` is the stored canonical body, byte for byte; it is put into
 * the line as text and never parsed and written again, so that a reader can compare it with the log's replay.
 */
import type { AlertRow } from '../bus/contract.ts';
import { WINDOW_MS } from '../stream/limits.ts';

export const ALERT_TYPE = 'argus.threat.alerts.v1';

/**
 * The line of an alert, without a line break. `cursor` is what a reader passes to `GET /v1/alerts?after=` to go on behind this alert; a
 * string, because CloudEvents integers end at 2³¹ − 1 and because its form is the bus's own business.
 */
export function alertLine(alert: AlertRow, cursor?: number): string {
  const [tenant, agent] = alert.key.split('|'); // ids hold no `|`
  const envelope = JSON.stringify({
    specversion: '1.0',
    id: `${alert.id}.${alert.revision}`,
    source: 'optikal',
    type: ALERT_TYPE,
    subject: agent,
    time: new Date(windowEndMs(alert)).toISOString(),
    tenant,
    datacontenttype: 'application/json',
    ...(cursor === undefined ? {} : { cursor: String(cursor) }),
  });
  return `${envelope.slice(0, -1)},"data":${alert.body}}`;
}

/** The body names the end of its window; the tumbling window's length stands in where it does not. */
function windowEndMs(alert: AlertRow): number {
  const body: unknown = JSON.parse(alert.body);
  if (typeof body === 'object' && body !== null && 'windowEndMs' in body && typeof body.windowEndMs === 'number') return body.windowEndMs;
  return alert.windowStartMs + WINDOW_MS;
}
