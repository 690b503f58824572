/** `truth.jsonl`: one line per malicious call or span. Read by train and evaluate, never sent. */
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Id, nullable, ShortText, TimeMs } from './ids.ts';
import { compileShape } from './shape.ts';
import { THREATS } from './taxonomy.ts';

const Flag = Type.Enum([0, 1]);

/**
 * A window's label is 2 if any of its lines acted, else 1 if any was exposed, else 0; windows with an `exclude` line leave the
 * headline. A line with a callId labels the window that holds this call; one without labels the windows its span meets.
 */
export const TruthSchema = Type.Object({
  tenant: Type.Optional(Id),
  agent: Id,
  taskId: nullable(ShortText),
  callId: nullable(ShortText),
  startMs: TimeMs,
  endMs: TimeMs,
  threat: Type.Enum([...THREATS]),
  intensity: nullable(ShortText),
  campaign: nullable(ShortText),
  exposure: Flag,
  acted: Flag,
  exclude: Flag,
});
export type Truth = Static<typeof TruthSchema>;

export type TruthResult =
  | { readonly ok: true; readonly truth: Truth }
  | { readonly ok: false; readonly field: string; readonly message: string };

const validator = Compile(TruthSchema);
const shape = compileShape(TruthSchema);

/** One line of `truth.jsonl`; never throws. */
export function parseTruthText(text: string): TruthResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, field: '', message: 'expected one JSON object' };
  }
  if (validator.Check(value)) return { ok: true, truth: value };
  const problem = shape.problem(value, '');
  return { ok: false, field: problem?.field ?? '', message: problem?.message ?? 'expected a line of the published schema' };
}
