/**
 * The floors of the house, written once: who may import whom. ARCHITECTURE.md draws the same. A new room is a line here first; a wider door
 * is a decision (docs/decisions/), not an edit on the way.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkFiles, findCycle, type Rules, roomGraph, type SourceFile } from './support/architecture.ts';

const ROOT = resolve(import.meta.dirname, '..');

const WORDS = ['contracts', 'ml'];
const HASH = { 'node:crypto': { names: ['createHash', 'createHmac', 'hash'], why: 'a hash is a function of its argument' } };
const PLANES = ['behaviour', 'content', 'authority'];
const IO = ['bus', 'store', 'http', 'telemetry', 'sinks', 'tracking', 'observability'];
/** I/O moves events and says what happened; it never scores. */
const io = { mayImport: ['contracts', 'stream', 'observability'] };
const plane = { mayImport: [...WORDS, 'stream'], pure: { node: HASH, packages: ['canonicalize'] } };

const RULES: Rules = {
  packages: {
    ml: { name: '@optikal/ml', hasRooms: false },
    contracts: { name: '@optikal/contracts', hasRooms: false },
    sdk: { name: '@optikal/sdk', hasRooms: false, entries: ['@optikal/sdk/kafka'] },
    optikal: { name: 'optikal', hasRooms: true },
  },
  rooms: {
    // 1
    ml: { mayImport: [], pure: {} },
    contracts: { mayImport: [], pure: { packages: ['typebox', 'typebox/compile'] } },
    // In the user's agent: telemetry out. It knows the words and nothing of the product.
    sdk: { mayImport: ['contracts'] },
    stream: { mayImport: ['contracts'], pure: {} },
    // One schema of every setting, and how file, environment and flags become one; reading files is the caller's.
    config: { mayImport: ['contracts'], pure: { packages: ['typebox', 'typebox/value', 'yaml', 'fastest-levenshtein'] } },
    // 2, the pure wing
    detection: { mayImport: [...WORDS, 'stream'], pure: { node: HASH, packages: ['canonicalize', 'yaml'] } },
    rules: { mayImport: [...WORDS, 'stream'], pure: { packages: ['yaml'] } },
    triage: { mayImport: [...WORDS, 'stream', 'detection'], pure: {} },
    // Training reads recorded traces with the planes' own code, or training and serving drift apart.
    training: { mayImport: [...WORDS, 'stream', 'detection', 'behaviour', 'content'], pure: { node: HASH, packages: ['canonicalize'] } },
    // Pictures and pages of what was measured: figures in, self-contained HTML and SVG out.
    report: { mayImport: [...WORDS, 'stream', 'detection', 'training'], pure: {} },
    behaviour: plane,
    // The rules of secretlint are functions of the text; its runner, which is none, is not let in.
    content: { ...plane, pure: { node: HASH, packages: ['canonicalize', '@secretlint/secretlint-rule-preset-recommend'] } },
    authority: plane,
    // 2, the I/O wing
    bus: io,
    store: io,
    http: io,
    telemetry: io,
    sinks: io,
    tracking: io,
    observability: { mayImport: ['contracts'] },
    // 3
    services: { mayImport: [...WORDS, 'stream', 'detection', 'rules', 'triage', 'training', 'report', 'config', ...PLANES, ...IO, 'sdk'] },
    cli: {
      mayImport: [...WORDS, 'stream', 'detection', 'rules', 'triage', 'training', 'report', 'config', ...PLANES, ...IO, 'sdk', 'services'],
    },
    api: {
      mayImport: [...WORDS, 'stream', 'detection', 'rules', 'triage', 'training', 'report', 'config', ...PLANES, ...IO, 'sdk', 'services'],
    },
  },
  typeContracts: ['packages/optikal/src/bus/contract.ts'],
  maxLines: 400,
};

const read = (base: string, pattern: string): SourceFile[] =>
  globSync(pattern, { cwd: base })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)(node_modules|fixtures)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(base, path), 'utf8') }));

describe('the house', () => {
  const files = ['packages/*/{src,test}/**/*.ts', 'test/**/*.ts', 'scripts/*.ts', 'bench/**/*.ts'].flatMap((pattern) =>
    read(ROOT, pattern),
  );

  test('has files', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  test('keeps its floors, its purity and its size', () => {
    expect(checkFiles(files, RULES).map(({ path, code, what }) => `${path}: ${code}: ${what}`)).toEqual([]);
  });

  test('has no cycle between rooms, neither allowed nor real', () => {
    const allowed = new Map(Object.entries(RULES.rooms).map(([name, room]) => [name, new Set(room.mayImport)]));
    expect(findCycle(allowed)).toBeNull();
    expect(findCycle(roomGraph(files, RULES))).toBeNull();
  });

  test('has no door into cli', () => {
    for (const room of Object.values(RULES.rooms)) expect(room.mayImport).not.toContain('cli');
  });

  test('names each room in ARCHITECTURE.md', () => {
    const picture = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    for (const name of Object.keys(RULES.rooms)) expect(picture, name).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

/** Each file under test/fixtures/architecture stands where it would in the house; its `// expect:` lines say what must be reported. */
describe('the check', () => {
  const base = join(ROOT, 'test/fixtures/architecture');
  const fixtures = read(base, 'packages/**/*.ts');
  const RULES_OF_FIXTURES = { ...RULES, maxLines: 20 };

  test.each(fixtures.map((file) => [file.path, file] as const))('reports all of %s and nothing else', (_, file) => {
    const expected = [...file.text.matchAll(/^\/\/ expect: (.+)$/gm)].map(([, line]) => line);
    expect(checkFiles([file], RULES_OF_FIXTURES).map(({ code, what }) => `${code}: ${what}`)).toEqual(expected);
  });

  test('has a fixture of each kind of violation', () => {
    const codes = new Set(checkFiles(fixtures, RULES_OF_FIXTURES).map(({ code }) => code));
    expect([...codes].sort()).toEqual(
      [
        'ambient',
        'computed',
        'dependency',
        'node',
        'outside',
        'package',
        'room',
        'test-code',
        'too-long',
        'unknown-room',
        'unreadable',
      ].sort(),
    );
  });

  test('finds a cycle', () => {
    const cycle = findCycle(
      new Map([
        ['a', new Set(['b', 'c'])],
        ['b', new Set(['c'])],
        ['c', new Set(['d'])],
        ['d', new Set(['b'])],
      ]),
    );
    expect(cycle).toEqual(['b', 'c', 'd', 'b']);
  });
});
