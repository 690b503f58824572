/** One agent's whole timeline as events in order of time: it registers, works through its tasks, is redeployed, and is attacked if planned. */
import type { Event } from '@optikal/contracts';
import type { Random } from '@optikal/ml';
import { agentStream, roleNamed, timeline } from './agent-plan.ts';
import { type AgentState, deploy, newAgentState, stepSpell } from './agent-state.ts';
import { layAttempt, layCampaign } from './attacks.ts';
import { type Campaign, INTENSITIES, type Intensity } from './campaign.ts';
import { hostileLogit } from './campaign-plan.ts';
import { hex32, mix, pick, pickWeighted } from './draw.ts';
import { createOutbox, NO_THREAD } from './emit.ts';
import type { Ledger } from './ledger.ts';
import type { ResolvedFleetOptions } from './options.ts';
import type { Role } from './roles.ts';
import { runTask } from './run-task.ts';
import { type PlannedTurn, planTask } from './task-plan.ts';
import type { Outage } from './weather.ts';

/** Tasks closer than this belong to one conversation. */
const SESSION_GAP_MS = 1_800_000;
const PAUSE_MS = 4000;

export function* runAgent(index: number, options: ResolvedFleetOptions, outages: readonly Outage[], ledger: Ledger): Generator<Event> {
  const { plan, starts } = timeline(index, options);
  const role = roleNamed(plan.role);
  const agent = agentStream(index, options);
  const state = newAgentState(plan, agent.fork('state'), options.startMs);
  const outbox = createOutbox(state, options.tenant);
  const campaigns: Campaign[] = plan.campaigns.map((campaign) => ({ ...campaign, calls: [] }));
  ledger.campaigns.push(...campaigns);

  let clockMs = options.startMs + agent.fork('register').nextInt(1000);
  outbox.put('argus.agent.lifecycle.v1', clockMs, { kind: 'register', ...identity(state, role) });
  yield* outbox.take(NO_THREAD);
  const deploys = [...plan.deploys];
  let session = 0;
  for (let task = 0; task < starts.length; task++) {
    const random = agent.fork(`task:${task}`);
    while (deploys.length > 0 && deploys[0].timeMs <= Math.max(starts[task], clockMs)) {
      const next = deploys.shift()!; // the loop's condition
      clockMs = Math.max(clockMs + 1, next.timeMs);
      deploy(state, next.version, random.fork('deploy'));
      outbox.put('argus.agent.lifecycle.v1', clockMs, { kind: 'deploy', ...identity(state, role) });
      yield* outbox.take(NO_THREAD);
    }
    if (starts[task] - clockMs > SESSION_GAP_MS) session++;
    stepSpell(state, random);
    const taskSalt = random.nextUint32();
    const host = hostOf(campaigns, task);
    const attempted = plan.attempts.includes(task);
    const kind = pickWeighted(random, role.kinds);
    const benign = planTask(kind, state.habits, random, taskSalt);
    const turns = overlaid(
      benign,
      role,
      agent.fork(`overlay:${task}`),
      taskSalt,
      host,
      attempted ? `ignored-lure-${plan.id}-${task}` : null,
    );
    clockMs = yield* runTask({
      state,
      kind,
      turns,
      random: random.fork('run'),
      outages,
      ledger,
      tenant: options.tenant,
      taskId: `${plan.id}.t${task}`,
      session: `${plan.id}.s${session}`,
      startMs: Math.max(starts[task], clockMs + 1000 + Math.floor(random.nextExponential(PAUSE_MS))),
    });
  }
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

function overlaid(
  turns: readonly PlannedTurn[],
  role: Role,
  random: Random,
  taskSalt: number,
  host: Host | null,
  attempt: string | null,
): readonly PlannedTurn[] {
  const ground = { role, turns, random, taskSalt };
  if (host !== null) return layCampaign(host.campaign, host.partsLeft, ground);
  if (attempt === null) return turns;
  const intensity: Intensity = pick(random, INTENSITIES);
  return layAttempt({ logit: hostileLogit(random, intensity), campaign: { name: attempt, threat: 'prompt_injection', intensity } }, ground);
}

function identity(state: AgentState, role: Role) {
  const { plan, version } = state;
  const versionNumber = Number(version.replaceAll('.', ''));
  return {
    role: plan.role,
    owner: plan.owner,
    version,
    model: plan.model,
    promptHash: hex32(mix(versionNumber, role.kinds.length, 1)) + hex32(mix(role.tools.length, versionNumber, 2)),
    toolSetHash: hex32(mix(role.tools.length, role.tools[0].index, 3)) + hex32(mix(role.tools[0].index, role.tools.length, 4)),
  };
}
