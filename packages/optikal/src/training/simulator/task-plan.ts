/** What a task is going to do: turns of calls, drawn from the task kind's chain, with the oddities of benign work. */
import type { Random } from '@optikal/ml';
import type { Campaign, Gain } from './campaign.ts';
import { between, chance, logNormal, mix, pick, skewedIndex, wholeBetween } from './draw.ts';
import { walkFlow } from './flow.ts';
import type { TaskKind } from './roles.ts';
import type { Tool } from './tools.ts';

/** Where the arguments of a call come from. */
export interface Source {
  /** Whom the call names, or null. */
  readonly destination: number | null;
  /** `own`: the agent knew it by itself. */
  readonly origin: 'request' | 'own' | 'output';
  /** Values taken from earlier outputs, and the share of long words. */
  readonly values: number;
  readonly words: number;
}

/** A text that tries to steer the agent. */
export interface HostileText {
  /** What the gateway thinks of it, as a logit. */
  readonly logit: number;
  readonly campaign: { readonly name: string; readonly threat: Campaign['threat']; readonly intensity: Campaign['intensity'] };
}

export interface PlannedCall {
  readonly tool: Tool;
  /** Equal keys are equal arguments. */
  readonly argKey: number;
  readonly argBytes: number;
  readonly outBytes: number;
  /** null: drawn from the habits of the tool and the task. */
  readonly source: Source | null;
  /** A page full of instructions that the user asked to follow. */
  readonly instructions: boolean;
  readonly hostile: HostileText | null;
  /** The call serves this campaign. */
  readonly campaign: Campaign | null;
  /** What it brings the attacker; a secret also where its owner reads it. */
  readonly gain: Gain | null;
  /** The goal needs this call: it is tried again until it succeeds. */
  readonly pressed: boolean;
  /** Chance that it fails for a reason of its own, such as a key that does not fit. */
  readonly failing: number;
  readonly tries: number;
}

export interface PlannedTurn {
  readonly calls: readonly PlannedCall[];
  /** What the turn adds to CPU (percentage points) and to the context, as a factor of its tokens. */
  readonly heat: number;
  readonly tokenScale: number;
}

export interface Habits {
  /** Chance that two reads in a row are called side by side. */
  readonly parallel: number;
  /** Length of texts and speed of the model, as factors. */
  readonly textScale: number;
  readonly paceScale: number;
  readonly byteScale: number;
}

export const USUAL_STEPS = 24;
const BATCH_STEPS = 70;
/** Shares of steps that are followed by a stray one, and that change places with the next. */
const DETOURS = 0.18;
/** Share of detours that take any tool of the role, not one of the task's kind. */
const FAR_DETOURS = 0.5;
const SWAPS = 0.03;
/** Share of the reads of a rotation that show the secret. */
const SECRETS_READ = 0.6;
/** Output and argument sizes: lognormal spread of real calls. */
const SIZE_SPREAD = 0.9;

export function planCall(tool: Tool, random: Random, taskSalt: number, changes: Partial<PlannedCall> = {}): PlannedCall {
  const { reuse } = tool;
  const fresh = reuse === 'fresh';
  const argKey = fresh ? random.nextUint32() : reuse === 'fixed' ? 0 : reuse === 'task' ? taskSalt : skewedIndex(random, reuse);
  return {
    tool,
    argKey,
    // Arguments that come back have their size with them.
    argBytes: Math.max(
      2,
      Math.round(
        fresh ? logNormal(random, tool.argBytes, tool.side ? 0.8 : 0.4) : tool.argBytes * (0.6 + (mix(argKey, tool.index, 7) % 900) / 1000),
      ),
    ),
    outBytes: Math.max(2, Math.min(400_000, Math.round(logNormal(random, tool.outBytes, tool.side ? 0.5 : SIZE_SPREAD)))),
    source: null,
    instructions: false,
    hostile: null,
    campaign: null,
    gain: null,
    pressed: false,
    failing: 0,
    tries: 0,
    ...changes,
  };
}

/** `strays`: tools that a detour may take. */
export function planTask(
  kind: TaskKind,
  habits: Habits,
  random: Random,
  taskSalt: number,
  strays: readonly Tool[] = kind.flow.tools,
): PlannedTurn[] {
  const batch = kind.style === 'batch';
  const path = walkFlow(kind.flow, random, batch ? BATCH_STEPS : USUAL_STEPS);
  if (batch) while (path.length < 18) path.push(...walkFlow(kind.flow, random, BATCH_STEPS));
  wander(path, kind.flow.tools, strays, random);
  const heat = batch ? between(random, 8, 34) : 0;
  const tokenScale = batch ? between(random, 1, 2.2) : 1;
  const parallel = batch ? 0.6 : habits.parallel;
  const widest = batch ? 6 : 4;
  const turns: { calls: PlannedCall[]; heat: number; tokenScale: number }[] = [];
  let instructionsLeft = kind.style === 'runbook';
  for (const tool of path) {
    const instructions = instructionsLeft && tool.effect === 'read' && tool.outBytes > 800;
    if (instructions) instructionsLeft = false;
    const call = styled(planCall(tool, random, taskSalt, { instructions }), kind, habits, random);
    const last = turns.at(-1);
    const joins =
      last !== undefined &&
      !instructions &&
      last.calls.length < widest &&
      !tool.side &&
      !last.calls[0].tool.side &&
      chance(random, parallel);
    if (joins) last.calls.push(call);
    else turns.push({ calls: [call], heat, tokenScale });
  }
  // Now and then an agent runs in a small circle: the same call three or four times more.
  if (chance(random, 0.02)) {
    const at = random.nextInt(turns.length);
    const again = { ...turns[at], calls: [turns[at].calls[0]] };
    for (let i = wholeBetween(random, 2, 3); i > 0; i--) turns.splice(at + 1, 0, again);
  }
  return turns;
}

/** Models do not follow a chart: now and then a step is out of order, or one more than the task needs. */
function wander(path: Tool[], usual: readonly Tool[], strays: readonly Tool[], random: Random): void {
  for (let at = path.length; at > 0; at--) {
    if (chance(random, DETOURS)) path.splice(at, 0, pick(random, chance(random, FAR_DETOURS) ? strays : usual));
    if (at < path.length && chance(random, SWAPS)) path.splice(at - 1, 2, path[at], path[at - 1]);
  }
}

/** Sizes that the style of the task asks for: whole tables leave in an export, big documents turn up anywhere. */
function styled(call: PlannedCall, kind: TaskKind, habits: Habits, random: Random): PlannedCall {
  const { tool } = call;
  let outBytes = call.outBytes * habits.byteScale;
  let argBytes = call.argBytes;
  if (kind.style === 'export') {
    if (!tool.side) outBytes *= between(random, 2, 6);
    else if (tool.destination !== null) argBytes = Math.round(logNormal(random, 30_000, 1.3));
  } else if (tool.side && tool.destination !== null && chance(random, 0.14)) argBytes = Math.round(logNormal(random, 5000, 1));
  if (!tool.side && chance(random, 0.01)) outBytes *= between(random, 8, 40);
  // Whoever rotates a secret reads it first, and no campaign has a part in it.
  const gain = kind.rotates && !tool.side && chance(random, SECRETS_READ) ? ({ kind: 'secret', secret: 0 } as const) : call.gain;
  return { ...call, argBytes, gain, outBytes: Math.max(2, Math.min(400_000, Math.round(outBytes))) };
}
