/** The closed list of codes with which a `tools.yaml` is refused. docs/errors.md lists the same. */

export const TOOL_ERRORS = {
  yaml_invalid: 'the file is not YAML, or it uses anchors or tags',
  too_large: 'the file is larger than 4 MB',
  tools_missing: 'the file has no mapping `tools`',
  unknown_key: 'a key that has no meaning here',
  duplicate_tool: 'a tool is described twice',
  tool_name_invalid: 'a tool name is empty, longer than 256 characters or not text',
  effect_missing: 'a tool has no `effect`',
  effect_invalid: 'an effect is none of read, write, account, money, unknown',
  kind_invalid: 'a kind is none of network, file, api',
  untrusted_invalid: '`untrusted` is not true or false',
} as const;
export type ToolErrorCode = keyof typeof TOOL_ERRORS;

export interface ToolProblem {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly code: ToolErrorCode;
  readonly message: string;
}

export class ToolsError extends Error {
  override readonly name = 'ToolsError';
  /** Of the first problem. */
  readonly code: ToolErrorCode;
  readonly problems: readonly ToolProblem[];
  constructor(problems: readonly ToolProblem[]) {
    super(problems.map((problem) => `line ${problem.line}: ${problem.message}`).join('\n'));
    this.code = problems[0]?.code ?? 'yaml_invalid';
    this.problems = problems;
  }
}
