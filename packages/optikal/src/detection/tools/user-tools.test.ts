import { describe, expect, it } from 'vitest';
import { TOOL_ERRORS, ToolsError } from './errors.ts';
import { parseToolsYaml, readToolsYaml } from './user-tools.ts';

const problems = (text: string) => {
  const result = readToolsYaml(text);
  return result.ok ? [] : result.problems.map((problem) => [problem.line, problem.code]);
};

describe('tools.yaml', () => {
  it('is a mapping of name to description', () => {
    const text =
      '# mine\ntools:\n  send_email: { effect: write, kind: network }\n  read_inbox:\n    effect: read\n    untrusted: true\n  on: {effect: unknown}\n  404: {effect: read}\n';
    expect(parseToolsYaml(text)).toEqual({
      tools: {
        send_email: { effect: 'write', kind: 'network' },
        read_inbox: { effect: 'read', untrusted: true },
        on: { effect: 'unknown' },
        404: { effect: 'read' },
      },
    });
  });

  it('may be a list with names', () => {
    expect(parseToolsYaml('tools:\n  - name: pay\n    effect: money\n    kind: api\n')).toEqual({
      tools: { pay: { effect: 'money', kind: 'api' } },
    });
  });

  it('is refused with all its problems, each with its line', () => {
    const text = `owner: me
tools:
  a: { effect: destroy }
  b: { kind: api }
  c: { effect: read, kind: disk }
  d: { effect: read, untrusted: maybe }
  e: { effect: read, color: red }
  a: { effect: read }
  f: read
  "": { effect: read }
`;
    expect(problems(text)).toEqual([
      [1, 'unknown_key'],
      [3, 'effect_invalid'],
      [4, 'effect_missing'],
      [5, 'kind_invalid'],
      [6, 'untrusted_invalid'],
      [7, 'unknown_key'],
      [8, 'duplicate_tool'],
      [9, 'effect_missing'],
      [10, 'tool_name_invalid'],
    ]);
  });

  it('is refused as a whole where it is no YAML, no mapping, empty or too large', () => {
    expect(problems('tools:\n  a: { effect: read\n')[0]![1]).toBe('yaml_invalid');
    expect(problems('')).toEqual([[1, 'tools_missing']]);
    expect(problems('- a\n- b\n')).toEqual([[1, 'tools_missing']]);
    expect(problems('tools: 3\n')).toEqual([[1, 'tools_missing']]);
    expect(problems(`#${'x'.repeat(4_194_304)}`)).toEqual([[1, 'too_large']]);
  });

  it('does not follow anchors: a short file cannot become a long one', () => {
    expect(problems('tools:\n  a: &x { effect: read }\n  b: *x\n')).toEqual([[3, 'effect_missing']]);
  });

  it('throws all problems where the caller cannot go on', () => {
    expect(() => parseToolsYaml('tools:\n  a: { effect: x }\n')).toThrow(ToolsError);
    expect(() => parseToolsYaml('tools:\n  a: { effect: x }\n')).toThrow(
      'line 2: expected one of read, write, account, money, unknown, found `x`',
    );
  });

  it('has a description for each code', () => {
    for (const text of Object.values(TOOL_ERRORS)) expect(text).toMatch(/^[a-z`].*[^.]$/);
  });
});
