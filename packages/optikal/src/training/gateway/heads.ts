/** What a fit learns: two sparse logistic regressions over segments, and which letters clean pages have. */
import { createRandom, fitSparseLogistic, type SparseRows } from '@optikal/ml';
import { knownLetters } from '../../content/injection/familiarity.ts';
import { FEATURE_COUNT } from '../../content/injection/features.ts';
import { type Head, type HeadName, headOf, type InjectionModelParts } from '../../content/injection/model.ts';
import { ROW_COLS, tokenValue } from '../../content/injection/rows.ts';
import { BLOCK_COLS, TOKEN_COLS } from '../../content/injection/tokens.ts';
import { ASKED_KINDS } from './augment/benign-asked.ts';
import { familiesWithout } from './augment/wrappings.ts';
import { type GatewayRow, type GatewayRows, PART, type TextSegments } from './prepare.ts';
import type { GatewayFitOptions, LabelledText } from './texts.ts';

/** Chosen by measuring, see docs/decisions/20261130-injection-detector.md. */
const L2 = 2e-6;
/** Further steps fit what is by chance. */
const MAX_ITERATIONS = 60;
const TOLERANCE = 1e-5;
/** Features and letters weigh less than shapes under one penalty: their columns are scaled by these. */
const FEATURE_SCALE = 0.35;
const LETTER_SCALE = 0.25;
/** Clean rows at most, recorded and made up. */
const CLEAN_ROWS = 14_000;
const MADE_CLEAN_ROWS = 8_000;
/** A made-up harmless row beside a recorded one. */
const MADE_CLEAN_WEIGHT = 0.2;
/** Of all attacks together, the clean rows having 1. */
const ATTACK_WEIGHT = 0.5;
/** Of the made-up attacks together, where each template of the data has 1. */
const MADE_WEIGHT = 2;
/** A detector without its calibrations: it says which text is more suspicious than which. */
export type FittedHeads = Pick<InjectionModelParts, 'heads' | 'known'>;

/** Rows without the texts that hold a template of `unseenTemplates`. */
export function rowsWithout({ texts }: GatewayRows, rows: Int32Array, { unseenTemplates = [] }: GatewayFitOptions): Int32Array {
  return rows.filter((t) => !holds(texts[t]!, unseenTemplates));
}

function holds({ template }: LabelledText, templates: readonly string[]): boolean {
  return template !== null && templates.includes(template);
}

export function fitHeads(prepared: GatewayRows, rows: Int32Array, options: GatewayFitOptions): FittedHeads {
  const heads = { data: fitHead(prepared, rows, 'data', options), input: fitHead(prepared, rows, 'input', options) };
  return { heads, known: knownLetters(cleanRows(prepared, rows)) };
}

/** Distinct clean rows of what agents read and say; what is made up is no page that was met. */
function cleanRows({ texts, rows, firsts, rowOf, parts }: GatewayRows, chosen: Int32Array): GatewayRow[] {
  const clean = new Set<number>();
  for (const t of chosen) {
    if (headOf(texts[t]!.context.direction) !== 'data') continue;
    for (let s = firsts[t]!; s < firsts[t + 1]!; s++) if (parts[s] === PART.clean) clean.add(rowOf[s]!);
  }
  return Array.from(clean, (row) => rows[row]!);
}

const MADE = 'made';

/**
 * Words of a template. A fit that must not know it learns nothing of harmless texts that quote them either: they would teach that the words are
 * harmless, as nothing does of an attack that nobody has seen.
 */
const WORDS_OF: Readonly<Record<string, RegExp>> = {
  important_instructions:
    /important|instruction|before (you|reading|continu|going|anything)|i gave you|(do|following).{0,9} first|first:|do the following|the task|message from|signed,|information>/i,
  direct: /to-?do\b/i,
  ignore_previous: /ignor|disregard|forget|previous|instead/i,
};

/** Made-up texts that a fit may learn from: over pages of its own rows or none, in wrappings that resemble no unseen template. */
export function madeFor({ texts, made }: GatewayRows, chosen: Int32Array, { unseenTemplates = [] }: GatewayFitOptions): number[] {
  const keyOf = ({ page, suite }: LabelledText) => `${page} ${suite}`;
  const pages = new Set(Array.from(chosen, (t) => keyOf(texts[t]!)));
  const families = new Set(familiesWithout(unseenTemplates));
  const unlike = unseenTemplates.flatMap((template) => WORDS_OF[template] ?? []);
  return Array.from(made.texts.keys()).filter((t) => {
    const text = made.texts[t]!;
    if (text.label === 0 && unlike.some((words) => words.test(text.text))) return false;
    return (text.template === null || families.has(text.template)) && (text.suite === null || pages.has(keyOf(text)));
  });
}

