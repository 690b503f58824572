/**
 * Where the values of a call's arguments come from: the user's request, or a text that a tool returned. Computed here, where the content
 * is; only counts and shares leave. A call sees the outputs of earlier turns of its task, never those of its own turn. What an agent has
 * used is committed to its memory when the task ends, or an attack would hide itself. Definitions and what they are worth: DETECTION.md.
 */
import type { Provenance } from '@optikal/contracts';
import { destinationsOf } from './destinations.ts';
import { leavesOf } from './leaves.ts';
import { affinityOf, type RequestStems, requestStems } from './request.ts';
import { containsAll, textKeys, valueKeys, wordsOf } from './words.ts';

/** The shape of an observed call that is needed here. */
export interface ContentCall {
  readonly callId: string;
  readonly turn: number;
  readonly tool: string;
  /** Parsed JSON, or text; undefined = not observed. */
  readonly args: unknown;
  readonly output: string | null;
  readonly ok: boolean;
  readonly outBytes: number | null;
}

export interface ContentTask {
  readonly request: string | null;
  readonly calls: readonly ContentCall[];
}

/** What an agent used in earlier tasks. One per agent; bounded, the oldest destinations go first. */
export interface AgentMemory {
  readonly destinations: Set<string>;
}

const MAX_REMEMBERED = 4096;
const MIN_LONG_WORD = 5;
/** Words and pairs of outputs that a task remembers; what comes after is not seen (about 10 MB of text). */
const MAX_TASK_KEYS = 4_000_000;

const UNKNOWN: Provenance = {
  valuesOut: null,
  valuesOutLatest: null,
  destCount: null,
  destOut: null,
  destNew: null,
  valuesFlagged: null,
  wordsOutShare: null,
  affinity: null,
  requested: null,
};

export function newAgentMemory(): AgentMemory {
  return { destinations: new Set() };
}

/**
 * Provenance of each call, in the order of `task.calls`; commits the task to `memory`. Call it with an agent's tasks in order.
 * `flagged`: the calls whose outputs the gateway flagged; without it `valuesFlagged` is null.
 *
 * @example const memory = newAgentMemory(); for (const task of tasks) taskProvenance(task, memory, flagged);
 */
export function taskProvenance(task: ContentTask, memory: AgentMemory, flagged: ReadonlySet<string> | null = null): Provenance[] {
  const content = new TaskContent(task.request, flagged !== null);
  const result: Provenance[] = task.calls.map(() => UNKNOWN);
  const order = task.calls.map((_, index) => index).sort((a, b) => task.calls[a]!.turn - task.calls[b]!.turn || a - b);
  for (let from = 0; from < order.length; ) {
    const { turn } = task.calls[order[from]!]!;
    let to = from;
    while (to < order.length && task.calls[order[to]!]!.turn === turn) {
      const call = task.calls[order[to]!]!;
      result[order[to]!] = content.provenanceOf(call.tool, call.args, memory);
      to++;
    }
    for (; from < to; from++) {
      const call = task.calls[order[from]!]!;
      if (call.output !== null) content.see(call.output, flagged?.has(call.callId) === true);
      else if (call.ok && call.outBytes !== 0) content.missed();
    }
  }
  content.commit(memory);
  return result;
}

/** The same call by call, for a gateway or SDK that sits in the agent's path. Feed outputs after the turn that asked for them. */
export class TaskContent {
  readonly #request: ReadonlySet<string> | null;
  readonly #stems: RequestStems | null;
  readonly #judged: boolean;
  /** Key → 2 × number of the last output that has it, + 1 once an output that is not flagged had it. */
  readonly #seen = new Map<string, number>();
  readonly #used = new Set<string>();
  #outputs = 0;
  #missed = false;

  /** `judged`: verdicts on outputs are known, so that `valuesFlagged` means something. */
  constructor(request: string | null, judged: boolean) {
    this.#request = request === null ? null : textKeys(request);
    this.#stems = request === null ? null : requestStems(wordsOf(request));
    this.#judged = judged;
  }

  see(output: string, flagged: boolean): void {
    const number = ++this.#outputs;
    const clean = flagged ? 0 : 1;
    for (const key of textKeys(output)) {
      const before = this.#seen.get(key);
      if (before === undefined && this.#seen.size >= MAX_TASK_KEYS) continue;
      this.#seen.set(key, 2 * number + (before === undefined ? clean : (before & 1) | clean));
    }
  }

  /** There was an output that nobody recorded. */
  missed(): void {
    this.#missed = true;
  }

  provenanceOf(tool: string, args: unknown, memory: AgentMemory): Provenance {
    const asked = this.#stems === null ? { affinity: null, requested: null } : affinityOf(tool, this.#stems);
    if (args === undefined) return { ...UNKNOWN, ...asked };
    const leaves = leavesOf(args);
    const destinations = destinationsOf(leaves.texts.join('\n'));
    for (const destination of destinations) this.#used.add(destination);
    if (this.#request === null) return { ...UNKNOWN, destCount: destinations.length };
    const request = this.#request;
    const unasked = (value: string) => {
      const keys = valueKeys(value);
      return keys.length === 0 || containsAll(request, keys) ? null : keys;
    };
    const foreign = destinations.flatMap((value) => {
      const keys = unasked(value);
      return keys === null ? [] : [{ value, keys }];
    });
    const result: Provenance = {
      ...UNKNOWN,
      ...asked,
      destCount: destinations.length,
      destNew: foreign.filter(({ value }) => !memory.destinations.has(value)).length,
    };
    if (this.#missed && this.#outputs === 0) return result;
    let [valuesOut, valuesOutLatest, valuesFlagged] = [0, 0, 0];
    for (const value of leaves.values) {
      const keys = unasked(value);
      if (keys === null || !containsAll(this.#seen, keys)) continue;
      valuesOut++;
      if (keys.every((key) => this.#seen.get(key)! >> 1 === this.#outputs)) valuesOutLatest++;
      if (keys.some((key) => (this.#seen.get(key)! & 1) === 0)) valuesFlagged++;
    }
    return {
      ...result,
      valuesOut,
      valuesOutLatest,
      destOut: foreign.filter(({ keys }) => containsAll(this.#seen, keys)).length,
      valuesFlagged: this.#judged ? valuesFlagged : null,
      wordsOutShare: this.#wordsShare(leaves.long, request),
    };
  }

  commit(memory: AgentMemory): void {
    for (const destination of this.#used) {
      memory.destinations.delete(destination);
      memory.destinations.add(destination);
    }
    for (const oldest of memory.destinations) {
      if (memory.destinations.size <= MAX_REMEMBERED) break;
      memory.destinations.delete(oldest);
    }
  }

  #wordsShare(texts: readonly string[], request: ReadonlySet<string>): number {
    let [total, taken] = [0, 0];
    for (const text of texts)
      for (const word of wordsOf(text)) {
        if (word.length < MIN_LONG_WORD) continue;
        total++;
        if (this.#seen.has(word) && !request.has(word)) taken++;
      }
    return total === 0 ? 0 : taken / total;
  }
}
