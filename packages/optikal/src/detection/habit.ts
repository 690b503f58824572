/**
 * An agent's habit: running mean and variance of ln(1+x) for a dozen rates, over about its last 40 windows. z values are shrunk to the
 * role's and fleet's habit with weight k/(n+k), k = 5, so that a young agent is judged as its peers are.
 */

export const HABIT_METRICS = [
  'api_calls',
  'errors',
  'file_ops',
  'network_calls',
  'cpu',
  'memory',
  'response_time',
  'calls',
  'reads',
  'side_effects',
  'out_bytes',
  'destinations',
] as const;
export type HabitMetric = (typeof HABIT_METRICS)[number];

/** Prior weight k, and the number of windows after which old ones fade. */
export const PRIOR_WINDOWS = 5;
const MEMORY_WINDOWS = 40;
/** Least spread of ln(1+x): below a factor of about 1.2 nothing is unusual. */
const LEAST_SPREAD = 0.2;

export interface Habit {
  /** Windows that each metric was observed in. */
  readonly n: number[];
  readonly mean: number[];
  readonly variance: number[];
}

export function newHabit(): Habit {
  const zeros = () => HABIT_METRICS.map(() => 0);
  return { n: zeros(), mean: zeros(), variance: zeros() };
}

export function copyHabit({ n, mean, variance }: Habit): Habit {
  return { n: [...n], mean: [...mean], variance: [...variance] };
}

/** Learns one window; NaN = not observed. Exponential forgetting once MEMORY_WINDOWS are in (West 1979, incremental mean and variance). */
export function learnHabit(habit: Habit, values: ArrayLike<number>): void {
  for (let i = 0; i < HABIT_METRICS.length; i++) {
    const x = values[i]!;
    if (Number.isNaN(x)) continue;
    habit.n[i] = habit.n[i]! + 1;
    const weight = 1 / Math.min(habit.n[i]!, MEMORY_WINDOWS);
    const delta = x - habit.mean[i]!;
    habit.mean[i] = habit.mean[i]! + weight * delta;
    habit.variance[i] = (1 - weight) * (habit.variance[i]! + weight * delta * delta);
  }
}

/** The prior of a role or fleet: its mean and variance between windows, all agents together. */
export interface HabitPrior {
  readonly n: readonly number[];
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/** z of ln(1+x) against the habit shrunk to the prior; NaN where x or both are unknown. */
export function habitZ(habit: Habit, prior: HabitPrior, i: number, x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const own = habit.n[i]!;
  const lean = prior.n[i]! > 0 ? PRIOR_WINDOWS : 0;
  if (own + lean === 0) return Number.NaN;
  const mean = (own * habit.mean[i]! + lean * prior.mean[i]!) / (own + lean);
  const variance = (own * habit.variance[i]! + lean * prior.variance[i]!) / (own + lean);
  return (x - mean) / Math.max(Math.sqrt(variance), LEAST_SPREAD);
}

/** n/(n+k) of the best observed metric: how much of the habit is the agent's own. */
export function historyWeight(habit: Habit): number {
  const n = Math.max(...habit.n);
  return n / (n + PRIOR_WINDOWS);
}

/** Sums from which a prior is made; `sign` −1 leaves one agent out. */
export interface HabitSums {
  readonly n: number[];
  readonly sum: number[];
  readonly squares: number[];
}

export function newHabitSums(): HabitSums {
  const zeros = () => HABIT_METRICS.map(() => 0);
  return { n: zeros(), sum: zeros(), squares: zeros() };
}

export function addToSums(sums: HabitSums, values: ArrayLike<number>): void {
  for (let i = 0; i < HABIT_METRICS.length; i++) {
    const x = values[i]!;
    if (Number.isNaN(x)) continue;
    sums.n[i]! += 1;
    sums.sum[i]! += x;
    sums.squares[i]! += x * x;
  }
}

export function mergeSums(sums: HabitSums, other: HabitSums, sign: 1 | -1 = 1): void {
  for (let i = 0; i < HABIT_METRICS.length; i++) {
    sums.n[i]! += sign * other.n[i]!;
    sums.sum[i]! += sign * other.sum[i]!;
    sums.squares[i]! += sign * other.squares[i]!;
  }
}

export function priorOf(sums: HabitSums): HabitPrior {
  const mean = sums.sum.map((s, i) => (sums.n[i]! > 0 ? s / sums.n[i]! : 0));
  const variance = sums.squares.map((q, i) => (sums.n[i]! > 0 ? Math.max(0, q / sums.n[i]! - mean[i]! * mean[i]!) : 0));
  return { n: [...sums.n], mean, variance };
}
