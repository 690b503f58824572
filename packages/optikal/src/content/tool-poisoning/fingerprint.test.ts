import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTools, type ToolDefinition } from './definitions.ts';
import { compareTools, decodeKnownTools, encodeKnownTools, fingerprintOf } from './fingerprint.ts';

const one = (definition: object, server: string | null = 's') => fingerprintOf(readTools([definition], server)[0]!);

describe('the fingerprint of a tool', () => {
  it('is SHA-256 of its RFC 8785 JSON, and of each value in it', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(one({ name: 'a', inputSchema: { type: 'object', required: [] }, description: 'x' })).toEqual({
      server: 's',
      name: 'a',
      sha256: hash('{"description":"x","inputSchema":{"required":[],"type":"object"},"name":"a"}'),
      parts: {
        '/description': hash('"x"').slice(0, 16),
        '/inputSchema/required': hash('[]').slice(0, 16),
        '/inputSchema/type': hash('"object"').slice(0, 16),
        '/name': hash('"a"').slice(0, 16),
      },
    });
  });

  it('does not see what no model reads, and takes texts that RFC 8785 refuses', () => {
    expect(one({ name: 'a', _meta: { at: 1 } })).toEqual(one({ name: 'a', _meta: { at: 2 } }));
    expect(one({ name: 'a', description: '\ud800' }).sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a comparison of tools', () => {
  it('says what was added, removed and changed, and where', () => {
    const before = [one({ name: 'a' }), one({ name: 'b', description: 'x', z: [1, 2] }), one({ name: 'c' })];
    const now = [one({ name: 'c' }), one({ name: 'b', description: 'y', z: [1] }), one({ name: 'd' }), one({ name: 'a' }, 'other')];
    expect(compareTools(before, now)).toEqual({
      added: [
        { server: 's', name: 'd' },
        { server: 'other', name: 'a' },
      ],
      removed: [{ server: 's', name: 'a' }],
      changed: [{ server: 's', name: 'b', where: ['/description', '/z/1'] }],
    });
  });

  it('finds nothing between a list and itself in another order, through its file, and any change of one value', () => {
    const tools = fc.uniqueArray(
      fc.record({ name: fc.stringMatching(/^[a-z_]{1,12}$/), description: fc.string(), inputSchema: fc.jsonValue() }),
      {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(tools, fc.nat(), (list, pick) => {
        const read = (value: readonly object[]): ToolDefinition[] => readTools(JSON.parse(JSON.stringify(value)), null);
        const known = decodeKnownTools(JSON.parse(encodeKnownTools(read(list).map(fingerprintOf))), null);
        expect(compareTools(known, read(list.toReversed()).map(fingerprintOf))).toEqual({ added: [], removed: [], changed: [] });
        const at = pick % list.length;
        const changed = list.map((tool, i) => (i === at ? { ...tool, description: `${tool.description}.` } : tool));
        expect(compareTools(known, read(changed).map(fingerprintOf)).changed).toEqual([
          { server: null, name: list[at]!.name, where: ['/description'] },
        ]);
      }),
    );
  });

  it('takes an old list of tools for the known ones, and refuses what is neither', () => {
    expect(decodeKnownTools({ tools: [{ name: 'a' }] }, 's')).toEqual([one({ name: 'a' })]);
    for (const value of [
      null,
      {},
      { format: 'optikal-known-tools', version: 2, tools: [] },
      { format: 'optikal-known-tools', version: 1, tools: [{}] },
    ])
      expect(() => decodeKnownTools(value, null)).toThrow(expect.objectContaining({ code: 'known_tools_unreadable' }));
  });
});
