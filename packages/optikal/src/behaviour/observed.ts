/**
 * What was seen of one task of one agent, in memory and with its content. Every importer (recorded agents, JSONL calls, OTLP traces) ends
 * here, and events are made from here. The content plane reads the same shape structurally; the two planes never import each other.
 * Content (request, arguments, outputs) stays in the process: events carry counts, flags and keyed hashes only.
 */

/** One model response. */
export interface ObservedTurn {
  /** From 0 within the task. */
  readonly turn: number;
  readonly timeMs: number;
  /** Characters of text the model wrote beside its tool calls; null = not observed. */
  readonly textChars: number | null;
}

export interface ObservedCall {
  /** Unique within the agent. */
  readonly callId: string;
  readonly turn: number;
  readonly timeMs: number;
  readonly tool: string;
  /** Parsed JSON; a string where the arguments are no JSON (cut short, or free text); undefined = not observed. */
  readonly args: unknown;
  /** null = no output, or not observed. */
  readonly output: string | null;
  readonly ok: boolean;
  readonly errorKind: string | null;
  readonly latencyMs: number | null;
  readonly argBytes: number | null;
  readonly outBytes: number | null;
  readonly correlation?: string | null;
  readonly traceId?: string | null;
  readonly spanId?: string | null;
}

export interface ObservedTask {
  readonly tenant?: string;
  readonly agent: string;
  readonly session: string | null;
  /** The process that it ran in (`service.instance.id`); absent = not told. */
  readonly instance?: string | null;
  /** Unique within the agent. */
  readonly taskId: string;
  readonly role: string | null;
  /** The user's request; null = not observed. */
  readonly request: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly answerChars: number | null;
  /** The agent's final answer; null or absent = not observed. */
  readonly answer?: string | null;
  /** Whether the agent said that it succeeded; null = not observed. */
  readonly ok: boolean | null;
  /** Ascending by turn. Turns without a call are listed too. */
  readonly turns: readonly ObservedTurn[];
  /** Ascending by turn, then time. */
  readonly calls: readonly ObservedCall[];
}
