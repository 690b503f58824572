/** Alerts and counters for tests of the screen: plain values, an hour apart from each other where nothing else is said. */
import type { ThreatAlert } from '@optikal/contracts';
import type { WatchStatus } from '../../../services/watch.ts';
import type { AlertDetail } from '../../../services/watch-alert.ts';
import type { AlertEntry } from '../../../services/watch-entry.ts';
import { NO_FILTER } from '../filter.ts';
import { initialState, type Message, type Size, type State } from '../state.ts';
import { update } from '../update.ts';

export const T0 = Date.UTC(2026, 0, 5, 9);
const MINUTE_MS = 60_000;

/** `n` is cursor and minute: a greater one is newer. */
export function entry(n: number, with_: Partial<AlertEntry> = {}): AlertEntry {
  const windowStartMs = T0 + n * MINUTE_MS;
  return {
    cursor: n,
    id: n.toString(16).padStart(32, '0'),
    revision: 2,
    paired: false,
    tenant: 'default',
    agent: `agent-${n}`,
    windowStartMs,
    windowEndMs: windowStartMs + MINUTE_MS,
    threat: 'data_exfiltration',
    severity: 'high',
    probability: 0.83,
    decision: 'alert',
    learning: false,
    starter: false,
    replay: false,
    sentence: `agent-${n} called send_email after reading what search_web returned: looks like data exfiltration.`,
    ...with_,
  };
}

export function status(with_: Partial<WatchStatus> = {}): WatchStatus {
  return {
    remote: false,
    records: 16_312,
    eventsPerSecond: 42.5,
    lag: 0,
    clockMs: T0 + 7_200_000,
    late: 3,
    deadLetters: 1,
    openWindows: 18,
    agents: 100,
    model: { fingerprint: '8603898b90d7'.padEnd(64, '0'), threshold: 2.31, kept: true },
    writer: { running: true, pid: 4123, words: 'running, pid 4123' },
    lastCommitMs: T0 + 7_200_500,
    alerts: { low: 1, medium: 20, high: 7, critical: 2, withdrawn: 4, uncounted: 0 },
    ...with_,
  };
}

/** A screen over these alerts, all of them read. */
export function screen(size: Size, entries: readonly AlertEntry[], colors = false): State {
  return send(
    initialState({ size, source: 'var/', colors, filter: NO_FILTER }),
    { kind: 'reset', status: status(), before: 1_000_000 },
    { kind: 'older', entries: entries.toSorted((a, b) => b.cursor - a.cursor), before: 0, complete: true },
  );
}

export function send(state: State, ...messages: readonly Message[]): State {
  return messages.reduce(update, state);
}

/** The keys of a word. */
export function typing(text: string): string[] {
  return Array.from(text);
}

export function keys(state: State, ...pressed: readonly string[]): State {
  return send(state, ...pressed.map((key): Message => ({ kind: 'key', key })));
}

