/** The parts of a margin and what a sequence model says beside its score, in words: the same on a line of `explain` and on the page of `watch`. */
import type { Bundle } from '../detection/ensemble/bundle.ts';
import type { MarginPart } from '../services/margin-parts.ts';
import { percent } from './quantity.ts';

export interface PartWords {
  readonly name: string;
  readonly score: string;
  /** `× 0.45 = +1.85, 58 %`, or why it counts for nothing. */
  readonly says: string;
  readonly counts: boolean;
}

/** Shares are of all that the bases add and take away. */
export function partWords(parts: readonly MarginPart[]): readonly PartWords[] {
  const moved = parts.reduce((sum, { part }) => sum + Math.abs(part), 0);
  return parts.map(({ name, score, weight, part }) => ({
    name,
    score: score === null ? 'n/a' : score.toFixed(2),
    says: saysOf(score, weight, part, moved),
    counts: weight > 0,
  }));
}

function saysOf(score: number | null, weight: number, part: number, moved: number): string {
  if (score === null) return part === 0 ? 'had nothing to score' : `had nothing to score, which adds ${signed(part)}`;
  if (weight === 0) return 'weight 0: no part in the decision';
  return `× ${weight.toFixed(2)} = ${signed(part)}${moved === 0 ? '' : `, ${percent(Math.abs(part) / moved)}`}`;
}

export function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`;
}

/** What decides, and how much of a say each base has. */
export function ensembleWords({ bases, meta }: Pick<Bundle, 'bases' | 'meta'>): string {
  if (meta === null) return `the mean of its bases decides: ${bases.map(({ name }) => name).join(', ')}`;
  const weights = bases.map(({ name }, k) => (meta.weights[k] === 0 ? `${name} weight 0` : `${name} × ${meta.weights[k]!.toFixed(2)}`));
  const silent = bases.some((_, k) => meta.weights[k] === 0);
  return `its meta-model decides: ${weights.join(', ')}${silent ? '; a base of weight 0 is shown and has no part in the decision' : ''}`;
}

/** Spread of a probability: a twentieth changes no decision, a seventh may. */
const SURE = 0.05;
const FAIRLY_SURE = 0.15;

export function uncertaintyWords(spread: number): string {
  const how = spread <= SURE ? 'sure' : spread <= FAIRLY_SURE ? 'fairly sure' : 'unsure';
  return `the sequence model is ${how}: ±${spread.toFixed(2)}`;
}

export const ATTENTION_BAR = 4;

/** One a window: `11:02 ##..`, the longest bar for the one that was looked at most. `times` null = they are not known: counted back. */
export function attentionWords(attention: readonly number[], times: readonly number[] | null): string[] {
  const most = Math.max(0, ...attention);
  const last = attention.length - 1;
  const known = times === null || times.length < attention.length ? null : times.slice(-attention.length);
  return attention.map((weight, i) => {
    const long = most === 0 ? 0 : Math.round((ATTENTION_BAR * weight) / most);
    const when = known === null ? (i === last ? 'this' : `-${last - i}`) : timeOf(known[i]!, known[last]!);
    return `${when} ${'#'.repeat(long)}${'.'.repeat(ATTENTION_BAR - long)}`;
  });
}

/** With the day where it is another one. */
function timeOf(timeMs: number, nowMs: number): string {
  const text = new Date(timeMs).toISOString();
  return text.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)
    ? text.slice(11, 16)
    : `${text.slice(5, 10)} ${text.slice(11, 16)}`;
}
