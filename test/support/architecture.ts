/**
 * Checks source files against a table of rooms: who may import whom, which outside packages and Node modules, and whether a room may touch
 * clock, chance or process. The table itself stands in `test/architecture.test.ts`.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { importsOf, scan } from './scan.ts';

export interface Room {
  /** Rooms it may import from, by name. */
  readonly mayImport: readonly string[];
  /** Pure: no clock, no I/O, no own randomness; only the Node modules and packages that are named here, with the reason. */
  readonly pure?: {
    readonly node?: Readonly<Record<string, { readonly names: readonly string[]; readonly why: string }>>;
    readonly packages?: readonly string[];
  };
}

export interface Rules {
  /** Room name → rules. A room is `PACKAGE` for a package without rooms of its own, else the folder's name. */
  readonly rooms: Readonly<Record<string, Room>>;
  /** Package folder → its npm name, whether its folders under src are rooms of their own, and what its `exports` name beside the package itself. */
  readonly packages: Readonly<Record<string, { readonly name: string; readonly hasRooms: boolean; readonly entries?: readonly string[] }>>;
  /** Files whose types are contracts: any room may import types from them. */
  readonly typeContracts: readonly string[];
  readonly maxLines: number;
}

/** A path from the repository root with forward slashes, and what the file holds. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly code: ViolationCode;
  readonly what: string;
}

export type ViolationCode =
  | 'room' // imports a room that it may not
  | 'package' // reaches into another package by path, or past its exports
  | 'outside' // imports a file that belongs to no package
  | 'test-code' // imports a test or a test helper
  | 'node' // a pure room imports a Node module, or more of it than it may
  | 'dependency' // a pure room imports an outside package
  | 'ambient' // a pure room reads the clock, chance or the process
  | 'computed' // an import whose target is computed
  | 'unknown-room' // lies in a folder that the table does not name
  | 'unreadable' // could not be scanned
  | 'too-long'; // longer than a file may be

/** What makes a result depend on more than its arguments. */
const AMBIENT: readonly (readonly [RegExp, string])[] = [
  [/\bDate\s*\.\s*now\b/, 'Date.now'],
  [/\bnew\s+Date\s*(?:\(\s*\)|(?![\w\s(]))/, 'new Date() without arguments'],
  [/(?<!\bnew\s+)\bDate\s*\(/, 'Date() as a function'],
  [/\bMath\s*\.\s*random\b|\}\s*=\s*Math\b/, 'Math.random'],
  [/(?<![\w$.])performance\b(?!\s*[:?])/, 'performance'],
  [/(?<![\w$.])process\b(?!\s*[:?])/, 'process'],
  [/(?<![\w$.])(?:setTimeout|setInterval|setImmediate)\b/, 'a timer'],
  [/(?<![\w$.])(?:crypto|globalThis)\s*\./, 'crypto or globalThis'],
  [/(?<![\w$.])(?:fetch\s*\(|console\s*\.)/, 'fetch or console'],
];

/** Tests, their helpers and the suites that every implementation must pass may import what they like. */
export function isTestCode(path: string): boolean {
  return /\.test\.ts$|\/test-support\/|\/conformance\.ts$|^packages\/[^/]+\/test\//.test(path);
}

export function checkFiles(files: readonly SourceFile[], rules: Rules): Violation[] {
  return files.flatMap((file) => checkFile(file, rules));
}

/** The edges between rooms that the files really have: room → rooms it imports from. Type contracts do not count. */
export function roomGraph(files: readonly SourceFile[], rules: Rules): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const file of files) {
    const from = roomOf(file.path, rules);
    if (from === null || isTestCode(file.path)) continue;
    const { imports } = importsOf(scan(file.text));
    for (const { specifier, typeOnly } of imports) {
      const to = specifier.startsWith('.') ? roomOf(resolveFrom(file.path, specifier), rules) : packageOf(specifier, rules);
      if (to === null || to === from || (typeOnly && rules.typeContracts.includes(resolveFrom(file.path, specifier)))) continue;
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
  }
  return graph;
}

/** One cycle of a graph as the names along it, or null. */
export function findCycle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== null) return cycle;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

function checkFile({ path, text }: SourceFile, rules: Rules): Violation[] {
  const found: Violation[] = [];
  const report = (code: ViolationCode, what: string): number => found.push({ path, code, what });

  const lines = text.split('\n').length - 1;
  if (lines > rules.maxLines) report('too-long', `${lines} lines, expected at most ${rules.maxLines}`);
  if (!path.startsWith('packages/') || isTestCode(path)) return found;

  const name = roomOf(path, rules);
  const room = name === null ? undefined : rules.rooms[name];
  if (name === null || room === undefined) {
    report('unknown-room', name ?? posix.dirname(path));
    return found;
  }
  let scanned: ReturnType<typeof scan>;
  try {
    scanned = scan(text);
  } catch (error) {
    report('unreadable', error instanceof Error ? error.message : String(error));
    return found;
  }
  const { imports, computed } = importsOf(scanned);
  if (computed) report('computed', 'import() of something that is not a string');

  for (const { specifier, typeOnly, names } of imports) {
    if (specifier.startsWith('.')) {
      const target = resolveFrom(path, specifier);
      const to = roomOf(target, rules);
      if (to === null) report('outside', target);
      else if (isTestCode(target)) report('test-code', target);
      else if (packageFolder(target) !== packageFolder(path)) report('package', target);
      else if (to !== name && !room.mayImport.includes(to) && !(typeOnly && rules.typeContracts.includes(target))) report('room', target);
    } else if (isBuiltin(specifier)) {
      const allowed = room.pure?.node?.[specifier]?.names ?? [];
      if (room.pure !== undefined && !(names.length > 0 && names.every((one) => allowed.includes(one))))
        report('node', `${names.join(', ')} of ${specifier}`);
    } else {
      const to = packageOf(specifier, rules);
      const exact = Object.values(rules.packages).some((one) => one.name === specifier || one.entries?.includes(specifier) === true);
      if (to !== null && !exact) report('package', specifier);
      else if (to !== null && (to === name || !room.mayImport.includes(to))) report('room', specifier);
      else if (to === null && room.pure !== undefined && !(room.pure.packages ?? []).includes(specifier)) report('dependency', specifier);
    }
  }
  if (room.pure !== undefined) for (const [pattern, what] of AMBIENT) if (pattern.test(scanned.code)) report('ambient', what);
  return found;
}

function resolveFrom(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

function packageFolder(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}

/** The room of a source file; files directly in the src of a package with rooms make the room `api`. null = in no package's src. */
function roomOf(path: string, rules: Rules): string | null {
  const [, folder, rest] = /^packages\/([^/]+)\/src\/(.+)$/.exec(path) ?? [];
  const known = folder === undefined ? undefined : rules.packages[folder];
  if (folder === undefined || known === undefined) return null;
  if (!known.hasRooms) return folder;
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : 'api';
}

/** The room that a bare specifier names, if it is one of our packages (or a path into it). */
function packageOf(specifier: string, rules: Rules): string | null {
  for (const [folder, { name, hasRooms }] of Object.entries(rules.packages))
    if (specifier === name || specifier.startsWith(`${name}/`)) return hasRooms ? 'api' : folder;
  return null;
}
