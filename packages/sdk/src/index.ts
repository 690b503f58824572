/** Telemetry of an agent to Optikal: typed publishers that never block their caller. */
export type { Clock } from './clock-check.ts';
export type { Counters, OnWarning } from './counters.ts';
export {
  PUBLISHER_WARNINGS,
  type PublisherWarning,
  SDK_ERRORS,
  SdkError,
  type SdkErrorCode,
  TRANSPORT_ERRORS,
  TransportError,
  type TransportErrorCode,
} from './errors.ts';
export { type HttpTransportOptions, httpTransport } from './http/transport.ts';
export type { PublisherOptions, SpoolOptions } from './options.ts';
export { type About, createPublisher, type Publisher } from './publisher.ts';
export type { Damage, FsyncPolicy } from './spool/spool.ts';
export { type OutgoingEvent, type SendResult, structured, type Transport } from './transport.ts';
export { EVENT_CLASSES, type EventClass } from './worth.ts';
