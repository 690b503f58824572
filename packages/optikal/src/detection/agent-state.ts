/** The state of one agent as it is held and as it is stored: open windows with their raw records, and the profile. */
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

interface Stored {
  readonly closed: number | null;
  readonly open: OpenWindow[];
  readonly profile: EncodedProfile;
}

export function encodeAgentState(state: AgentState): string {
  const { lastClosedEndMs, open } = state.windows;
  const stored: Stored = { closed: Number.isFinite(lastClosedEndMs) ? lastClosedEndMs : null, open, profile: encodeProfile(state.profile) };
  return JSON.stringify(stored);
}

export function decodeAgentState(key: string, body: string): AgentState {
  const bar = key.indexOf('|');
  const stored = JSON.parse(body) as Stored; // written by encodeAgentState, read from the same database
  return {
    tenant: key.slice(0, bar),
    agent: key.slice(bar + 1),
    windows: { lastClosedEndMs: stored.closed ?? Number.NEGATIVE_INFINITY, open: stored.open },
    profile: decodeProfile(stored.profile),
  };
}
