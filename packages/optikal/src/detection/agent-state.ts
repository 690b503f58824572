/**
 * The state of one agent as it is held and as it is stored: open windows and the profile. A stored window names its records by their offsets:
 * they are in the log already, and writing them again with each new one made the cost of a busy window quadratic.
 */
import type { Event } from '@optikal/contracts';
import { type AgentWindows, newAgentWindows, type OpenWindow } from '../stream/window.ts';
import { type AgentProfile, decodeProfile, type EncodedProfile, encodeProfile, newProfile } from './profile.ts';

export interface AgentState {
  readonly tenant: string;
  readonly agent: string;
  readonly windows: AgentWindows;
  readonly profile: AgentProfile;
}

export function newAgentState(tenant: string, agent: string): AgentState {
  return { tenant, agent, windows: newAgentWindows(), profile: newProfile() };
}

type StoredWindow = Omit<OpenWindow, 'records'>;

interface Stored {
  readonly closed: number | null;
  readonly open: readonly StoredWindow[];
  readonly profile: EncodedProfile;
}

/** The profile as text, while it is what it was: a window closes once, and is written with every batch that adds to it. */
const PROFILES = new WeakMap<AgentState, string>();

/** Whoever changes a profile in place says so. */
export function profileChanged(state: AgentState): void {
  PROFILES.delete(state);
}

export function encodeAgentState(state: AgentState): string {
  let profile = PROFILES.get(state);
  if (profile === undefined) {
    profile = JSON.stringify(encodeProfile(state.profile));
    PROFILES.set(state, profile);
  }
  const { lastClosedEndMs, open } = state.windows;
  const closed = Number.isFinite(lastClosedEndMs) ? lastClosedEndMs : null;
  const windows: StoredWindow[] = open.map(({ records: _records, ...window }) => window);
  return `{"closed":${closed},"open":${JSON.stringify(windows)},"profile":${profile}}`; // a `Stored`
}

/** As `encodeAgentState` wrote it; the records of its open windows are still to come (`restoreRecords`). */
export function decodeAgentState(key: string, body: string): AgentState {
  const bar = key.indexOf('|');
  const stored = JSON.parse(body) as Stored; // written by encodeAgentState, read from the same database
  return {
    tenant: key.slice(0, bar),
    agent: key.slice(bar + 1),
    windows: {
      lastClosedEndMs: stored.closed ?? Number.NEGATIVE_INFINITY,
      open: stored.open.map((window) => ({ ...window, records: [] })),
    },
    profile: decodeProfile(stored.profile),
  };
}

export function restoreRecords({ windows }: AgentState, eventAt: (offset: number) => Event): void {
  for (const { records, offsets } of windows.open) for (const offset of offsets.slice(records.length)) records.push(eventAt(offset));
}
