/** The shapes that the server needs of the rest: what takes events, what gives alerts, what knows whether it is ready. */
import type { Keys } from './keys.ts';
import type { HttpLimits } from './limits.ts';

/** Takes the texts of messages; resolves when they are durable. Throws errors with a `code`: `overloaded`, `invalid_json`, those of the bus. */
export type TakeEvents = (
  texts: readonly string[],
  tenant: string,
  options: { readonly oneDocument: boolean },
) => Promise<{
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
}>;

/** An alert of the bus (`StoredAlert` has this shape). */
export interface FeedAlert {
  readonly cursor: number;
  readonly id: string;
  readonly revision: 1 | 2;
  /** `tenant|agent`. */
  readonly key: string;
  readonly windowStartMs: number;
  readonly body: string;
}

/** Alerts after a cursor, oldest first, of all tenants; waits up to maxWaitMs for a first one (`Bus.alerts` has this shape). */
export type ReadAlerts = (
  after: number,
  options: { readonly maxRecords: number; readonly maxWaitMs: number },
) => Promise<readonly FeedAlert[]>;

export interface ModelsRequest {
  /** Path of a bundle, or the SHA-256 of one that is kept already. */
  readonly bundle: string;
  readonly threshold?: number | null;
  readonly effectiveFromMs?: number;
}

/** Why a probe is told no: a code, its words, and figures. Shown to anyone who asks, so there is nothing of anybody's events in it. */
export interface ProbeReason {
  readonly code: string;
  readonly message: string;
  readonly [figure: string]: string | number;
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly ProbeReason[];
}

/** An answer that went out. `route` is one of the server's own, else `other`; nothing of the request is in it. */
export interface Answered {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** null = a stream, whose length is its follower's. */
  readonly seconds: number | null;
}

export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** What the server says about itself. No part of a request is ever in it. */
export interface HttpLogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number>>;
}

export interface HttpServerOptions {
  /** Default 127.0.0.1; another needs keys. */
  readonly host?: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly ingest: TakeEvents;
  readonly alerts: ReadAlerts;
  /** The line of an alert with its cursor (services/alert-event.ts). */
  readonly alertLine: (alert: FeedAlert, cursor: number) => string;
  readonly status: () => Readiness | Promise<Readiness>;
  /** Why the process should be restarted. Default: no reason. */
  readonly health?: () => readonly ProbeReason[];
  /** Without it there is no `GET /metrics`. */
  readonly metrics?: () => Promise<MetricsPage>;
  readonly onAnswered?: (answered: Answered) => void;
  /** Errors with a `code` become `control_refused` with that code as the reason. The result is answered as JSON. */
  readonly control?: (request: ModelsRequest) => Promise<Readonly<Record<string, unknown>>>;
  /** Without keys: this machine only, tenant `default`, every role. */
  readonly keys?: Keys | null;
  /**
   * Whether a peer on this machine may use the control routes without a key. Default: only where there are no keys. With keys, a reverse proxy
   * on the same machine makes every client look like a local one.
   */
  readonly trustLoopback?: boolean;
  readonly limits?: Partial<HttpLimits>;
  readonly log?: (entry: HttpLogEntry) => void;
}

/** What a port of its own for probes and metrics needs. */
export type ObserveServerOptions = Pick<
  HttpServerOptions,
  'host' | 'port' | 'status' | 'health' | 'onAnswered' | 'keys' | 'trustLoopback' | 'limits' | 'log'
> &
  Required<Pick<HttpServerOptions, 'metrics'>>;

export interface HttpServer {
  /** Resolves to where it listens. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /** Takes nothing new, lets what is under way finish for `drainMs`, then cuts it. */
  close(): Promise<void>;
}
