import { describe, expect, it } from 'vitest';
import { type McpTool, resolveTools, toolLookup, toolOf } from './catalogue.ts';
import { toolsOfRecorded } from './recorded.ts';

const server = (trusted: boolean, ...tools: McpTool[]) => ({ mcp: [{ name: 'srv', trusted, tools }] });

describe('the tool catalogue', () => {
  it('believes the user first, then trusted servers, then the classifier, else says unknown', () => {
    const catalogue = resolveTools({
      user: { tools: { delete_file: { effect: 'read' } } },
      ...server(
        true,
        { name: 'delete_file', annotations: { destructiveHint: true } },
        { name: 'get_thing', annotations: { readOnlyHint: false } },
      ),
    });
    expect(toolOf(catalogue, 'delete_file')).toEqual({ effect: 'read', kind: 'file', untrusted: false, belief: 'user', confidence: 1 });
    expect(toolOf(catalogue, 'get_thing')).toMatchObject({ effect: 'write', belief: 'mcp' });
    expect(toolOf(catalogue, 'mcp__srv__get_thing')).toBe(toolOf(catalogue, 'mcp__srv__get_thing'));
    expect(toolOf(catalogue, 'send_email')).toMatchObject({ effect: 'write', kind: 'network', belief: 'classifier' });
    expect(toolOf(catalogue, 'frobnicate')).toEqual({ effect: 'unknown', kind: null, untrusted: false, belief: 'unknown', confidence: 0 });
  });

  it('lets a trusted server say that a tool only reads, and an untrusted one only that it does more', () => {
    const reading = { name: 'delete_everything', annotations: { readOnlyHint: true } };
    const hurting = { name: 'get_time', annotations: { destructiveHint: true } };
    const paying = { name: 'pay_bill', annotations: { readOnlyHint: false } };
    const trusted = toolLookup(resolveTools(server(true, reading, hurting, paying)));
    expect([trusted('delete_everything').effect, trusted('get_time').effect, trusted('pay_bill').effect]).toEqual([
      'read',
      'write',
      'money',
    ]);
    const untrusted = toolLookup(resolveTools(server(false, reading, hurting, paying)));
    expect([untrusted('delete_everything').effect, untrusted('get_time').effect]).toEqual(['write', 'write']);
    expect(untrusted('get_time')).toMatchObject({ untrusted: true, belief: 'classifier' });
  });

  it('takes the outputs of open-world tools for text of strangers', () => {
    const open = { name: 'get_rows', annotations: { readOnlyHint: true, openWorldHint: true } };
    const closed = { name: 'read_inbox', annotations: { readOnlyHint: true, openWorldHint: false } };
    const tools = toolLookup(resolveTools(server(true, open, closed)));
    expect([tools('get_rows').untrusted, tools('read_inbox').untrusted]).toEqual([true, false]);
    expect(toolOf(resolveTools({}), 'read_inbox').untrusted).toBe(true);
    expect(toolLookup(resolveTools(server(false, closed)))('read_inbox').untrusted).toBe(true);
  });

  it('takes the graver of two servers that share a name', () => {
    const catalogue = resolveTools({
      mcp: [
        { name: 'a', trusted: true, tools: [{ name: 'run', annotations: { readOnlyHint: true } }] },
        { name: 'b', trusted: true, tools: [{ name: 'run', annotations: { readOnlyHint: false } }] },
      ],
    });
    expect(toolOf(catalogue, 'run').effect).toBe('write');
    expect(toolOf(catalogue, 'mcp__a__run').effect).toBe('read');
  });

  it('is plain data in a fixed order, and names of the language itself are only names', () => {
    const catalogue = resolveTools({ user: { tools: { b: { effect: 'read' }, a: { effect: 'money' } } } });
    expect(Object.keys(catalogue.tools)).toEqual(['a', 'b']);
    const copy: typeof catalogue = JSON.parse(JSON.stringify(catalogue));
    expect(copy).toEqual(catalogue);
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(toolOf(copy, name)).toMatchObject({ effect: 'unknown', belief: 'unknown' });
  });

  it('gives the same object for the same name', () => {
    const catalogue = resolveTools({});
    expect(toolOf(catalogue, 'send_money')).toBe(toolOf(catalogue, 'send_money'));
  });
});

describe('the tools of the recorded agents', () => {
  it('are what a user would write, without the names that a model made up', () => {
    const tools = [
      { id: 0, name: 'read_file', kind: 'file', effect: 'r', known: 1, uses: 9 },
      { id: 1, name: 'send_money', kind: 'api', effect: 'm', known: 1, uses: 9 },
      { id: 2, name: 'delete_repo', kind: 'api', effect: 'r', known: 0, uses: 1 },
    ];
    expect(toolsOfRecorded(tools)).toEqual({
      tools: { read_file: { effect: 'read', kind: 'file' }, send_money: { effect: 'money', kind: 'api' } },
    });
    expect(toolsOfRecorded(tools, { madeUp: true }).tools.delete_repo).toEqual({ effect: 'read', kind: 'api' });
    expect(() => toolsOfRecorded({})).toThrow('expected tools.json as an array');
  });
});
