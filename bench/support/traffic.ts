/**
 * Messages of a fleet as producers would send them: every agent reports its last five calls at a steady pace, some windows hold a hijack (a
 * flagged output, then a side effect with its values). A function of the seed: the same fleet in every run, made slice by slice, so that
 * the data of a run need not be held at once.
 */
import { createRandom } from '@optikal/ml';
import { ROLES, type Role } from '../../packages/optikal/src/training/simulator/roles.ts';

export interface TrafficOptions {
  readonly agents: number;
  readonly messagesPerMinute: number;
  /** Share of (agent, minute) pairs with a hijack. */
  readonly hijackShare: number;
  readonly seed: string;
  /** Calls that a message reports. Default 5. */
  readonly callsPerMessage?: number;
  /** Whether an agent is there at a time. Default: always. */
  readonly isPresent?: (agent: number, timeMs: number) => boolean;
}

export interface Traffic {
  /** One `register` message an agent, all at the start. */
  registers(): string[];
  /** Messages of event times [fromMs, toMs), in order. */
  slice(fromMs: number, toMs: number): string[];
}

/** Monday 2026-01-05, 10:00 UTC. */
export const TRAFFIC_START_MS = Date.UTC(2026, 0, 5, 10);
const MINUTE_MS = 60_000;
/** A task lasts this many messages. */
const TASK_MESSAGES = 12;

interface Agent {
  readonly name: string;
  readonly role: Role;
  readonly phaseMs: number;
}

export function createTraffic(
  { agents, messagesPerMinute, hijackShare, seed, callsPerMessage: callCount = 5, isPresent = () => true }: TrafficOptions,
  startMs = TRAFFIC_START_MS,
): Traffic {
  const random = createRandom(seed);
  const periodMs = MINUTE_MS / messagesPerMinute;
  const fleet: Agent[] = Array.from({ length: agents }, (_, i) => ({
    name: `agent-${String(i).padStart(6, '0')}`,
    role: ROLES[i % ROLES.length],
    phaseMs: Math.floor((i * periodMs) / agents),
  }));

  const message = (agent: Agent, k: number, timeMs: number, hijacked: boolean): string => {
    const task = `${agent.name}.t${Math.floor(k / TASK_MESSAGES)}`;
    const calls = Array.from({ length: callCount }, (_, c) => {
      const evil = hijacked && c === callCount - 1;
      const from = evil ? agent.role.usualSide : random.nextFloat() < 0.75 ? agent.role.reads : agent.role.usualSide;
      const tool = (from.length > 0 ? from : agent.role.tools)[
        Math.floor(random.nextFloat() * (from.length > 0 ? from : agent.role.tools).length)
      ];
      const failed = random.nextFloat() < 0.02;
      return {
        callId: `${task}.c${k * callCount + c}`,
        taskId: task,
        turn: (k % TASK_MESSAGES) * 2 + (c > 2 ? 1 : 0),
        time: timeMs - (callCount - c) * 20,
        tool: tool.name,
        ok: !failed,
        errorKind: failed ? 'timeout' : null,
        latencyMs: Math.round(tool.latencyMs * (0.5 + random.nextFloat())),
        argBytes: Math.round(tool.argBytes * (0.5 + random.nextFloat())),
        outBytes: Math.round(tool.outBytes * (0.5 + random.nextFloat())),
        argHmac: hex16(random.nextFloat()),
        textCharsThisTurn: 40 + Math.floor(random.nextFloat() * 400),
        provenance: evil
          ? {
              valuesOut: 3,
              valuesOutLatest: 3,
              destCount: 1,
              destOut: 1,
              destNew: 1,
              valuesFlagged: 2,
              wordsOutShare: 0.8,
              affinity: 0.1,
              requested: 0,
            }
          : {
              valuesOut: random.nextFloat() < 0.2 ? 1 : 0,
              valuesOutLatest: 0,
              destCount: tool.side ? 1 : 0,
              destOut: 0,
              destNew: 0,
              valuesFlagged: 0,
              wordsOutShare: Math.round(random.nextFloat() * 30) / 100,
              affinity: Math.round(50 + random.nextFloat() * 50) / 100,
              requested: random.nextFloat() < 0.9 ? 1 : 0.5,
            },
      };
    });
    return envelope(agent, `m${k}`, 'argus.agent.metrics.v1', timeMs, task, {
      windowStartMs: Math.floor(timeMs - periodMs),
      windowEndMs: timeMs,
      metrics: {
        cpu_usage_percent: Math.round(random.nextFloat() * 400) / 10,
        memory_usage_mb: 200 + Math.round(random.nextFloat() * 300),
        network_calls_count: null,
        file_operations_count: null,
        api_calls_count: callCount,
        error_count: 0,
        hour_of_day: 10,
        day_of_week: 0,
        query_diversity: null,
        response_time_ms: 200 + Math.round(random.nextFloat() * 900),
        success_rate: null,
      },
      calls,
    });
  };
  const verdict = (agent: Agent, k: number, timeMs: number): string => {
    const task = `${agent.name}.t${Math.floor(k / TASK_MESSAGES)}`;
    return envelope(agent, `v${k}`, 'argus.io.validation.v1', timeMs, task, {
      direction: 'tool_output',
      callId: null,
      taskId: task,
      verdict: 'allow',
      enforcement: 'allowed',
      score: 0.97,
      findings: [{ kind: 'prompt_injection', score: 0.97, span: null }],
    });
  };

  return {
    registers: () =>
      fleet.map((agent) =>
        envelope(agent, 'r', 'argus.agent.lifecycle.v1', startMs, null, {
          kind: 'register',
          role: agent.role.name,
          owner: agent.role.owner,
          version: '1.0.0',
          model: null,
          promptHash: null,
          toolSetHash: null,
        }),
      ),
    slice(fromMs, toMs) {
      const out: { timeMs: number; text: string }[] = [];
      for (const [i, agent] of fleet.entries()) {
        const first = Math.max(0, Math.ceil((fromMs - startMs - agent.phaseMs) / periodMs));
        for (let k = first; ; k++) {
          const timeMs = Math.floor(startMs + agent.phaseMs + k * periodMs);
          if (timeMs >= toMs) break;
          if (timeMs < fromMs || !isPresent(i, timeMs)) continue;
          const minute = Math.floor((timeMs - startMs) / MINUTE_MS);
          // The last message of a hijacked minute acts on what was read just before.
          const last = Math.floor((timeMs + periodMs - startMs) / MINUTE_MS) > minute;
          const hijacked = last && chance(i, minute) < hijackShare;
          if (hijacked) out.push({ timeMs: timeMs - 200, text: verdict(agent, k, Math.max(fromMs, timeMs - 200)) });
          out.push({ timeMs, text: message(agent, k, timeMs, hijacked) });
        }
      }
      return out.sort((a, b) => a.timeMs - b.timeMs).map(({ text }) => text);
    },
  };
}

function envelope(agent: Agent, id: string, type: string, timeMs: number, task: string | null, data: unknown): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `${agent.name}.${id}`,
    source: `/bench/${agent.name}`,
    type,
    subject: agent.name,
    time: new Date(timeMs).toISOString(),
    ...(task === null ? {} : { sessionid: agent.name, taskid: task }),
    data,
  });
}

function hex16(share: number): string {
  return Math.floor(share * 2 ** 48)
    .toString(16)
    .padStart(16, '0');
}

/** Uniform in [0, 1) from (agent, minute) alone, whatever the slices. */
function chance(agent: number, minute: number): number {
  let h = Math.imul(agent + 1, 0x9e3779b1) ^ Math.imul(minute + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}
