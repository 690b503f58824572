/** What an agent carries from task to task: whom it knows, how warm its machine is, whether its tools are in a bad spell. */
import { exp, type Random } from '@optikal/ml';
import type { AgentPlan } from './agent-plan.ts';
import { between, chance, logNormal } from './draw.ts';
import type { Deploy } from './life.ts';
import type { Habits } from './task-plan.ts';

/** Destinations below this are the agent's own partners, the rest strangers. */
export const PARTNERS = 40;

export interface AgentState {
  readonly plan: AgentPlan;
  /** Makes equal arguments of two agents look different, as a keyed hash does. */
  readonly salt: number;
  /** Destinations of finished tasks. */
  readonly known: Set<number>;
  readonly baseCpu: number;
  readonly baseMemory: number;
  habits: Habits;
  version: string;
  model: string;
  /** Task kinds that the agent may not do now. */
  readonly withheld: Set<string>;
  cpuNoise: number;
  memoryNoise: number;
  warmth: number;
  measuredMs: number;
  badSpell: boolean;
  readonly emitted: Record<'asr' | 'asg' | 'pde', number>;
}

export function newAgentState(plan: AgentPlan, random: Random, startMs: number): AgentState {
  const known = new Set<number>();
  for (let partner = 0; partner < PARTNERS; partner++) if (chance(random, 0.85 - partner / 60)) known.add(partner);
  return {
    plan,
    salt: random.nextUint32(),
    known,
    baseCpu: between(random, 8, 30),
    baseMemory: logNormal(random, 620, 0.5),
    habits: newHabits(random),
    version: plan.version,
    model: plan.model,
    withheld: new Set(plan.life.withheld),
    cpuNoise: random.nextGaussian(),
    memoryNoise: random.nextGaussian(),
    warmth: 0,
    measuredMs: startMs,
    badSpell: false,
    emitted: { asr: 0, asg: 0, pde: 0 },
  };
}

export function newHabits(random: Random): Habits {
  return {
    parallel: between(random, 0.08, 0.5),
    textScale: logNormal(random, 1, 0.4),
    paceScale: logNormal(random, 1, 0.35),
    byteScale: logNormal(random, 1, 0.3),
  };
}

/** A new version shifts habits a little, another model more, a new right not at all. None harms anything. */
export function deploy(state: AgentState, { version, model, gains }: Deploy, random: Random): void {
  if (gains !== null) state.withheld.delete(gains);
  if (version === state.version) return;
  const { habits } = state;
  const shift = model === state.model ? 1 : 1.6;
  state.version = version;
  state.model = model;
  state.habits = {
    parallel: Math.min(0.6, habits.parallel * logNormal(random, 1.1, 0.3 * shift)),
    textScale: habits.textScale * logNormal(random, 1, 0.35 * shift),
    paceScale: habits.paceScale * logNormal(random, 0.95, 0.25 * shift),
    byteScale: habits.byteScale * logNormal(random, 1, 0.2 * shift),
  };
}

/** Bad spells come rarely and last some tasks: errors arrive in bursts. */
export function stepSpell(state: AgentState, random: Random): void {
  state.badSpell = state.badSpell ? !chance(random, 0.35) : chance(random, 0.025);
}

export interface Resources {
  readonly cpuPercent: number;
  readonly memoryMb: number;
}

/** CPU noise forgets within minutes, memory within hours; heat builds up and cools down. */
export function measure(state: AgentState, timeMs: number, heat: number, calls: number, contextBytes: number, random: Random): Resources {
  const minutes = Math.max(0, timeMs - state.measuredMs) / 60_000;
  state.measuredMs = timeMs;
  const cpuKeep = exp(-minutes / 5);
  const memoryKeep = exp(-minutes / 180);
  const warmthKeep = exp(-minutes / 2);
  state.cpuNoise = state.cpuNoise * cpuKeep + Math.sqrt(1 - cpuKeep * cpuKeep) * random.nextGaussian();
  state.memoryNoise = state.memoryNoise * memoryKeep + Math.sqrt(1 - memoryKeep * memoryKeep) * random.nextGaussian();
  state.warmth = state.warmth * warmthKeep + heat * 0.5;
  const warmth = Math.min(heat + 8, state.warmth);
  const cpu = state.baseCpu + 5 * state.cpuNoise + 3.5 * Math.sqrt(calls) + warmth * 0.9 + 1.5 * random.nextGaussian();
  const memory = state.baseMemory * exp(0.12 * state.memoryNoise) * (1 + warmth / 110) + contextBytes / 4000;
  return { cpuPercent: Math.round(Math.max(0.5, Math.min(99.5, cpu)) * 10) / 10, memoryMb: Math.round(memory * 10) / 10 };
}
