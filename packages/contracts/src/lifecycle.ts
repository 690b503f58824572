/**
 * `argus.agent.lifecycle.v1`: who an agent is and when its tasks begin and end. A task is one user request until its final
 * answer; a baseline forks when the agent's version changes; an agent's history learns a task when it ends.
 */
import Type, { type Static } from 'typebox';
import { Count, Hash, nullable, ShortText, TimeMs } from './ids.ts';

const Identity = {
  role: nullable(ShortText),
  owner: nullable(ShortText),
  version: nullable(ShortText),
  model: nullable(ShortText),
  promptHash: nullable(Hash),
  toolSetHash: nullable(Hash),
};

export const AgentLifecycleSchema = Type.Union([
  Type.Object({ kind: Type.Literal('register'), ...Identity }),
  Type.Object({ kind: Type.Literal('deploy'), ...Identity }),
  Type.Object({ kind: Type.Literal('retire') }),
  Type.Object({ kind: Type.Literal('maintenance'), untilMs: TimeMs }),
  Type.Object({ kind: Type.Literal('task_started'), taskId: ShortText, requestChars: nullable(Count) }),
  Type.Object({
    kind: Type.Literal('task_ended'),
    taskId: ShortText,
    turns: nullable(Count),
    answerChars: nullable(Count),
    ok: nullable(Type.Boolean()),
  }),
]);
export type AgentLifecycle = Static<typeof AgentLifecycleSchema>;
