/**
 * Poisoned tools: a server's definitions are read by the model before any tool is called, so an instruction in a description works without a
 * call. Signs by rules (signs.ts), by the injection detector, by comparison with what was known, and between servers. Pure.
 */
import type { InjectionDetector, Span } from '../injection/contract.ts';
import { type DefinitionText, type ToolDefinition, textsOf } from './definitions.ts';
import { compareTools, fingerprintOf, type ToolChanges, type ToolFingerprint } from './fingerprint.ts';
import { RULES, type Sign } from './signs.ts';

export interface ToolFinding {
  readonly kind: 'tool_poisoning';
  readonly sign: Sign;
  /** How much this sign alone says, 0–1. */
  readonly score: number;
  /** JSON Pointer into the definition. */
  readonly where: string;
  /** In the text at `where`; null = all of it. */
  readonly span: Span | null;
}

export interface CheckedTool {
  readonly server: string | null;
  readonly tool: string;
  readonly sha256: string;
  /** 0–1; from ½ on it is taken to be poisoned. */
  readonly score: number;
  readonly poisoned: boolean;
  /** In order of the definition, at most 256. */
  readonly findings: readonly ToolFinding[];
}

export interface CheckedTools {
  readonly tools: readonly CheckedTool[];
  /** Against the known ones; null = there are none. */
  readonly changes: ToolChanges | null;
}

export interface CheckToolsOptions {
  /** null = rules alone. */
  readonly detector: InjectionDetector | null;
  /** Fingerprints of an earlier day; absent = nothing is compared. */
  readonly known?: readonly ToolFingerprint[];
}

const POISONED = 0.5;
const MAX_FINDINGS = 256;
/** Descriptions are instructions by nature, and the detector learnt from outputs, which are not: what it says needs to be sure, or a second sign. */
const DETECTOR_WEIGHT = 0.6;
const SURE = 0.95;
/** Texts of a few words are names and examples. */
const MIN_JUDGED_CHARS = 24;
const [CHANGED, SHADOWED, FOREIGN_NAME] = [0.6, 0.6, 0.5];
/** Shorter names are words of the language: `search`, `fetch`. */
const MIN_FOREIGN_NAME = 6;

/**
 * All tools that an agent is offered, of all its servers.
 *
 * @example checkTools(readTools(answer, 'mail'), { detector: null }).tools.filter(({ poisoned }) => poisoned);
 */
export function checkTools(tools: readonly ToolDefinition[], { detector, known }: CheckToolsOptions): CheckedTools {
  const fingerprints = tools.map(fingerprintOf);
  const changes = known === undefined ? null : compareTools(known, fingerprints);
  const changed = new Map((changes?.changed ?? []).map((change) => [keyOf(change.server, change.name), change.where]));
  const owners = ownersOf(tools);
  return {
    changes,
    tools: tools.map((tool, index) => {
      const findings = [
        ...textsOf(tool.definition).flatMap((text) => [
          ...ruleFindings(text),
          ...foreignNames(text, tool, owners),
          ...judged(text, tool, detector),
        ]),
        ...(changed.get(keyOf(tool.server, tool.name)) ?? []).map((where) => finding('changed', CHANGED, where, null)),
        ...((owners.get(tool.name)?.size ?? 0) > 1 ? [finding('shadowed', SHADOWED, '/name', null)] : []),
      ];
      const score = together(findings);
      return {
        server: tool.server,
        tool: tool.name,
        sha256: fingerprints[index]!.sha256,
        score,
        poisoned: score >= POISONED,
        findings: findings.slice(0, MAX_FINDINGS),
      };
    }),
  };
}

function ruleFindings({ text, pointer, kind }: DefinitionText): ToolFinding[] {
  return RULES.filter((rule) => rule.kind === undefined || rule.kind === kind).flatMap(({ sign, weight, pattern }) =>
    [...text.matchAll(pattern)].map(({ 0: match, index }) => finding(sign, weight, pointer, { start: index, end: index + match.length })),
  );
}

function judged({ text, pointer, kind }: DefinitionText, tool: ToolDefinition, detector: InjectionDetector | null): ToolFinding[] {
  if (detector === null || kind === 'name' || text.length < MIN_JUDGED_CHARS) return [];
  const { flagged, score, spans } = detector.judge(text, { direction: 'tool_output', request: null, tool: tool.name });
  if (!flagged) return [];
  const weight = score >= SURE ? score : DETECTOR_WEIGHT * score;
  return spans.length === 0
    ? [finding('injection', weight, pointer, null)]
    : spans.map(({ start, end }) => finding('injection', weight, pointer, { start, end }));
}

/** A description that names a tool of another server: that is how one server takes over another's tools. */
function foreignNames({ text, pointer, kind }: DefinitionText, tool: ToolDefinition, owners: Owners): ToolFinding[] {
  if (kind === 'name') return [];
  const found: ToolFinding[] = [];
  for (const { 0: word, index } of text.matchAll(/[A-Za-z][\w-]{5,127}/g)) {
    const servers = owners.get(word);
    if (servers === undefined || servers.has(tool.server) || word.length < MIN_FOREIGN_NAME || !/[_-]|[a-z][A-Z]/.test(word)) continue;
    found.push(finding('other_tools', FOREIGN_NAME, pointer, { start: index, end: index + word.length }));
  }
  return found;
}

type Owners = ReadonlyMap<string, ReadonlySet<string | null>>;

function ownersOf(tools: readonly ToolDefinition[]): Owners {
  const owners = new Map<string, Set<string | null>>();
  for (const { name, server } of tools) owners.set(name, (owners.get(name) ?? new Set()).add(server));
  return owners;
}

/** Signs of different kinds are independent evidence; the same sign twice is one. */
function together(findings: readonly ToolFinding[]): number {
  const bySign = new Map<Sign, number>();
  for (const { sign, score } of findings) bySign.set(sign, Math.max(bySign.get(sign) ?? 0, score));
  let clean = 1;
  for (const weight of bySign.values()) clean *= 1 - weight;
  return 1 - clean;
}

function finding(sign: Sign, score: number, where: string, span: Span | null): ToolFinding {
  return { kind: 'tool_poisoning', sign, score, where, span };
}

function keyOf(server: string | null, name: string): string {
  return JSON.stringify([server, name]);
}
