/** Recorded runs with their texts, for tests of the content plane: OPTIKAL_DATA, or ../shared/data. Absent = a loud warning and a skip. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { ContentCall } from '../provenance.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const FOLDER = join(process.env.OPTIKAL_DATA ?? join(ROOT, '..', 'shared', 'data'), 'agents');

export const hasRuns = existsSync(join(FOLDER, 'traces.jsonl.gz'));
if (!hasRuns) console.warn(`SKIPPED: no recorded agents in ${FOLDER}; set OPTIKAL_DATA to the folder that holds agents/`);

export interface Run {
  readonly request: string;
  readonly calls: readonly ContentCall[];
  /** There was an injection in the environment. */
  readonly attacked: boolean;
  /** Calls that serve the attacker. */
  readonly acted: ReadonlySet<number>;
}

interface Trace {
  id: string;
  src: string;
  s: string;
  u: string;
  d: string;
  y: number;
  c: number[][];
}

/** Undefended runs, benign or with the attack done. */
export function* recordedRuns(): Generator<Run> {
  const rows = <T>(name: string) => {
    const text = gunzipSync(readFileSync(join(FOLDER, name))).toString('utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  };
  const args = rows<[number, number, string, number]>('args.jsonl.gz');
  const outputs = rows<[number, string]>('outputs.jsonl.gz');
  const outIds = new Map(rows<[string, number[]]>('call_outputs.jsonl.gz'));
  const requests = JSON.parse(readFileSync(join(FOLDER, 'user_tasks.json'), 'utf8')) as Record<string, string>;
  const tools = new Map(
    (JSON.parse(readFileSync(join(FOLDER, 'tools.json'), 'utf8')) as { id: number; name: string }[]).map((t) => [t.id, t.name]),
  );
  for (const trace of rows<Trace>('traces.jsonl.gz')) {
    if (trace.d !== 'none' || (trace.y !== 0 && trace.y !== 2)) continue;
    const calls = trace.c.map((c, index): ContentCall => {
      const outId = outIds.get(trace.id)?.[index] ?? -1;
      const text = args[c[3]!]![2];
      let value: unknown = text;
      if (text.length < 400) value = JSON.parse(text);
      return {
        callId: `c${index}`,
        turn: c[1]!,
        tool: tools.get(c[0]!)!,
        args: value,
        output: outId < 0 ? null : outputs[outId]![1],
        ok: c[4] === 0,
        outBytes: c[5]!,
      };
    });
    const acted = new Set(trace.c.flatMap((c, index) => (c[7] === 1 && trace.y === 2 ? [index] : [])));
    yield { request: requests[`${trace.src}|${trace.s}|${trace.u}`]!, calls, attacked: trace.y !== 0, acted };
  }
}
