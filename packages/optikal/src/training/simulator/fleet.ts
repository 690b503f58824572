/**
 * A simulated fleet of agents at work, some of them under attack: all three planes in event time, and the truth beside them. Pure: the
 * same options give the same bytes, and a larger fleet holds the smaller one unchanged.
 */
import type { Event, Truth } from '@optikal/contracts';
import { type AgentPlan, planAgent } from './agent-plan.ts';
import type { Campaign } from './campaign.ts';
import { type Ledger, newLedger } from './ledger.ts';
import { mergeByTime } from './merge.ts';
import { type FleetOptions, type ResolvedFleetOptions, resolveFleetOptions } from './options.ts';
import { runAgent } from './run-agent.ts';
import { type CatalogueTool, toolCatalogue } from './tools.ts';
import { drawOutages, type Outage } from './weather.ts';

export interface Fleet {
  readonly startMs: number;
  /** End of the span: no task starts later, the last ones run to their end. */
  readonly endMs: number;
  readonly agents: readonly AgentPlan[];
  /** All events in order of event time, made while they are read; each call starts anew and gives the same. */
  events(): Generator<Event>;
  /** In order of time. The first look at `truth` or `campaigns` runs the attacked agents once. */
  readonly truth: readonly Truth[];
  readonly campaigns: readonly Campaign[];
  readonly tools: readonly CatalogueTool[];
}

/**
 * RangeError for an option outside its range.
 *
 * @example
 * const fleet = simulateFleet({ agents: 200, days: 4 / 24, seed: 'demo' });
 * for (const event of fleet.events()) console.log(event.agent, event.type);
 */
export function simulateFleet(options: FleetOptions): Fleet {
  const resolved = resolveFleetOptions(options);
  const outages = drawOutages(resolved);
  const agents = Array.from({ length: resolved.agents }, (_, index) => planAgent(index, resolved, outages));
  let ledger: Ledger | null = null;
  const booked = (): Ledger => {
    ledger ??= keepLedger(agents, resolved, outages);
    return ledger;
  };
  return {
    startMs: resolved.startMs,
    endMs: resolved.endMs,
    agents,
    events: () => mergeByTime(agents.map((agent) => runAgent(agent.index, resolved, outages, newLedger()))),
    get truth() {
      return booked().truth;
    },
    get campaigns() {
      return booked().campaigns;
    },
    tools: toolCatalogue(),
  };
}

function keepLedger(agents: readonly AgentPlan[], options: ResolvedFleetOptions, outages: readonly Outage[]): Ledger {
  const ledger = newLedger();
  for (const agent of agents) {
    if (agent.campaigns.length === 0 && agent.attempts.length === 0) continue;
    for (const _event of runAgent(agent.index, options, outages, ledger));
  }
  ledger.truth.sort((a, b) => a.endMs - b.endMs || (a.callId! < b.callId! ? -1 : 1)); // every line of the simulator has its call
  ledger.campaigns.sort((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1));
  return ledger;
}
