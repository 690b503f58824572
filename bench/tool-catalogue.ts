/**
 * What the name of a tool is worth where nobody said what it does: the classifier's effect, side and kind of it against what is known, by suite of
 * the recorded agents and on names of public benchmarks, with Wilson's interval over tools. The lexicon is written by hand and has no fit, so
 * that nothing can be left out of one. In its place: each suite without the words that only its own names would have called for. That is too
 * hard on it, as anybody's list of verbs has `schedule`; what no word was ever chosen by are the unseen names. Sources are tools that brought a
 * planted text in some run: how many of them the classifier takes for text of strangers. docs/decisions/20261201-tool-names.md.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Effect } from '@optikal/contracts';
import { wilsonInterval } from '@optikal/ml';
import { readRuns, readToolNames } from '../packages/optikal/src/behaviour/agents-files.ts';
import { labelled, PUBLIC_TOOLS, SERVER_TOOLS } from '../packages/optikal/src/detection/test-support/public-tools.ts';
import { UNSEEN_TOOLS } from '../packages/optikal/src/detection/test-support/unseen-tools.ts';
import { isSideEffect } from '../packages/optikal/src/detection/tool-lookup.ts';
import { classifyTool, wordsOf } from '../packages/optikal/src/detection/tools/classifier.ts';
import { weightsOf } from '../packages/optikal/src/detection/tools/lexicon.ts';
import { toolsOfRecorded } from '../packages/optikal/src/detection/tools/recorded.ts';
import type { ToolKind } from '../packages/optikal/src/detection/tools/user-tools.ts';
import { fileLines } from '../packages/optikal/src/services/lines.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'tool-catalogue';
export const title =
  'share of tool names of which effect, side, kind and source are told right by their words: recorded suites, public names, unseen names';

/** A word that says nothing, as the classifier passes over all that its lexicon lacks. */
const NO_WORD = 'zorp';

type Named = readonly [name: string, tool: { readonly effect: Effect; readonly kind?: ToolKind }];

export async function run(): Promise<Row[]> {
  const folder = join(resolve(import.meta.dirname, '..', process.env.OPTIKAL_DATA ?? '../shared/data'), 'agents');
  const file: unknown = JSON.parse(readFileSync(join(folder, 'tools.json'), 'utf8'));
  const { bySuite, sources } = suitesOf(folder, file);
  const recorded = new Map<string, Named[1]>(Object.entries(toolsOfRecorded(file).tools));
  const namedOf = (names: Iterable<string>): Named[] =>
    [...names].flatMap((one) => (recorded.has(one) ? [[one, recorded.get(one)!] as const] : []));
  const suites = [...bySuite].map(([suite, names]) => [suite, namedOf(names)] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const others = [...labelled(SERVER_TOOLS), ...labelled(PUBLIC_TOOLS)];
  const without = (suite: string, names: readonly Named[]): Named[] => {
    const own = new Set(names.map(([one]) => one));
    const rest = [...recorded.keys()].filter((one) => !own.has(one));
    return deprived(names, [...rest, ...others.map(([one]) => one)], suite);
  };
  const unseen = Object.entries(UNSEEN_TOOLS).map(([benchmark, names]) => [benchmark, labelled(names)] as const);
  const rows = (what: string, names: readonly Named[]) => [
    shareRow(`effect: ${what}`, names, ([one, { effect }]) => classifyTool({ name: one }).effect === effect),
    shareRow(`side: ${what}`, names, ([one, { effect }]) => sideOf(classifyTool({ name: one }).effect) === sideOf(effect)),
  ];
  const kinds = namedOf(recorded.keys()).filter(([, { kind }]) => kind !== undefined);
  return [
    ...unseen.flatMap(([benchmark, names]) => rows(`unseen names, ${benchmark}`, names)),
    ...rows(
      'unseen names, all',
      unseen.flatMap(([, names]) => names),
    ),
    ...suites.flatMap(([suite, names]) => rows(`recorded, ${suite}`, names)),
    ...rows('recorded, all', namedOf(recorded.keys())),
    ...suites.flatMap(([suite, names]) => rows(`recorded, ${suite}, without the words of its own`, without(suite, names))),
    ...rows('τ-bench and BFCL, some words chosen by them', labelled(PUBLIC_TOOLS)),
    ...rows('MCP servers, words chosen in sight of them', labelled(SERVER_TOOLS)),
    shareRow('kind: recorded, all', kinds, ([one, { kind }]) => classifyTool({ name: one }).kind === kind),
    ...[...sources]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([suite, names]) =>
        shareRow(`source: brought planted text, ${suite}`, namedOf(names), ([one]) => classifyTool({ name: one }).untrusted),
      ),
  ];
}

/** null = nobody knows, which is never right. */
function sideOf(effect: Effect): boolean | null {
  return effect === 'unknown' ? null : isSideEffect(effect);
}

function shareRow(work: string, names: readonly Named[], isRight: (named: Named) => boolean): Row {
  const right = names.filter(isRight).length;
  const { low, high } = wilsonInterval(right, names.length);
  const percent = (share: number) => Math.round(100 * share);
  if (process.env.BENCH_TRACE !== undefined && work.startsWith('effect'))
    console.error(
      work,
      names.filter((one) => !isRight(one)).map(([one, { effect }]) => `${one}: ${classifyTool({ name: one }).effect}, is ${effect}`),
    );
  return rowOf({
    work: `${work} (${names.length}; 95 %: ${percent(low)} to ${percent(high)})`,
    unit: '% right',
    better: 'more',
    runs: [(100 * right) / names.length],
  });
}

/** The names with every word taken away that the lexicon knows and none of `seen` shows. */
function deprived(names: readonly Named[], seen: readonly string[], suite: string): Named[] {
  // Two words that the lexicon reads as one have the same entry.
  const known = new Set(seen.flatMap((one) => wordsOf(one).map(weightsOf)));
  const taken = new Set<string>();
  const left = names.map(([one, tool]): Named => {
    const words = wordsOf(one).map((word) => {
      if (known.has(weightsOf(word))) return word;
      taken.add(word);
      return NO_WORD;
    });
    return [words.join('_'), tool];
  });
  if (process.env.BENCH_TRACE !== undefined) console.error(suite, 'without', [...taken].join(' '));
  return left;
}

interface Suites {
  /** Tools that some run of the suite called. */
  readonly bySuite: ReadonlyMap<string, ReadonlySet<string>>;
  /** Tools of which some output in the suite held the planted text. */
  readonly sources: ReadonlyMap<string, ReadonlySet<string>>;
}

function suitesOf(folder: string, file: unknown): Suites {
  const names = readToolNames(file);
  const bySuite = new Map<string, Set<string>>();
  const sources = new Map<string, Set<string>>();
  const add = (into: Map<string, Set<string>>, suite: string, tool: number) =>
    into.set(suite, (into.get(suite) ?? new Set<string>()).add(names.get(tool)!)); // traces refer to tools.json
  for (const { suite, calls } of readRuns(fileLines(join(folder, 'traces.jsonl.gz')), null).values())
    for (const { tool, injected } of calls) {
      add(bySuite, suite, tool);
      if (injected) add(sources, suite, tool);
    }
  return { bySuite, sources };
}
