/** Names of alerts: what was judged, never by which model or threshold, so that two bundles name the same window alike. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

export interface AlertSubject {
  /** "live" or a replay's id. */
  readonly run: string;
  readonly tenant: string;
  readonly agent: string;
  readonly startMs: number;
  readonly endMs: number;
  /** "ensemble" | "drift" | "rule:ID" */
  readonly detector: string;
}

/** Hex of the first 16 bytes of SHA-256 over the RFC 8785 JSON of [run, tenant, agent, startMs, endMs, detector, "v1"]. */
export function alertId({ run, tenant, agent, startMs, endMs, detector }: AlertSubject): string {
  const name = canonicalize([run, tenant, agent, startMs, endMs, detector, 'v1'])!; // an array of strings and numbers always has a JSON form
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
