/** What the publisher asks of a way out. `send` is called once at a time; a batch that failed comes again, so the other side drops repeats by id. */
import type { EventType } from '@optikal/contracts';

/** An event as it travels: the attributes of its CloudEvent and its data, each as JSON text. */
export interface OutgoingEvent {
  /** `tenant|agent`. */
  readonly key: string;
  readonly type: EventType;
  readonly attributes: string;
  readonly data: string;
}

export interface SendResult {
  /** Events that the other side will never take, by index, with its code. The others are durable there. */
  readonly refused?: readonly { readonly index: number; readonly code: string }[];
  /** What the other side's clock said when it answered, in ms since 1970, where it says. */
  readonly serverTimeMs?: number | null;
}

export interface Transport {
  /** Resolves when the batch is durable at the other side. Throws a TransportError, or anything else as `transport_unavailable`. Ends soon where `stop` aborts. */
  send(events: readonly OutgoingEvent[], stop: AbortSignal): Promise<SendResult>;
  close(): Promise<void>;
}

/** The event in structured mode. */
export function structured({ attributes, data }: Pick<OutgoingEvent, 'attributes' | 'data'>): string {
  return `${attributes.slice(0, -1)},"data":${data}}`;
}
