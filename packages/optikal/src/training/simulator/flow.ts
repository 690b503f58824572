/**
 * A task kind is a Markov chain over tools, written as text: `get_ticket > search_kb:4 get_customer | search_kb > reply_ticket:3 .`
 * The first state starts the task, `.` ends it, a state without a rule ends it too, weights default to 1.
 */
import type { Random } from '@optikal/ml';
import { pickWeighted } from './draw.ts';
import { type Tool, toolNamed } from './tools.ts';

interface Branch {
  readonly weight: number;
  /** null ends the task. */
  readonly tool: Tool | null;
}

export interface Flow {
  readonly start: Tool;
  readonly next: ReadonlyMap<Tool, readonly Branch[]>;
  readonly tools: readonly Tool[];
}

export function parseFlow(text: string): Flow {
  const next = new Map<Tool, Branch[]>();
  const tools = new Set<Tool>();
  for (const rule of text.split('|')) {
    const [from, to] = rule.split('>').map((part) => part.trim());
    const branches = (to ?? '.').split(/\s+/).map((item) => {
      const [name, weight] = item.split(':');
      return { weight: weight === undefined ? 1 : Number(weight), tool: name === '.' ? null : toolNamed(name) };
    });
    next.set(toolNamed(from), branches);
    tools.add(toolNamed(from));
    for (const branch of branches) if (branch.tool !== null) tools.add(branch.tool);
  }
  const start = [...next.keys()][0];
  return { start, next, tools: [...tools] };
}

export function walkFlow(flow: Flow, random: Random, limit: number): Tool[] {
  const path: Tool[] = [];
  for (let at: Tool | null = flow.start; at !== null && path.length < limit; ) {
    path.push(at);
    const branches = flow.next.get(at);
    at = branches === undefined ? null : pickWeighted(random, branches).tool;
  }
  return path;
}
