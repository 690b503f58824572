/**
 * `tools`: which tools agents use, how often, and on whose word Optikal knows what they do. What nobody knows comes first: it is where the user's
 * word is worth most. Bounded: an agent that makes up names fills neither memory nor the answer.
 */
import { writeFileSync } from 'node:fs';
import { agentKey, type Effect, type Event, parseEventText } from '@optikal/contracts';
import { BusError, openEmbeddedReader } from '../bus/index.ts';
import { restorePartition } from '../detection/partition.ts';
import { isSideEffect } from '../detection/tool-lookup.ts';
import { resolveTools, type ToolCatalogue, type ToolEntry, toolLookup } from '../detection/tools/index.ts';
import { keptBundle } from './data-folder.ts';

/** Names that are told apart; calls of further ones are counted together. */
const MAX_TOOLS = 20_000;
/** Agents of one tool that are told apart. */
const MAX_AGENTS = 10_000;
/** Records between two reports of progress. */
const PROGRESS_EVERY = 4096;

export interface ToolUse {
  readonly tool: string;
  readonly effect: Effect;
  readonly kind: ToolEntry['kind'];
  /** Its outputs are text that strangers may have written. */
  readonly untrusted: boolean;
  /** Who says so: the user's tools.yaml, the annotations of an MCP server, the classifier of names, or nobody. */
  readonly source: 'user' | 'annotation' | 'classifier' | 'unknown';
  /** 0–1; 1 for what the user or a trusted server says. */
  readonly confidence: number;
  readonly calls: number;
  readonly failed: number;
  /** Different agents, counted up to 10,000. */
  readonly agents: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Its part of all calls that change something; null where it changes nothing or nobody knows. */
  readonly sideEffectShare: number | null;
  /** What agents themselves say of it, the most frequent word; null = nothing. The detector takes it where nobody else knows. */
  readonly declared: Effect | null;
}

export interface ToolReport {
  readonly calls: number;
  readonly unknownCalls: number;
  /** Calls of names beyond those that are told apart; they are unknown calls too. */
  readonly otherCalls: number;
  /** Unknown first, then by calls, then by name. */
  readonly tools: readonly ToolUse[];
}

interface Tally {
  calls: number;
  failed: number;
  readonly agents: Set<string>;
  firstMs: number;
  lastMs: number;
  readonly declared: Map<Effect, number>;
}

export interface ToolTally {
  add(event: Event): void;
  report(): ToolReport;
}

/** Counts the calls of events under what a catalogue knows. */
export function tallyTools(catalogue: ToolCatalogue): ToolTally {
  const lookup = toolLookup(catalogue);
  const tallies = new Map<string, Tally>();
  let otherCalls = 0;
  return {
    add(event) {
      if (event.type !== 'argus.agent.metrics.v1') return;
      const agent = agentKey(event.tenant, event.agent);
      for (const { tool, time, ok, effect } of event.data.calls ?? []) {
        let tally = tallies.get(tool);
        if (tally === undefined) {
          if (tallies.size >= MAX_TOOLS) {
            otherCalls++;
            continue;
          }
          tally = { calls: 0, failed: 0, agents: new Set(), firstMs: time, lastMs: time, declared: new Map() };
          tallies.set(tool, tally);
        }
        tally.calls++;
        if (!ok) tally.failed++;
        if (tally.agents.size < MAX_AGENTS) tally.agents.add(agent);
        tally.firstMs = Math.min(tally.firstMs, time);
        tally.lastMs = Math.max(tally.lastMs, time);
        if (effect !== undefined && effect !== null) tally.declared.set(effect, (tally.declared.get(effect) ?? 0) + 1);
      }
    },
    report: () => reportOf(tallies, lookup, otherCalls),
  };
}

function reportOf(tallies: ReadonlyMap<string, Tally>, lookup: (name: string) => ToolEntry, otherCalls: number): ToolReport {
  let calls = otherCalls;
  let unknownCalls = otherCalls;
  let changing = 0;
  for (const [name, tally] of tallies) {
    const { effect } = lookup(name);
    calls += tally.calls;
    if (effect === 'unknown') unknownCalls += tally.calls;
    else if (isSideEffect(effect)) changing += tally.calls;
  }
  const tools = [...tallies].map(([tool, tally]): ToolUse => {
    const { effect, kind, untrusted, belief, confidence } = lookup(tool);
    return {
      tool,
      effect,
      kind,
      untrusted,
      source: belief === 'mcp' ? 'annotation' : belief,
      confidence,
      calls: tally.calls,
      failed: tally.failed,
      agents: tally.agents.size,
      firstMs: tally.firstMs,
      lastMs: tally.lastMs,
      sideEffectShare: isSideEffect(effect) ? tally.calls / changing : null,
      declared: mostFrequent(tally.declared),
    };
  });
  const rank = ({ effect }: ToolUse) => (effect === 'unknown' ? 0 : 1);
  tools.sort((a, b) => rank(a) - rank(b) || b.calls - a.calls || (a.tool < b.tool ? -1 : 1));
  return { calls, unknownCalls, otherCalls, tools };
}

