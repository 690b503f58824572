/**
 * Sessions made of recorded tasks: in every other one another model of the same suite takes over. No user task comes twice in one, so that
 * the mix of tasks tells nothing; how long an agent worked before and after is drawn, so that no place in a session does either.
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
export function poolsOf(sessions: readonly DriftSession[], keep: (task: DriftTask) => boolean = () => true): TaskPools {
  const pools = new Map<string, Map<string, Map<string, DriftTask>>>();
  for (const { src, suite, tasks } of sessions)
    for (const task of tasks) {
      if (!keep(task)) continue;
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
    const used = new Set<string>();
    const before = take(models[first]!, LEAST_SIDE + random.nextInt(MORE_TASKS + 1), used, random);
    const after = take(models[second]!, LEAST_SIDE + random.nextInt(MORE_TASKS + 1), used, random);
    if (before.length >= LEAST_SIDE && after.length >= LEAST_SIDE)
      sessions.push({ tasks: [...before, ...after], swap: swapped ? before.length : null });
  }
  return sessions;
}

/** Tasks whose request is not among the used ones, which they join. */
function take(tasks: readonly DriftTask[], count: number, used: Set<string>, random: Random): DriftTask[] {
  const taken: DriftTask[] = [];
  for (const task of random.shuffle([...tasks])) {
    if (taken.length >= count) break;
    if (used.has(task.request)) continue;
    used.add(task.request);
    taken.push(task);
  }
  return taken;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
