/**
 * Mimicry: the attacker has watched the agent and does nothing that it does not do. A part is one of the agent's finished tasks done again, tool
 * for tool and size for size, at an hour of the agent's own; only what the goal needs is another: whom a call names, what it brings. Nothing
 * here is set by hand but how well the act is learnt.
 */
import type { Random } from '@optikal/ml';
import { chance, logNormal, pick, pickWeighted } from '../draw.ts';
import { type PlannedCall, type PlannedTurn, planCall, planTask } from '../task-plan.ts';
import type { Course, Ground, Part } from './attack.ts';

/** An attacker who saw fewer tasks imitates the role. */
const LEAST_FINISHED = 3;
/** Share of tasks that are done again step for step; of the others only the kind is known, and how the agent goes about it. */
const LITERAL = 0.2;
/** Share of imitated tasks that the request of the moment does not ask for: the user's words are the one thing that is not the attacker's. */
const UNASKED = 0.5;

/** One of the agent's own tasks, all of it in the service of the campaign. */
export function ownTask({ campaign }: Part, ground: Ground, fits: (course: Course) => boolean = () => true): Course {
  const { role, random, taskSalt, habits, finished } = ground;
  const known = finished.filter(fits);
  const model = known.length >= LEAST_FINISHED ? pick(random, known) : { kind: pickWeighted(random, role.kinds), turns: [] };
  // What it saw once it does not do again step for step: that would be more regular than the agent is.
  const literal = model.turns.length > 0 && chance(random, LITERAL);
  const planned = literal ? model.turns : planTask(model.kind, habits, random, taskSalt, role.tools);
  const turns = planned.map(
    (turn): PlannedTurn => ({
      ...turn,
      calls: turn.calls.map((call) => ({ ...(literal ? again(call, random, taskSalt) : call), campaign })),
    }),
  );
  const kind = chance(random, UNASKED) ? { ...model.kind, asked: ground.kind.asked } : model.kind;
  return { kind, turns, habits };
}

/** The same tool with arguments of its own, as large as it was. */
function again({ tool, argBytes, outBytes }: PlannedCall, random: Random, taskSalt: number): PlannedCall {
  const planned = planCall(tool, random, taskSalt);
  return {
    ...planned,
    argBytes: tool.reuse === 'fresh' ? Math.max(2, Math.round(argBytes * logNormal(random, 1, 0.1))) : planned.argBytes,
    outBytes: Math.max(2, Math.round(outBytes * logNormal(random, 1, 0.1))),
  };
}

/** Changes the calls of a course one by one. */
export function mapCalls(course: Course, change: (call: PlannedCall) => PlannedCall): Course {
  return { ...course, turns: course.turns.map((turn) => ({ ...turn, calls: turn.calls.map(change) })) };
}

/** A further turn at the end, of one call. */
export function withCall(course: Course, call: PlannedCall): Course {
  return { ...course, turns: [...course.turns, { calls: [call], heat: 0, tokenScale: 1 }] };
}
