/** What a client may ask of the server. Everything that grows with a request has a number here. */
import { StartError } from './errors.ts';

export interface HttpLimits {
  /** Largest body of `POST /v1/events`. */
  readonly bodyBytes: number;
  /** Bodies of all requests together that are held while they arrive. */
  readonly heldBytes: number;
  readonly batchEvents: number;
  readonly urlChars: number;
  readonly headerBytes: number;
  /** Time for the headers, and for the whole request, to arrive. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly connections: number;
  /** Clients that follow the alerts at the same time. */
  readonly streams: number;
  /** A follower that takes nothing for this long is left. */
  readonly stallMs: number;
  readonly heartbeatMs: number;
  /** Longest `wait` of `GET /v1/alerts`, and most lines of an answer. */
  readonly waitSeconds: number;
  readonly alertLines: number;
  /** What is under way at a close may take this long; then it is cut. */
  readonly drainMs: number;
}

const MIB = 1_048_576;

export const DEFAULT_LIMITS: HttpLimits = {
  bodyBytes: 8 * MIB,
  heldBytes: 128 * MIB,
  batchEvents: 10_000,
  urlChars: 2048,
  headerBytes: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  connections: 1024,
  streams: 100,
  stallMs: 30_000,
  heartbeatMs: 15_000,
  waitSeconds: 60,
  alertLines: 1000,
  drainMs: 1500,
};

/** Defaults for what is not given; whole numbers from 1 on, and no other names. */
export function resolveLimits(limits: Partial<HttpLimits> = {}): HttpLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new StartError('option_invalid', `expected a limit of the server, found \`${name}\``);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new StartError('option_invalid', `expected a whole number from 1 on for \`${name}\`, found \`${value}\``);
  }
  return { ...DEFAULT_LIMITS, ...limits };
}
