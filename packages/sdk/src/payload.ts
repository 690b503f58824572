/** An event in the spool: its attributes and its data, on two lines. JSON text as JavaScript writes it has no line breaks of its own. */
import type { EventType } from '@optikal/contracts';
import type { OutgoingEvent } from './transport.ts';

export function payloadOf({ attributes, data }: Pick<OutgoingEvent, 'attributes' | 'data'>): string {
  return `${attributes}\n${data}`;
}

/** Of a payload that this package wrote: its checksum was right. */
export function outgoingOf(payload: string): OutgoingEvent {
  const middle = payload.indexOf('\n');
  const attributes = payload.slice(0, middle);
  const { type, subject, tenant } = JSON.parse(attributes) as { type: EventType; subject: string; tenant: string }; // written by toCloudEvent
  return { key: `${tenant}|${subject}`, type, attributes, data: payload.slice(middle + 1) };
}
