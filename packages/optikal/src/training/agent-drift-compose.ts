/**
 * Sessions made of recorded tasks: in every other one another model of the same suite takes over. No user task stands on both sides, as a
 * task that is done again would tell that nothing changed; one may come again on its side, as work does, so that the mix of tasks tells nothing.
 * How long an agent worked before and after is drawn, so that no place in a session does either.
 */
import { createRandom, type Random } from '@optikal/ml';
import { LEAST_SIDE } from '../detection/agent-drift/directions.ts';
import type { TaskPools } from './agent-drift-directions.ts';
import type { DriftSession, DriftTask } from './agent-drift-sessions.ts';

export interface ComposedSession {
  readonly tasks: readonly DriftTask[];
  /** First task of another model; null = one model all along. */
  readonly swap: number | null;
}

/** Tasks of a side: LEAST_SIDE and up to this many more. */
const MORE_TASKS = 16;
/** A pool may be too small for a session; then the next is drawn. */
const TRIES_A_SESSION = 5;

/** Tasks by (source and suite), by model; a run that several sessions hold counts once. */
export function poolsOf(sessions: readonly DriftSession[], keep: (task: DriftTask, suite: string) => boolean = () => true): TaskPools {
  const pools = new Map<string, Map<string, Map<string, DriftTask>>>();
  for (const { src, suite, tasks } of sessions)
    for (const task of tasks) {
      if (!keep(task, suite)) continue;
      const models = entry(pools, `${src}|${suite}`, () => new Map<string, Map<string, DriftTask>>());
      entry(models, task.model, () => new Map<string, DriftTask>()).set(task.run, task);
    }
  return new Map([...pools].map(([suite, models]) => [suite, new Map([...models].map(([model, tasks]) => [model, [...tasks.values()]]))]));
}

/** `count` sessions, every other one with a swap, or fewer where the pools are too small. */
export function composeSessions(pools: TaskPools, count: number, seed: string): ComposedSession[] {
  const random = createRandom(seed).fork('agent-drift');
  const suites = [...pools.values()].filter((models) => models.size > 1);
  const sessions: ComposedSession[] = [];
  for (let i = 0; i < TRIES_A_SESSION * count && suites.length > 0 && sessions.length < count; i++) {
    const models = [...suites[random.nextInt(suites.length)]!.values()];
    const first = random.nextInt(models.length);
    const swapped = sessions.length % 2 === 1;
    const second = swapped ? (first + 1 + random.nextInt(models.length - 1)) % models.length : first;
    const before = take(models[first]!, LEAST_SIDE + random.nextInt(MORE_TASKS + 1), new Set(), random);
    const asked = new Set(before.map(({ request }) => request));
    const after = take(models[second]!, LEAST_SIDE + random.nextInt(MORE_TASKS + 1), asked, random);
    if (before.length >= LEAST_SIDE && after.length >= LEAST_SIDE)
      sessions.push({ tasks: [...before, ...after], swap: swapped ? before.length : null });
  }
  return sessions;
}

/** Runs whose request is not among the others', each once; one request may come again. */
function take(tasks: readonly DriftTask[], count: number, others: ReadonlySet<string>, random: Random): DriftTask[] {
  return random
    .shuffle([...tasks])
    .filter(({ request }) => !others.has(request))
    .slice(0, count);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
