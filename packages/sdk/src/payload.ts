/** An event in the spool: its attributes and its data, on two lines. JSON text as JavaScript writes it has no line breaks of its own. */
import { agentKey, type EventType } from '@optikal/contracts';
import type { OutgoingEvent } from './transport.ts';

export function payloadOf({ attributes, data }: Pick<OutgoingEvent, 'attributes' | 'data'>): string {
  return `${attributes}\n${data}`;
}

/** null = not of this package, though its checksum was right. */
export function outgoingOf(payload: string): OutgoingEvent | null {
  const middle = payload.indexOf('\n');
  const attributes = payload.slice(0, middle);
  try {
    const { type, subject, tenant } = JSON.parse(attributes) as { type: EventType; subject: string; tenant: string }; // written by toCloudEvent
    return middle < 0 || typeof subject !== 'string' || typeof type !== 'string'
      ? null
      : { key: agentKey(tenant, subject), type, attributes, data: payload.slice(middle + 1) };
  } catch {
    return null;
  }
}
