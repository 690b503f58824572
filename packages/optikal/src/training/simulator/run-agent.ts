/** One agent's whole timeline as events in order of time: it registers, works through its tasks, is redeployed, and is attacked if planned. */
import type { AgentLifecycle, Event } from '@optikal/contracts';
import { type AgentPlan, agentStream, roleNamed, timeline } from './agent-plan.ts';
import { type AgentState, deploy, newAgentState, stepSpell } from './agent-state.ts';
import { type Course, type Ground, layAttempt, layCampaign } from './attacks/index.ts';
import type { Campaign, Intensity } from './campaign.ts';
import { hostileLogit } from './campaign-plan.ts';
import { hex32, mix, pick } from './draw.ts';
import { createOutbox, NO_THREAD } from './emit.ts';
import type { Ledger } from './ledger.ts';
import type { Deploy } from './life.ts';
import { chooseKind } from './occasion.ts';
import type { ResolvedFleetOptions } from './options.ts';
import type { Role } from './roles.ts';
import { runTask } from './run-task.ts';
import { planTask } from './task-plan.ts';
import type { Outage } from './weather.ts';

/** Tasks closer than this belong to one conversation. */
const SESSION_GAP_MS = 1_800_000;
const PAUSE_MS = 4000;
/** Tasks of an attacked agent that are kept in mind for whoever imitates it. */
const REMEMBERED_TASKS = 40;

export function runAgent(index: number, options: ResolvedFleetOptions, outages: readonly Outage[], ledger: Ledger): Generator<Event> {
  return runTimeline(timeline(index, options, outages), options, outages, ledger);
}

export interface Timeline {
  readonly plan: AgentPlan;
  /** Scheduled starts of the agent's tasks, ascending. */
  readonly starts: readonly number[];
}

export function* runTimeline(
  { plan, starts }: Timeline,
  options: ResolvedFleetOptions,
  outages: readonly Outage[],
  ledger: Ledger,
): Generator<Event> {
  const role = roleNamed(plan.role);
  const agent = agentStream(plan.index, options);
  const { life } = plan;
  const around = { role, life, utcOffsetHours: plan.utcOffsetHours, outages };
  const state = newAgentState(plan, agent.fork('state'), life.joinMs);
  const outbox = createOutbox(state, options.tenant);
  const campaigns: Campaign[] = plan.campaigns.map((campaign) => ({ ...campaign, calls: [] }));
  ledger.campaigns.push(...campaigns);

  let clockMs = life.joinMs + agent.fork('register').nextInt(1000);
  outbox.put('argus.agent.lifecycle.v1', clockMs, { kind: 'register', ...identity(state, role) });
  yield* outbox.take(NO_THREAD);
  const changes = planChanges(plan);
  /** Everything that befell the agent up to a time, each at its time or as soon as the agent is free. */
  const befall = (untilMs: number): Event[] => {
    for (let next = changes[0]; next !== undefined && next.timeMs <= untilMs; next = changes[0]) {
      changes.shift();
      clockMs = Math.max(clockMs + 1, next.timeMs);
      if (next.deploy !== null) deploy(state, next.deploy, agent.fork(`deploy:${next.timeMs}`));
      outbox.put('argus.agent.lifecycle.v1', clockMs, next.deploy === null ? next.message : { kind: 'deploy', ...identity(state, role) });
    }
    return outbox.take(NO_THREAD);
  };
  const finished: Course[] = [];
  let session = 0;
  for (let task = 0; task < starts.length; task++) {
    const random = agent.fork(`task:${task}`);
    yield* befall(Math.max(starts[task], clockMs));
    if (starts[task] - clockMs > SESSION_GAP_MS) session++;
    stepSpell(state, random);
    const taskSalt = random.nextUint32();
    const host = hostOf(campaigns, task);
    const attempted = plan.attempts.includes(task);
    const kind = chooseKind(around, state.withheld, starts[task], random);
    const { habits } = state;
    const usual: Course = { kind, habits, turns: planTask(kind, habits, random, taskSalt, role.tools) };
    const course = overlaid(
      {
        ...usual,
        role,
        random: agent.fork(`overlay:${task}`),
        steady: agent.fork(`campaign:${host?.campaign.name ?? ''}`),
        taskSalt,
        finished,
      },
      host,
      attempted ? { name: `ignored-lure-${plan.id}-${task}`, intensities: options.intensities } : null,
    );
    if (host === null && campaigns.length > 0 && finished.push(usual) > REMEMBERED_TASKS) finished.shift();
    state.habits = course.habits;
    clockMs = yield* runTask({
      state,
      kind: course.kind,
      turns: course.turns,
      random: random.fork('run'),
      outages,
      ledger,
      tenant: options.tenant,
      scope: role.tools,
      taskId: `${plan.id}.t${task}`,
      session: `${plan.id}.s${session}`,
      startMs: Math.max(starts[task], clockMs + 1000 + Math.floor(random.nextExponential(PAUSE_MS))),
    });
    state.habits = habits;
  }
  yield* befall(options.endMs);
}

type Change =
  | { readonly timeMs: number; readonly deploy: Deploy }
  | { readonly timeMs: number; readonly deploy: null; readonly message: AgentLifecycle };

/** In order of time. */
function planChanges({ deploys, life }: AgentPlan): Change[] {
  const changes: Change[] = [
    ...deploys.map((one) => ({ timeMs: one.timeMs, deploy: one })),
    ...life.maintenance.map(({ startMs, endMs }) => ({
      timeMs: startMs,
      deploy: null,
      message: { kind: 'maintenance' as const, untilMs: endMs },
    })),
  ].filter(({ timeMs }) => timeMs < (life.retireMs ?? Number.POSITIVE_INFINITY));
  if (life.retireMs !== null) changes.push({ timeMs: life.retireMs, deploy: null, message: { kind: 'retire' } });
  return changes.sort((a, b) => a.timeMs - b.timeMs);
}

interface Host {
  readonly campaign: Campaign;
  readonly partsLeft: number;
}

function hostOf(campaigns: readonly Campaign[], task: number): Host | null {
  for (const campaign of campaigns) {
    const part = campaign.hostTasks.indexOf(task);
    if (part >= 0) return { campaign, partsLeft: campaign.hostTasks.length - part };
  }
  return null;
}

function overlaid(ground: Ground, host: Host | null, attempt: { name: string; intensities: readonly Intensity[] } | null): Course {
  if (host !== null) return layCampaign(host.campaign, host.partsLeft, ground);
  if (attempt === null) return ground;
  const intensity = pick(ground.random, attempt.intensities);
  const campaign = { name: attempt.name, threat: 'prompt_injection', intensity } as const;
  return layAttempt({ logit: hostileLogit(ground.random, intensity), campaign }, ground);
}

function identity(state: AgentState, role: Role) {
  const { plan, version, model, withheld } = state;
  const open = role.kinds.filter(({ name }) => !withheld.has(name));
  const toolCount = new Set(open.flatMap(({ flow }) => flow.tools)).size;
  const rights = mix(toolCount, open.length, withheld.size);
  const versionNumber = Number(version.replaceAll('.', ''));
  return {
    role: plan.role,
    owner: plan.owner,
    version,
    model,
    promptHash: hex32(mix(versionNumber, role.kinds.length, 1)) + hex32(mix(role.tools.length, versionNumber, 2)),
    toolSetHash: hex32(mix(rights, role.tools[0].index, 3)) + hex32(mix(role.tools[0].index, rights, 4)),
  };
}