/** Of two that are equally frequent the one that comes first in the list of effects' names. */
function mostFrequent(counts: ReadonlyMap<Effect, number>): Effect | null {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? null;
}

/** The tools of a log, under the catalogue of the bundle that judges now; without one, under names alone. Errors: those of the data directory. */
export function toolsOfDataDir(
  dataDir: string,
  catalogue: ToolCatalogue | null,
  onProgress?: (done: number, total: number) => void,
): ToolReport {
  const reader = openEmbeddedReader(dataDir, { snapshot: true });
  try {
    const partitions = reader.partitionStates();
    const epoch = restorePartition('live', partitions[0]!.partitionState, []).clock.epochs.at(-1); // a bus has a partition
    const tally = tallyTools(catalogue ?? (epoch === undefined ? resolveTools({}) : keptBundle(dataDir, epoch.bundle).tools));
    const total = partitions.reduce((sum, { end }) => sum + end, 0);
    let done = 0;
    for (const { partition } of partitions)
      for (const record of reader.readLog(partition, 0)) {
        if (record.kind === 'event') tally.add(record.event);
        if (++done % PROGRESS_EVERY === 0) onProgress?.(done, total);
      }
    return tally.report();
  } catch (error) {
    // A log of strangers may hold anything.
    if (error instanceof SyntaxError) throw new BusError('bus_corrupt', `${dataDir}: a record of the log is not JSON`);
    throw error;
  } finally {
    reader.close();
  }
}

/** The tools of lines of events; lines that are no events are counted. */
export async function toolsOfLines(
  lines: AsyncIterable<readonly string[]>,
  catalogue: ToolCatalogue | null,
): Promise<ToolReport & { readonly refused: number }> {
  const tally = tallyTools(catalogue ?? resolveTools({}));
  let refused = 0;
  for await (const some of lines)
    for (const line of some) {
      if (line.trim() === '') continue;
      const parsed = parseEventText(line);
      if (parsed.ok) tally.add(parsed.event);
      else refused++;
    }
  return { ...tally.report(), refused };
}

/** A tools.yaml that says nothing yet: each tool that nobody knows, most used first, with what is guessed of it in comments. */
export function toolsTemplate(report: ToolReport): string {
  const unknown = report.tools.filter(({ effect }) => effect === 'unknown');
  const head = [
    '# Tools that nobody knows yet, most used first. Say what each one does: read, write, account, money,',
    '# or leave it unknown. Then: optikal train --data FOLDER (with this file in it as tools.yaml) --out BUNDLE',
  ];
  if (unknown.length === 0) return `${head.join('\n')}\ntools: {}\n`;
  return `${[...head, 'tools:', ...unknown.flatMap(templateLines)].join('\n')}\n`;
}

function templateLines({ tool, calls, agents, kind, confidence, declared, firstMs, lastMs }: ToolUse): string[] {
  const day = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);
  const days = day(firstMs) === day(lastMs) ? day(firstMs) : `${day(firstMs)} to ${day(lastMs)}`;
  const words =
    confidence === 0
      ? 'the classifier knows no word of the name'
      : `the classifier is ${Math.round(100 * confidence)} % sure at best, and needs 60 %`;
  const said = declared === null ? '' : `; agents themselves say: ${declared}`;
  return [
    `  # ${calls} ${calls === 1 ? 'call' : 'calls'} of ${agents} ${agents === 1 ? 'agent' : 'agents'}, ${days}; ${words}${said}`,
    // A JSON string is a YAML string, whatever the name holds.
    `  ${JSON.stringify(tool)}:`,
    `    effect: unknown${declared === null || declared === 'unknown' ? '' : ` # ${declared}?`}`,
    ...(kind === null ? ['    # kind: network, file or api', '    # untrusted: true'] : [`    # kind: ${kind}`, '    # untrusted: true']),
  ];
}

/** Writes a new file; false = there is one of that name, and it stays as it is. */
export function writeNewFile(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