const NO_HEAD: Head = { weights: new Float32Array(ROW_COLS), intercept: -10 };

function fitHead(prepared: GatewayRows, chosen: Int32Array, head: HeadName, options: GatewayFitOptions): Head {
  const { rows } = prepared;
  const negatives = new Set<number>();
  /** Weight of each injected row by the group (template, or kind) that it comes from. */
  const groups = new Map<string, Set<number>>();
  const gather = ({ texts, firsts, rowOf, parts }: TextSegments, t: number, group: string, clean: Set<number>) => {
    // What a user types to attack is an attack in a page too; the other way round a command is what users write. Made-up harmless texts,
    // some in other languages, are harmless wherever they stand.
    const { label, context, category } = texts[t]!;
    // Work that people ask one another for says nothing of what they ask an agent.
    if (head === 'input' && group === MADE && category !== null && category in ASKED_KINDS) return;
    if (headOf(context.direction) !== head && !(head === 'data' ? label === 1 : label === 0 && group === MADE)) return;
    for (let s = firsts[t]!; s < firsts[t + 1]!; s++) {
      if (parts[s] === PART.clean) clean.add(rowOf[s]!);
      else if (parts[s] === PART.injected) {
        const members = groups.get(group) ?? new Set<number>();
        groups.set(group, members.add(rowOf[s]!));
      }
    }
  };
  for (const t of chosen) gather(prepared, t, prepared.texts[t]!.template ?? prepared.texts[t]!.kind, negatives);
  const madeNegatives = new Set<number>();
  for (const t of madeFor(prepared, chosen, options)) gather(prepared.made, t, MADE, madeNegatives);
  const positives = new Map<number, number>();
  let weight = 0;
  for (const [name, group] of groups) {
    const share = name === MADE ? MADE_WEIGHT : 1;
    weight += share;
    for (const row of group) positives.set(row, (positives.get(row) ?? 0) + share / group.size);
  }
  for (const clean of [negatives, madeNegatives]) for (const row of positives.keys()) clean.delete(row);
  if (positives.size === 0 || negatives.size === 0) return NO_HEAD;
  const kept = [
    ...new Set([...sample([...negatives], CLEAN_ROWS, options.seed), ...sample([...madeNegatives], MADE_CLEAN_ROWS, options.seed)]),
  ];
  const share = (kept.length * ATTACK_WEIGHT) / weight;
  const used = [...kept, ...positives.keys()];
  const labels = Uint8Array.from(used, (_, i) => (i < kept.length ? 0 : 1));
  const weights = Float64Array.from(used, (row, i) =>
    i < kept.length ? (madeNegatives.has(row) && !negatives.has(row) ? MADE_CLEAN_WEIGHT : 1) : share * (positives.get(row) ?? 0),
  );
  const matrix = sparse(used.map((row) => rows[row]!));
  const model = fitSparseLogistic(matrix, labels, { l2: L2, weights, maxIterations: MAX_ITERATIONS, tolerance: TOLERANCE });
  const weights32 = Float32Array.from(
    model.denseWeights(),
    (weight, c) => weight * (c < BLOCK_COLS ? 1 : c < TOKEN_COLS ? LETTER_SCALE : FEATURE_SCALE),
  );
  return { weights: weights32, intercept: model.intercept };
}

function sparse(rows: readonly GatewayRow[]): SparseRows {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach(({ columns, features }, r) => {
    let present = 0;
    for (const value of features) if (value !== 0) present++;
    starts[r + 1] = starts[r]! + columns.length + present;
  });
  const indices = new Int32Array(starts[rows.length]!);
  const values = new Float64Array(indices.length);
  rows.forEach(({ columns, features }, r) => {
    let at = starts[r]!;
    indices.set(columns, at);
    indices.subarray(at, at + columns.length).sort();
    const shapes = columns.reduce((sum, column) => sum + (column < BLOCK_COLS ? 1 : 0), 0);
    values.fill(tokenValue(shapes), at, at + shapes);
    values.fill(LETTER_SCALE * tokenValue(columns.length - shapes), at + shapes, at + columns.length);
    at += columns.length;
    for (let f = 0; f < FEATURE_COUNT; f++)
      if (features[f] !== 0) {
        indices[at] = TOKEN_COLS + f;
        values[at++] = FEATURE_SCALE * features[f]!;
      }
  });
  return { cols: ROW_COLS, starts, indices, values };
}

function sample(items: number[], most: number, seed: string): number[] {
  if (items.length <= most) return items;
  return createRandom(seed)
    .fork('negatives')
    .shuffle(items)
    .slice(0, most)
    .sort((a, b) => a - b);
}
