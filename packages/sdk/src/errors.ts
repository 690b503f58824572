/** The closed list of codes of the publishers. A refused event has a code of the contracts instead (`invalid_json`, `data_invalid`, …). */
import type { EventErrorCode } from '@optikal/contracts';

/** Code → what it means, one line each. */
export const SDK_ERRORS = {
  option_invalid: 'an option is unknown or outside its range',
  publisher_closed: 'the publisher is closed',
  spool_locked: 'another publisher uses this spool folder',
  spool_unusable: 'the spool folder cannot be made or written',
} as const;
export type SdkErrorCode = keyof typeof SDK_ERRORS;

/** Thrown to the caller at once. */
export class SdkError extends Error {
  override readonly name = 'SdkError';
  readonly code: SdkErrorCode | EventErrorCode;
  /** JSON pointer to the field of a refused event, else empty. */
  readonly field: string;

  constructor(code: SdkErrorCode | EventErrorCode, message: string, field = '') {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Why a transport did not take a batch; none of them reaches the caller of `publish`. */
export const TRANSPORT_ERRORS = {
  transport_unavailable: 'nothing answers, or it is overloaded; the batch is sent again',
  transport_refused:
    'what answers refuses: credentials, certificate, access rights, no such route or topic; the batch is sent again, seldom',
  batch_too_large: 'the batch is larger than what is taken; it is cut in two, and a single event of that size is refused',
} as const;
export type TransportErrorCode = keyof typeof TRANSPORT_ERRORS;

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;
  /** What the other side asked for, if it did. */
  readonly retryAfterMs: number | null;

  constructor(
    code: TransportErrorCode,
    message: string,
    { retryAfterMs = null, cause }: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What `onWarning` tells. */
export const PUBLISHER_WARNINGS = {
  transport_failing: 'the transport does not take, or does not answer; events wait and are spooled',
  transport_recovered: 'the transport takes again',
  event_refused: 'the other side refused an event for good',
  event_dropped: 'an event was dropped: spool or memory is full',
  spool_failing: 'the spool cannot be written; events wait in memory',
  spool_recovered: 'the spool can be written again',
  spool_damaged: 'a part of the spool was not readable and is skipped',
  clock_skewed: 'the wall clock is not to be believed; events are marked',
} as const;
export type PublisherWarning = keyof typeof PUBLISHER_WARNINGS;
