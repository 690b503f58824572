/** Detectors for tests of what is done with a verdict. */
import type { InjectionDetector } from '../../injection/contract.ts';
import { featureIndex } from '../../injection/features.ts';
import { InjectionModel } from '../../injection/model.ts';
import { ROW_COLS } from '../../injection/rows.ts';
import { TOKEN_COLS } from '../../injection/tokens.ts';

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

/** A small real model, as a bundle holds it: one feature decides, whether a text tells to forget what was said before. */
export function overrideModel(): InjectionModel {
  const weights = new Float32Array(ROW_COLS);
  weights[TOKEN_COLS + featureIndex('override_earlier')] = 8;
  const head = { weights, intercept: -4 };
  const calibration = { slope: 1, intercept: 0, prevalence: 0.5 };
  return new InjectionModel({
    heads: { data: head, input: head },
    known: new Int32Array(),
    calibrations: { input: calibration, tool_output: calibration, output: calibration, alone: calibration },
  });
}
