import { createHash } from 'node:crypto';
import { type Event, ID_REGEX, parseEvent, toCloudEvent } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { type FleetOptions, goalReached, simulateFleet } from './index.ts';

const SHORT = { agents: 100, days: 4 / 24, seed: 'fleet-test' };
const short = simulateFleet(SHORT);
const events = [...short.events()];
const calls = new Map(
  events.flatMap((event) =>
    event.type === 'argus.agent.metrics.v1' ? event.data.calls!.map((call) => [call.callId, { call, event }]) : [],
  ),
);

function digest(stream: Iterable<Event>, limit = Infinity): string {
  const hash = createHash('sha256');
  let count = 0;
  for (const event of stream) {
    if (count++ >= limit) break;
    hash.update(JSON.stringify(toCloudEvent(event)));
  }
  return hash.digest('hex');
}

describe('the stream', () => {
  it('holds events that the border accepts, whole', () => {
    // A third of all events, every agent among them: parsing cleans a message slowly.
    const refused = events.filter((event, i) => {
      if (i % 3 !== 0) return false;
      const parsed = parseEvent(JSON.parse(JSON.stringify(toCloudEvent(event))));
      // Equality is slow: every 60th event shows that nothing is lost on the way.
      if (parsed.ok && i % 60 === 0) expect(parsed.event).toEqual(event);
      return !parsed.ok || parsed.unknownFields > 0;
    });
    expect(refused).toEqual([]);
  });

  it('runs in order of event time, per source in order of its counter', () => {
    const last = new Map<string, number>();
    let time = 0;
    for (const event of events) {
      expect(event.timeMs).toBeGreaterThanOrEqual(time);
      time = event.timeMs;
      const sequence = Number(event.sequence);
      expect(sequence).toBe((last.get(event.source) ?? 0) + 1);
      last.set(event.source, sequence);
    }
    expect(events[0].timeMs).toBeGreaterThanOrEqual(short.startMs);
    expect(time).toBeLessThan(short.endMs + 1_800_000);
  });

  it('never repeats an event id or a call id', () => {
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    const all = events.flatMap((event) => (event.type === 'argus.agent.metrics.v1' ? event.data.calls!.map((call) => call.callId) : []));
    expect(new Set(all).size).toBe(all.length);
  });

  it('puts decisions before, verdicts after the call they belong to, all inside one task', () => {
    for (const event of events) {
      if (event.type !== 'argus.io.validation.v1' && event.type !== 'argus.policy.decisions.v1') continue;
      if (event.data.callId === null) continue;
      const { call, event: metrics } = calls.get(event.data.callId)!;
      expect(event.task).toBe(metrics.task);
      if (event.type === 'argus.io.validation.v1') expect(event.timeMs).toBe(call.time + 1);
      else expect(event.timeMs).toBeLessThanOrEqual(call.time);
      expect(event.timeMs).toBeLessThanOrEqual(metrics.timeMs);
    }
  });

  it('brackets each task with its start and its end', () => {
    const open = new Map<string, string>();
    for (const event of events) {
      if (event.type === 'argus.agent.lifecycle.v1') {
        if (event.data.kind === 'task_started') open.set(event.agent, event.data.taskId);
        else if (event.data.kind === 'task_ended') {
          expect(open.get(event.agent)).toBe(event.data.taskId);
          open.delete(event.agent);
        }
      } else expect(open.get(event.agent)).toBe(event.task);
    }
    expect(open.size).toBe(0);
  });

  it('derives the counted metrics of a turn from its calls', () => {
    for (const event of events) {
      if (event.type !== 'argus.agent.metrics.v1') continue;
      const { metrics, windowStartMs, windowEndMs } = event.data;
      const turn = event.data.calls!;
      expect(metrics.api_calls_count).toBe(1 + turn.length);
      expect(metrics.error_count).toBe(turn.filter((call) => !call.ok).length);
      expect(event.timeMs).toBe(windowEndMs);
      for (const call of turn) {
        expect(call.time - call.latencyMs!).toBeGreaterThanOrEqual(windowStartMs);
        expect(call.time).toBeLessThanOrEqual(windowEndMs);
      }
    }
  });

  it('speaks on all three planes, and some agents lack a sensor', () => {
    const counts = new Map<string, number>();
    for (const event of events) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    for (const type of ['agent.metrics', 'agent.lifecycle', 'io.validation', 'security.violations', 'policy.decisions'])
      expect(counts.get(`argus.${type}.v1`)).toBeGreaterThan(0);
    for (const lacks of [
      short.agents.some((agent) => !agent.sensors.resources),
      short.agents.some((agent) => !agent.sensors.policy),
      short.agents.some((agent) => !agent.sensors.provenance),
      short.agents.some((agent) => agent.sensors.gateway === 'none'),
    ])
      expect(lacks).toBe(true);
    const silent = new Set(short.agents.filter((agent) => !agent.sensors.policy).map((agent) => agent.id));
    expect(events.some((event) => event.type === 'argus.policy.decisions.v1' && silent.has(event.agent))).toBe(false);
  });

  it('never says a policy was moved by our own risk', () => {
    for (const event of events) if (event.type === 'argus.policy.decisions.v1') expect(event.data.cause).not.toBe('optikal_risk');
  });
});

