/**
 * The state of one agent as it is held and as it is stored: open windows and the profile. A stored window names its records by their offsets:
 * they are in the log already, and writing them again with each new one made the cost of a busy window quadratic. Between two windows an
 * agent's profile rests as the text that is stored: a hundred thousand agents as objects would hold up every collection of garbage.
 */
import { type AgentWindows, type LoggedEvent, newAgentWindows, type OpenWindow, windowRecord } from '../stream/window.ts';
import { FLAGGED_LOGIT } from './facts.ts';
import { type AgentProfile, decodeProfile, type EncodedProfile, encodeProfile, newProfile, type TaskState } from './profile.ts';

export interface AgentState {
  readonly tenant: string;
  readonly agent: string;
  readonly windows: AgentWindows;
  /** Whoever changes it in place says so (`profileChanged`). */
  readonly profile: AgentProfile;
}

export function newAgentState(tenant: string, agent: string): AgentState {
  return new HeldAgent(tenant, agent, newAgentWindows(), newProfile());
}

type StoredWindow = Omit<OpenWindow, 'records'>;

/** What stands before the profile; the windows hold numbers and booleans, so the name of the profile comes once. */
interface StoredHead {
  readonly closed: number | null;
  readonly open: readonly StoredWindow[];
}
const PROFILE = ',"profile":';

export function profileChanged(state: AgentState): void {
  if (state instanceof HeldAgent) state.forgetText();
}

/** Lets go of the profile's objects where its text is known, as after a commit; they are made again when they are asked for. */
export function restProfile(state: AgentState): void {
  if (state instanceof HeldAgent) state.rest();
}

/** Whether one of the open tasks has read a flagged text. Asked for every message, so a resting profile knows it. */
export function hasReadFlagged(state: AgentState): boolean {
  return state instanceof HeldAgent ? state.hasReadFlagged() : state.profile.tasks.some(isFlagged);
}

export function encodeAgentState(state: AgentState): string {
  const { lastClosedEndMs, open } = state.windows;
  const closed = Number.isFinite(lastClosedEndMs) ? lastClosedEndMs : null;
  const windows: StoredWindow[] = open.map(({ records: _records, ...window }) => window);
  const profile = state instanceof HeldAgent ? state.profileText() : JSON.stringify(encodeProfile(state.profile));
  return `{"closed":${closed},"open":${JSON.stringify(windows)}${PROFILE}${profile}}`; // a `StoredHead`, then an `EncodedProfile`
}

/** As `encodeAgentState` wrote it; the records of its open windows are still to come (`restoreRecords`). */
export function decodeAgentState(key: string, body: string): AgentState {
  const bar = key.indexOf('|');
  const end = body.indexOf(PROFILE);
  const stored = JSON.parse(`${body.slice(0, end)}}`) as StoredHead; // written by encodeAgentState, read from the same database
  const windows = {
    lastClosedEndMs: stored.closed ?? Number.NEGATIVE_INFINITY,
    open: stored.open.map((window) => ({ ...window, records: [] })),
  };
  return new HeldAgent(key.slice(0, bar), key.slice(bar + 1), windows, body.slice(end + PROFILE.length, -1));
}

export function restoreRecords({ windows }: AgentState, eventAt: (offset: number) => LoggedEvent): void {
  for (const { records, offsets } of windows.open)
    for (const offset of offsets.slice(records.length)) records.push(windowRecord(eventAt(offset)));
}

/** INVARIANT: at least one of profile and text is there; both say the same. */
class HeldAgent implements AgentState {
  readonly tenant: string;
  readonly agent: string;
  readonly windows: AgentWindows;
  #profile: AgentProfile | null = null;
  #text: string | null = null;
  /** Of a resting profile; null = not known yet. */
  #flagged: boolean | null = null;

  constructor(tenant: string, agent: string, windows: AgentWindows, profile: AgentProfile | string) {
    this.tenant = tenant;
    this.agent = agent;
    this.windows = windows;
    if (typeof profile === 'string') this.#text = profile;
    else this.#profile = profile;
  }

  get profile(): AgentProfile {
    this.#profile ??= decodeProfile(JSON.parse(this.#text!) as EncodedProfile); // the text is that of an EncodedProfile, see profileText
    return this.#profile;
  }

  profileText(): string {
    this.#text ??= JSON.stringify(encodeProfile(this.profile));
    return this.#text;
  }

  forgetText(): void {
    if (this.#profile === null) return;
    this.#text = null;
    this.#flagged = null;
  }

  rest(): void {
    if (this.#text === null || this.#profile === null) return;
    this.#flagged = this.#profile.tasks.some(isFlagged);
    this.#profile = null;
  }

  hasReadFlagged(): boolean {
    if (this.#profile !== null) return this.#profile.tasks.some(isFlagged);
    this.#flagged ??= this.profile.tasks.some(isFlagged);
    return this.#flagged;
  }
}

function isFlagged({ injection, pending, ahead }: TaskState): boolean {
  const logits = [injection, pending.injection, ...ahead.map(([, logit]) => logit)];
  return logits.some((logit) => logit !== null && logit >= FLAGGED_LOGIT);
}
