/** How noisy the sensors and the way to us are. Every share is 0 where it is not given: no noise is the default. */

export interface NoiseOptions {
  /** Spread of measured values (CPU, memory, latencies), as the standard deviation of their logarithm; 0 to 1. */
  readonly jitter?: number;
  /** Share of fields that nobody observed: null, never a made-up zero; 0 to 1. */
  readonly dropped?: number;
  /** Share of sources with a coarse sensor: steps of 5 % CPU, 64 MB, 50 ms, 256 bytes; 0 to 1. */
  readonly coarse?: number;
  /** Share of events, or rows, that are sent twice; 0 to 1. */
  readonly duplicated?: number;
  /** Share of events that arrive late, after others of a later time; 0 to 1. */
  readonly late?: number;
  /** Mean lateness of those; above 0, at most a day. Default 20,000. */
  readonly lateMs?: number;
  /** Share of sources of the content and authority planes whose clock is wrong; 0 to 1. */
  readonly skewed?: number;
  /** Largest error of such a clock, either way; above 0, at most 60,000. Default 2000. */
  readonly skewMs?: number;
}

export type ResolvedNoise = Required<NoiseOptions>;

const SHARES = ['jitter', 'dropped', 'coarse', 'duplicated', 'late', 'skewed'] as const;
const DAY_MS = 86_400_000;

/** RangeError for an unknown option or one outside its range. */
export function resolveNoise(options: NoiseOptions): ResolvedNoise {
  const resolved = { jitter: 0, dropped: 0, coarse: 0, duplicated: 0, late: 0, lateMs: 20_000, skewed: 0, skewMs: 2000, ...options };
  const known = [...SHARES, 'lateMs', 'skewMs'];
  for (const name of Object.keys(options)) if (!known.includes(name)) throw new RangeError(`expected a noise option, found \`${name}\``);
  for (const name of SHARES)
    if (!(resolved[name] >= 0 && resolved[name] <= 1)) throw new RangeError(`expected \`${name}\` from 0 to 1, found ${resolved[name]}`);
  for (const [name, limit] of [
    ['lateMs', DAY_MS],
    ['skewMs', 60_000],
  ] as const)
    if (!(resolved[name] > 0 && resolved[name] <= limit))
      throw new RangeError(`expected \`${name}\` above 0 and at most ${limit}, found ${resolved[name]}`);
  return resolved;
}

/**
 * Everything at once from one number (`optikal generate --noise`): that share of fields dropped, of sources coarse and skewed, of events late;
 * jitter of twice as much, a tenth as many duplicates. RangeError outside 0 to 0.5.
 */
export function noiseOf(share: number): NoiseOptions {
  if (!(share >= 0 && share <= 0.5)) throw new RangeError(`expected a share of noise from 0 to 0.5, found ${share}`);
  return { jitter: 2 * share, dropped: share, coarse: share, duplicated: share / 10, late: share, skewed: share };
}