describe('the seed', () => {
  it('fixes every byte', () => {
    expect(digest(simulateFleet(SHORT).events(), 10_000)).toBe(digest(events, 10_000));
    expect(digest(short.events())).toBe(digest(events));
    expect(simulateFleet(SHORT).truth).toEqual(short.truth);
  });

  it('gives another fleet for another seed', () => {
    expect(digest(simulateFleet({ ...SHORT, seed: 'another' }).events(), 1000)).not.toBe(digest(events, 1000));
  });

  it('gives an agent the same life in a larger fleet', () => {
    const few = new Set(short.agents.slice(0, 10).map((agent) => agent.id));
    const small = simulateFleet({ ...SHORT, agents: 10 });
    expect(digest(small.events())).toBe(digest(events.filter((event) => few.has(event.agent))));
    expect(small.truth).toEqual(short.truth.filter((line) => few.has(line.agent)));
  });

  it('keeps the same agents at work where no attack is wanted', () => {
    const peaceful = simulateFleet({ ...SHORT, attackedShare: 0, attemptShare: 0 });
    expect(peaceful.truth).toEqual([]);
    const quiet = short.agents.filter((agent) => agent.campaigns.length === 0 && agent.attempts.length === 0).slice(0, 5);
    for (const { id } of quiet)
      expect(digest(peaceful.events().filter((event) => event.agent === id))).toBe(digest(events.filter((event) => event.agent === id)));
  });
});

