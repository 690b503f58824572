/** The closed list of codes with which a line, a span or a file of observed agents is refused. docs/errors.md lists the same. */

export const IMPORT_ERRORS = {
  invalid_json: 'the line or file is not JSON',
  too_large: 'the line is longer than its limit',
  too_deep: 'the JSON nests deeper than 32 levels',
  not_an_object: 'the line is not a JSON object',
  field_missing: 'a required field is missing',
  field_invalid: 'a field has the wrong type or range',
  time_invalid: 'the time is neither RFC 3339 nor milliseconds between the years 2000 and 2100',
  task_closed: 'the call belongs to a task that ended before: its agent went on with another task',
  task_too_long: 'the task holds 4096 calls already',
  span_without_agent: 'the span names no agent and its resource no service',
  span_without_tool: 'a tool span without a tool name',
  recorded_reference: 'a recorded session points to a run, tool, argument or output that the other files lack',
} as const;
export type ImportErrorCode = keyof typeof IMPORT_ERRORS;

/** Why something was refused; `line` counts from 1, for OTLP it is the number of the span. Messages never quote content. */
export interface ImportProblem {
  readonly line: number;
  readonly code: ImportErrorCode;
  readonly message: string;
}

/** Thrown only where a whole data set is unusable. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code: ImportErrorCode;
  constructor(code: ImportErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
