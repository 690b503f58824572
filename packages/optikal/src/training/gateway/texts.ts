/**
 * Texts that the gateway's detector learns from and is measured on. Their page is what splits go by: a text, its twin without the injected
 * block, the same page under another template and copies with something spliced in are one page, and stay on one side.
 */
import type { Span, TextContext } from '../../content/injection/contract.ts';

export const TEXT_KINDS = [
  'recorded_output',
  'tool_output',
  'tool_output_twin',
  'tool_output_composed',
  'hard_negative_prompt',
  'attack_prompt',
  'email',
  'user_prompt',
] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

export interface LabelledText {
  readonly id: string;
  readonly text: string;
  /** 1 = holds an injection, or is an attack. */
  readonly label: 0 | 1;
  readonly context: TextContext;
  /** A kind that is not known is passed through. */
  readonly kind: TextKind | (string & {});
  /** A text that agents of several suites read names them all: `github|shopping`; see `isOfSuite`. */
  readonly suite: string | null;
  /** Of the injected block: `important_instructions`, `direct`, …; null = there is none, or it is not known. */
  readonly template: string | null;
  /** What the source says of it beside: attack, category, position. */
  readonly category: string | null;
  /** SHA-256 (hex) of the page: the text without its injected block, its white space evened out. */
  readonly page: string;
  /** SHA-256 (hex) of the text itself. */
  readonly sha256: string;
  /** Where the injected blocks are, ascending: a page can hold several. Empty = there is none, or it is not known. */
  readonly injected: readonly Span[];
}

/** Whether agents of this suite read the text. */
export function isOfSuite({ suite }: LabelledText, name: string): boolean {
  return suite?.split('|').includes(name) ?? false;
}

/**
 * Texts cut into segments and turned into rows once, for all fits and all verdicts that follow: `prepareTexts` makes it, the fits of every
 * fold read it.
 */
export interface PreparedTexts {
  readonly texts: readonly LabelledText[];
}

export interface GatewayFitOptions {
  readonly seed: string;
  /** Templates that the fit may know nothing of: texts that hold them are not among its rows, and what is made up to learn from is unlike them. */
  readonly unseenTemplates?: readonly string[];
}

/** What a fit learnt from: SHA-256 of each text, ascending. A split is clean where no text that is judged is among them. */
export type TrainedOn = readonly string[];