describe('the truth', () => {
  it('names calls that happened, at their time', () => {
    expect(short.truth.length).toBeGreaterThan(100);
    for (const line of short.truth) {
      const { call, event } = calls.get(line.callId!)!;
      expect(line).toMatchObject({ agent: event.agent, taskId: call.taskId, endMs: call.time, exclude: 0 });
      expect(line.exposure + line.acted).toBe(1);
    }
  });

  it('holds every threat at every intensity, each campaign with its goal reached', () => {
    const { campaigns } = simulateFleet({ ...SHORT, agents: 60, days: 1, attackedShare: 0.9 });
    const seen = new Set(campaigns.map((campaign) => `${campaign.threat} ${campaign.intensity}`));
    expect(seen.size).toBe(24);
    for (const campaign of [...campaigns, ...short.campaigns])
      expect({ name: campaign.name, reached: goalReached(campaign) }).toMatchObject({ reached: true });
  });

  it('holds the threats and intensities that are asked for, and no others', () => {
    const asked = { threats: ['behavioral_drift', 'credential_abuse'], intensities: ['mimicry'] } as const;
    const { campaigns } = simulateFleet({ ...SHORT, ...asked });
    expect(new Set(campaigns.map(({ threat }) => threat))).toEqual(new Set(asked.threats));
    expect(new Set(campaigns.map(({ intensity }) => intensity))).toEqual(new Set(['mimicry']));
  });

  it('has a drift that no deploy explains', () => {
    const fleet = simulateFleet({ agents: 40, days: 4, seed: 'deploys', attackedShare: 1, threats: ['behavioral_drift'] });
    const drifts = new Map(fleet.campaigns.map((campaign) => [campaign.agent, campaign]));
    expect(drifts.size).toBeGreaterThan(20);
    for (const event of fleet.events()) {
      if (event.type !== 'argus.agent.lifecycle.v1' || event.data.kind !== 'deploy') continue;
      const drift = drifts.get(event.agent);
      if (drift !== undefined) expect(event.timeMs < drift.startMs || event.timeMs > drift.calls.at(-1)!.timeMs).toBe(true);
    }
  });

  it('shows the hostile text before the first act that follows from it', () => {
    for (const campaign of short.campaigns.filter((one) => one.exposed)) {
      const read = short.truth.find((line) => line.campaign === campaign.name && line.exposure === 1);
      expect(read!.endMs).toBeLessThanOrEqual(campaign.calls[0].timeMs);
    }
  });

  it('has texts that were read and ignored', () => {
    const acted = new Set(short.truth.filter((line) => line.acted === 1).map((line) => line.campaign));
    expect(short.truth.some((line) => line.exposure === 1 && !acted.has(line.campaign))).toBe(true);
  });

  it('attacks about the wanted share, from the first minutes to the end', () => {
    const attacked = short.agents.filter((agent) => agent.campaigns.length > 0).length;
    expect(attacked).toBeGreaterThanOrEqual(20);
    expect(attacked).toBeLessThanOrEqual(25);
    const starts = short.campaigns.map((campaign) => campaign.calls[0].timeMs - short.startMs);
    expect(starts.filter((start) => start < 600_000).length).toBeGreaterThanOrEqual(3);
    const quarter = (short.endMs - short.startMs) / 4;
    for (let i = 0; i < 4; i++) expect(starts.some((start) => start >= i * quarter && start < (i + 1) * quarter + 60_000)).toBe(true);
  });

  it('does not leak into the names of agents, tasks and calls', () => {
    const role = new Map(short.agents.map((agent) => [agent.role, agent.id.split('-')[0]]));
    for (const agent of short.agents) {
      expect(agent.id).toMatch(ID_REGEX);
      expect(agent.id).toBe(`${role.get(agent.role)}-${String(agent.index + 1).padStart(4, '0')}`);
    }
    for (const { call, event } of calls.values()) expect(call.callId).toMatch(new RegExp(`^${event.agent}\\.t\\d+\\.c\\d+$`));
    for (const modulus of [2, 4, 8]) {
      const attacked = short.agents.filter((agent) => agent.campaigns.length > 0);
      expect(new Set(attacked.map((agent) => agent.index % modulus)).size).toBeGreaterThan(modulus / 2);
    }
  });
});

describe('the options', () => {
  it('are checked, and unknown ones refused', () => {
    expect(() => simulateFleet({ ...SHORT, agents: 0 })).toThrow('expected `agents` from 1 to 100000, found 0');
    expect(() => simulateFleet({ ...SHORT, days: Number.NaN })).toThrow('days');
    expect(() => simulateFleet({ ...SHORT, attackedShare: 2 })).toThrow('attackedShare');
    expect(() => simulateFleet({ ...SHORT, threats: [] })).toThrow('expected `threats` among credential_abuse');
    expect(() => simulateFleet({ ...SHORT, intensities: ['loud' as 'mimicry'] })).toThrow('mimicry, found `loud`');
    expect(() => simulateFleet({ ...SHORT, agent: 3 } as FleetOptions)).toThrow('expected a fleet option, found `agent`');
  });

  it('give a fleet in which every agent is attacked, or none', () => {
    const all = simulateFleet({ agents: 8, days: 1, seed: 1, attackedShare: 1, campaignsPerAgent: 3 });
    expect(all.agents.every((agent) => agent.campaigns.length > 0)).toBe(true);
    expect(all.campaigns.every(goalReached)).toBe(true);
  });
});

describe('a call', () => {
  it('that is made again is the same call: arguments, their size and what the request says of the tool', () => {
    const told = new Map<string, string>();
    for (const { call } of calls.values()) {
      if (call.provenance === null || call.provenance === undefined) continue;
      const key = `${call.taskId} ${call.tool}`;
      const mention = `${call.provenance.affinity} ${call.provenance.requested}`;
      expect(told.get(key) ?? mention).toBe(mention);
      told.set(key, mention);
    }
    const sizes = new Map<string, number>();
    const repeats = [...calls.values()].filter(({ call, event }) => {
      const key = `${event.agent} ${call.taskId} ${call.tool} ${call.argHmac}`;
      const seen = sizes.has(key);
      if (seen) expect(call.argBytes).toBe(sizes.get(key));
      sizes.set(key, call.argBytes!);
      return seen;
    });
    expect(repeats.length / calls.size).toBeGreaterThan(0.02);
  });
});
