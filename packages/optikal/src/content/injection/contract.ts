/**
 * What the gateway's injection detector is asked and what it answers. Offsets are UTF-16 positions in the text as it was given, however much
 * normalising and decoding lies between.
 */
import type { IoValidation } from '@optikal/contracts';

export type Direction = IoValidation['direction'];

/** What is known beside the text. */
export interface TextContext {
  readonly direction: Direction;
  /** What the user asked the agent for: an instruction that the user gave is not an injection. null = not known. */
  readonly request: string | null;
  /** The tool that returned the text; null = none, or not known. */
  readonly tool: string | null;
}

/** `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface InjectionVerdict {
  /** Log-odds of the most suspicious segment, before calibration: the order of texts. */
  readonly margin: number;
  /** Calibrated for the direction, 0–1: ½ and above counts as flagged everywhere in the product. */
  readonly score: number;
  readonly flagged: boolean;
  /** Where it was found, most suspicious first, at most 16; empty where the text is not flagged. */
  readonly spans: readonly (Span & { readonly score: number })[];
}

/** A fitted detector. Pure; time linear in the text. */
export interface InjectionDetector {
  judge(text: string, context: TextContext): InjectionVerdict;
  /** A model file of `@optikal/ml`'s form: no code, checked lengths; see `decodeInjectionModel`. */
  encode(): Uint8Array;
}
