/** A detector that knows one word, for tests of what is done with a verdict. */
import type { InjectionDetector } from '../../injection/contract.ts';

/** Flags each `word` with `score`; a request that holds the word gave the instruction itself. */
export function wordDetector(word = 'INJECT', score = 0.98): InjectionDetector {
  return {
    judge(text, { request }) {
      const spans: { start: number; end: number; score: number }[] = [];
      for (let at = text.indexOf(word); at >= 0 && spans.length < 16; at = text.indexOf(word, at + 1))
        spans.push({ start: at, end: at + word.length, score });
      const flagged = spans.length > 0 && request?.includes(word) !== true;
      return { margin: flagged ? 4 : -4, score: flagged ? score : 0.02, flagged, spans: flagged ? spans : [] };
    },
    encode: () => new Uint8Array(),
  };
}
