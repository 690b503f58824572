/** What recorded agents read: each distinct output once, with the suite, tool and request of the runs that read it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOutputs, readToolNames, readUserTasks } from '../behaviour/agents-files.ts';
import { ServiceError } from './errors.ts';
import { injectedBlocks } from './gateway-text-block.ts';
import type { TextDraft } from './gateway-texts.ts';
import { fileLines } from './lines.ts';

interface Reading {
  readonly tool: number;
  readonly request: string;
  readonly template: string;
  readonly cell: string | null;
  readonly suites: Set<string>;
  injected: boolean;
}

/** What is needed of a run. */
interface RunLine {
  readonly id: string;
  readonly src: string;
  readonly s: string;
  readonly u: string;
  readonly a: string;
  readonly cell?: string;
  readonly c: readonly (readonly number[])[];
}

/** By their id, ascending. Errors: `data_not_found`; ImportError codes. */
export function readRecordedOutputs(folder: string): (TextDraft & { readonly outId: number })[] {
  const path = (name: string) => {
    const found = join(folder, name);
    if (!existsSync(found)) throw new ServiceError('data_not_found', `expected \`${name}\` in \`${folder}\``);
    return found;
  };
  const texts = readOutputs(fileLines(path('outputs.jsonl.gz')));
  const readings = readingsOf(path('traces.jsonl.gz'), path('call_outputs.jsonl.gz'));
  const tools = readToolNames(JSON.parse(readFileSync(path('tools.json'), 'utf8')));
  const requests = readUserTasks(JSON.parse(readFileSync(path('user_tasks.json'), 'utf8')));
  return [...readings]
    .sort(([a], [b]) => a - b)
    .flatMap(([outId, { tool, request, template, cell, suites, injected }]) => {
      const text = texts.get(outId);
      if (text === undefined) return [];
      return {
        outId,
        id: `output-${outId}`,
        text,
        label: injected ? 1 : 0,
        context: { direction: 'tool_output', request: requests.get(request) ?? null, tool: tools.get(tool) ?? null },
        kind: 'recorded_output',
        suite: [...suites].sort().join('|'),
        template: injected ? template : null,
        category: null,
        injected: injected ? injectedBlocks(text, template) : [],
        cell,
        position: null,
      };
    });
}

/** The first run in the order of the file says tool and request: the files are shuffled, but the same for everybody. */
function readingsOf(traces: string, callOutputs: string): Map<number, Reading> {
  const outputs = new Map<string, readonly number[]>();
  for (const line of fileLines(callOutputs))
    if (line !== '') {
      const [run, ids] = JSON.parse(line) as [string, number[]]; // form: the data's README
      outputs.set(run, ids);
    }
  const readings = new Map<number, Reading>();
  for (const line of fileLines(traces)) {
    if (line === '') continue;
    const run = JSON.parse(line) as RunLine; // form: the data's README
    outputs.get(run.id)?.forEach((outId, i) => {
      const call = run.c[i];
      if (outId < 0 || call === undefined) return;
      const injected = call[6] === 1;
      const known = readings.get(outId);
      if (known === undefined || (injected && !known.injected))
        readings.set(outId, {
          tool: call[0]!,
          request: `${run.src}|${run.s}|${run.u}`,
          template: run.a,
          cell: run.cell ?? null,
          suites: known?.suites.add(run.s) ?? new Set([run.s]),
          injected,
        });
      else known.suites.add(run.s);
    });
  }
  return readings;
}