/** One alert with all that can be known of it. */
export function detail(with_: Partial<AlertDetail> = {}): AlertDetail {
  const opened = entry(60, { agent: 'support-3', revision: 2, paired: true });
  const alert: ThreatAlert = {
    id: opened.id,
    revision: 2,
    run: 'live',
    tenant: 'default',
    agent: 'support-3',
    role: 'support_desk',
    session: 's-1',
    tasks: ['t-1'],
    windowStartMs: opened.windowStartMs,
    windowEndMs: opened.windowEndMs,
    detector: 'ensemble',
    decision: 'alert',
    sentence: opened.sentence,
    severity: 'high',
    probability: 0.83,
    prevalence: 0.01,
    margin: 4.12,
    threshold: 2.88,
    threatType: 'data_exfiltration',
    threatProbabilities: {
      credential_abuse: 0.12,
      data_exfiltration: 0.81,
      prompt_injection: 0.05,
      resource_abuse: 0.01,
      behavioral_drift: null,
      privilege_escalation: 0.01,
    },
    baseScores: { boosting: 3.1, forest: -0.4 },
    confidence: 0.88,
    lstm_uncertainty: null,
    attention: null,
    baseValue: 0.02,
    attributions: [
      {
        feature: 'role_surprise_max',
        label: 'rarest tool for the role',
        value: 10,
        usual: 2,
        unit: 'nats',
        contribution: 1.15,
        missing: false,
      },
      { feature: 'errors_per_min', label: 'errors a minute', value: 0, usual: 1, unit: 'errors', contribution: -0.4, missing: false },
      {
        feature: 'injection_max',
        label: 'highest injection score',
        value: null,
        usual: null,
        unit: 'logit',
        contribution: 0.1,
        missing: true,
      },
    ],
    note: null,
    evidence: [
      {
        callId: 'c2',
        taskId: 't-1',
        turn: 2,
        timeMs: opened.windowStartMs + 20_000,
        tool: 'send_email',
        effect: 'write',
        ok: true,
        score: 3.7,
        reasons: ['1 destination taken from an output'],
      },
    ],
    tags: [
      { framework: 'MITRE ATLAS', id: 'AML.T0086', edition: '5.6.0' },
      { framework: 'OWASP Agentic', id: 'ASI02', edition: '2026' },
    ],
    correlationIds: ['59cd40ad903714de'],
    planes: { behaviour: true, content: true, authority: false },
    phase: 'established',
    model: { fingerprint: '8603898b90d7'.padEnd(64, '0'), featureSet: 'fused1', backend: 'local', starter: false },
    replay: false,
  };
  const call = (turn: number, tool: string, outBytes: number | null) => ({
    callId: `c${turn}`,
    taskId: 't-1',
    turn,
    time: opened.windowStartMs + 10_000 * turn,
    tool,
    ok: true,
    errorKind: null,
    latencyMs: 40,
    argBytes: 12,
    outBytes,
    argHmac: null,
    textCharsThisTurn: null,
  });
  const provenance = {
    valuesOut: 2,
    valuesOutLatest: 1,
    destCount: 1,
    destOut: 1,
    destNew: 1,
    valuesFlagged: 0,
    wordsOutShare: 0.3,
    affinity: null,
    requested: 0.1,
  };
  return {
    remote: false,
    parts: [
      { name: 'boosting', score: 3.1, weight: 1.3, part: 4.03 },
      { name: 'forest', score: -0.4, weight: 0, part: 0 },
    ],
    sequenceTimes: null,
    alert,
    revisions: [{ ...alert, revision: 1, margin: 3.4, probability: 0.61 }, alert],
    windows: [-1, 0.5, 2, 3.1, 4.12].map((margin, n) => ({
      startMs: opened.windowStartMs - (4 - n) * MINUTE_MS,
      margin,
      threshold: 2.88,
      alerted: margin > 2.88,
    })),
    earlier: [entry(59, { agent: 'support-3', severity: 'medium', probability: 0.55 })],
    bundleKept: true,
    lines: [
      { kind: 'lifecycle', timeMs: opened.windowStartMs + 1000, text: 'task t-1 started, request of 119 characters' },
      {
        kind: 'call',
        timeMs: opened.windowStartMs + 10_000,
        call: call(1, 'search_web', 2400),
        effect: 'read',
        provenance: null,
        readsBefore: 0,
        bytesBefore: 0,
        gateway: ['block tool output 0.93 (prompt_injection)'],
        policy: [],
      },
      {
        kind: 'call',
        timeMs: opened.windowStartMs + 20_000,
        call: call(2, 'send_email', null),
        effect: 'write',
        provenance,
        readsBefore: 1,
        bytesBefore: 2400,
        gateway: [],
        policy: ['permit send_email (risk 0.46)'],
      },
    ],
    deploys: [{ timeMs: opened.windowStartMs - 600_000, text: 'deploy version 2.1' }],
    search: { records: 4000, done: true, whole: true },
    ...with_,
  };
}
