/**
 * The texts that the gateway's detector learns from and is measured on, from a folder of the form of the shared data: `text/texts.jsonl.gz`, and
 * the outputs that recorded agents read (`agents/`). Either may be missing.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Direction } from '../content/injection/contract.ts';
import type { LabelledText } from '../training/gateway/texts.ts';
import { ServiceError } from './errors.ts';
import { injectedBlocks, lineCandidates, markedRemains, without } from './gateway-text-block.ts';
import { readRecordedOutputs } from './gateway-text-outputs.ts';
import { normalForm, type PageText, pagesOf } from './gateway-text-pages.ts';
import { fileLines } from './lines.ts';

export interface GatewayTexts {
  readonly texts: readonly LabelledText[];
  /** Id in outputs.jsonl → index in `texts`; outputs that no recorded run read are absent. */
  readonly outputs: ReadonlyMap<number, number>;
  /** The part of the data that each text is of, as the data call it; null = they do not say. */
  readonly cells: readonly (string | null)[];
}

/** Before pages are known. */
export type TextDraft = Omit<LabelledText, 'page' | 'sha256'> & { readonly cell: string | null; readonly position: string | null };

const INPUT_KINDS: readonly string[] = ['hard_negative_prompt', 'attack_prompt', 'user_prompt'];

interface TextLine {
  readonly id: string;
  readonly text: string;
  readonly label: number;
  readonly kind: string;
  readonly suite?: string | null;
  readonly tool?: string | null;
  readonly attack?: string | null;
  readonly category?: string | null;
  readonly position?: string | null;
  readonly cell?: string | null;
}

/**
 * Texts in the order of their files, those of `text/` first.
 *
 * Errors: `data_not_found`, `data_unrecognised`; ImportError codes of the recorded agents' files.
 *
 * @example
 * const { texts, outputs } = readGatewayTexts('../shared/data');
 * const first = texts[outputs.get(0)!];
 */
export function readGatewayTexts(folder: string): GatewayTexts {
  if (!existsSync(folder)) throw new ServiceError('data_not_found', `\`${folder}\` does not exist`);
  const textFile = [join(folder, 'text', 'texts.jsonl.gz'), join(folder, 'texts.jsonl.gz')].find(existsSync);
  const agents = [join(folder, 'agents'), folder].find((at) => existsSync(join(at, 'outputs.jsonl.gz')));
  if (textFile === undefined && agents === undefined)
    throw new ServiceError('data_unrecognised', `expected text/texts.jsonl.gz or agents/outputs.jsonl.gz in \`${folder}\``);
  const drafts = textFile === undefined ? [] : readTexts(textFile);
  const outputs = new Map<number, number>();
  if (agents !== undefined)
    for (const { outId, ...draft } of readRecordedOutputs(agents)) {
      outputs.set(outId, drafts.length);
      drafts.push(draft);
    }
  return finished(drafts, outputs);
}

function readTexts(path: string): TextDraft[] {
  let number = 0;
  return [...fileLines(path)].flatMap((line) => {
    number++;
    return line === '' ? [] : [textDraft(textLine(line, number))];
  });
}

function textLine(line: string, number: number): TextLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = null;
  }
  // Checked where it matters below; the rest of the form is the data set's.
  const given = value as Partial<TextLine> | null;
  if (typeof given?.text !== 'string' || typeof given.kind !== 'string' || (given.label !== 0 && given.label !== 1))
    throw new ServiceError('text_invalid', `texts line ${number}: expected JSON with text, kind and label 0 or 1`);
  return { ...given, id: given.id ?? `line-${number}`, text: given.text, kind: given.kind, label: given.label };
}

function textDraft({ id, text, label, kind, suite, tool, attack, category, position, cell }: TextLine): TextDraft {
  const ofTool = kind.startsWith('tool_output');
  const template = label === 1 && ofTool ? (attack ?? null) : null;
  return {
    id,
    text,
    label: label === 1 ? 1 : 0,
    context: { direction: directionOf(kind), request: null, tool: tool ?? null },
    kind,
    suite: suite ?? null,
    template,
    category: ofTool ? (category ?? null) : (category ?? attack ?? null),
    injected: label === 1 && ofTool ? injectedBlocks(text, template) : [],
    cell: cell ?? null,
    position: position ?? null,
  };
}

function directionOf(kind: string): Direction {
  return INPUT_KINDS.includes(kind) ? 'input' : 'tool_output';
}

/** Pages by all texts together; an output's request is also that of copies of its page, which come without one. */
function finished(given: readonly TextDraft[], outputs: ReadonlyMap<number, number>): GatewayTexts {
  const drafts = withEmailBlocks(given);
  const pages = pagesOf(drafts.map(pageText));
  const requests = new Map<string, string>();
  drafts.forEach(({ context: { request } }, i) => {
    if (request !== null && !requests.has(pages[i]!)) requests.set(pages[i]!, request);
  });
  const texts = drafts.map(({ cell: _cell, position: _position, ...draft }, i): LabelledText => {
    const page = pages[i]!;
    const request = draft.context.request ?? (draft.context.direction === 'tool_output' ? (requests.get(page) ?? null) : null);
    return { ...draft, context: { ...draft.context, request }, page, sha256: createHash('sha256').update(draft.text).digest('hex') };
  });
  return { texts, outputs, cells: drafts.map(({ cell }) => cell) };
}

/** The same texts, their pages found over both folders together. */
export function withCommonPages(one: readonly LabelledText[], other: readonly LabelledText[]): readonly LabelledText[] {
  const texts = [...one, ...other];
  const pages = pagesOf(texts.map(pageText));
  return texts.map((text, i) => ({ ...text, page: pages[i]! }));
}

function pageText({ text, kind, label, injected }: Pick<LabelledText, 'text' | 'kind' | 'label' | 'injected'>): PageText {
  return { text: without(text, label === 1 ? injected : markedRemains(text)), chars: text.length, near: kind !== 'email' };
}

/** An e-mail's injected line is the one without which it is a page that is known. */
function withEmailBlocks(drafts: readonly TextDraft[]): readonly TextDraft[] {
  const known = new Set<string>();
  const candidates = drafts.map(({ kind, label, text, position }) => {
    if (kind !== 'email') return [];
    if (label === 0) known.add(normalForm(text));
    const lines = label === 1 ? lineCandidates(text, position) : [];
    if (lines.length === 1) known.add(normalForm(without(text, lines)));
    return lines;
  });
  return drafts.map((draft, i) => {
    const lines = candidates[i]!;
    const line = lines.length === 1 ? lines[0] : lines.find((at) => known.has(normalForm(without(draft.text, [at]))));
    return line === undefined ? draft : { ...draft, injected: [line] };
  });
}
