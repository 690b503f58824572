/**
 * A message as the rest of the system sees it: the CloudEvents 1.0 envelope, cleaned, with its data typed. `Event` is what is put
 * into the log (as JSON), so unknown fields, which may hold content, never reach a disk.
 */
import type { Static } from 'typebox';
import type { EVENT_SCHEMAS, EventType } from './messages.ts';

export type EventData<T extends EventType> = Static<(typeof EVENT_SCHEMAS)[T]>;

interface Envelope<T extends EventType> {
  readonly id: string;
  readonly source: string;
  readonly type: T;
  readonly tenant: string;
  readonly agent: string;
  /** Event time in milliseconds since 1970. */
  readonly timeMs: number;
  readonly session: string | null;
  readonly task: string | null;
  readonly correlation: string | null;
  readonly sequence: string | null;
  readonly data: EventData<T>;
  /** The sender knew that its clock was wrong when it made the event. Absent = it did not. */
  readonly skewed?: true;
}

/** Discriminated by `type`. */
export type Event = { [T in EventType]: Envelope<T> }[EventType];
export type EventOf<T extends EventType> = Envelope<T>;

/** The wire form of an event (structured mode), for writers of `events.jsonl`. */
export function toCloudEvent(event: Event): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.agent,
    time: new Date(event.timeMs).toISOString(),
    tenant: event.tenant,
    ...(event.session === null ? {} : { sessionid: event.session }),
    ...(event.task === null ? {} : { taskid: event.task }),
    ...(event.correlation === null ? {} : { correlationid: event.correlation }),
    ...(event.sequence === null ? {} : { sequence: event.sequence }),
    ...(event.skewed === true ? { skewed: true } : {}),
    datacontenttype: 'application/json',
    data: event.data,
  };
}
