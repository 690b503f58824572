/** From values to places in a picture. */

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

export function linear(from: number, to: number, start: number, end: number, ticks: readonly number[] = niceTicks(from, to)): Scale {
  const span = to - from || 1;
  return Object.assign((value: number) => start + ((value - from) / span) * (end - start), { ticks });
}

/** Values below `from` lie on its edge. */
export function logarithmic(from: number, to: number, start: number, end: number, ticks: readonly number[] = decades(from, to)): Scale {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  return Object.assign((value: number) => start + ((Math.log10(Math.max(value, from)) - low) / (high - low || 1)) * (end - start), {
    ticks,
  });
}

/** Round numbers within a range, about five. */
export function niceTicks(from: number, to: number): number[] {
  const rough = (to - from) / 4;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999)!; // 10 · power ≥ rough
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function decades(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.ceil(Math.log10(from) - 1e-9); power <= Math.log10(to) + 1e-9; power++)
    ticks.push(Number((10 ** power).toPrecision(12)));
  return ticks;
}

/** The first of ascending limits that holds the value; the last where none does. */
export function limitOf(value: number, limits: readonly number[]): number {
  return limits.find((limit) => limit >= value) ?? limits.at(-1)!; // lists of limits are not empty
}

/** Two decimals are a tenth of what a screen can show. */
export function at(value: number): number {
  return Number(value.toFixed(2));
}
