/**
 * What the gateway's detector is worth on texts that it has not seen: pages, templates, suites, e-mails and prompts left out in turn, or one set
 * of texts fitted and another judged. Each fit calibrates itself on clean texts of its own folds; nothing of what is judged sets a threshold.
 */
import { createHash } from 'node:crypto';
import { fitGateway } from './gateway/fit.ts';
import { prepareTexts } from './gateway/prepare.ts';
import type { GatewayFitOptions, LabelledText, TrainedOn } from './gateway/texts.ts';
import { gatewayVerdicts } from './gateway/verdicts.ts';
import { STRIPPED_KIND, type TextFold, textFolds, trainTestFold } from './text-protocol-folds.ts';

/** A text as a fold's gateway judged it. */
export interface JudgedText {
  readonly text: LabelledText;
  /** Of the text's source; null = it does not say. */
  readonly cell: string | null;
  /** Calibrated, 0–1; flagged from ½ on. */
  readonly score: number;
  /** Whether its page, under another text, was learnt from: with `--train` only. */
  readonly pageKnown: boolean;
}

export interface JudgedFold {
  readonly fold: TextFold;
  readonly judged: readonly JudgedText[];
  readonly trainedOn: TrainedOn;
}

/** Fits on texts and judges others: for all folds of one set of texts. */
export type TextJudge = (
  train: Int32Array,
  judged: Int32Array,
  options: GatewayFitOptions,
) => { readonly trainedOn: TrainedOn; readonly scores: ArrayLike<number> };

export interface TextProtocolOptions {
  readonly seed: string;
  /** Default: the gateway's own detector. */
  readonly judge?: (texts: readonly LabelledText[]) => TextJudge;
  /** After each fit. */
  readonly progress?: (done: number, total: number) => void;
}

/** Every fold of these texts, see `textFolds`. `cells`: of each text. */
export function leaveTextsOut(
  texts: readonly LabelledText[],
  cells: readonly (string | null)[],
  options: TextProtocolOptions,
): readonly JudgedFold[] {
  const all = withStripped(texts, cells);
  return judgedFolds(all, textFolds(all.texts, options.seed), options);
}

/** Fitted on the texts before `firstTest`, judged once on the rest. */
export function trainTestTexts(
  texts: readonly LabelledText[],
  cells: readonly (string | null)[],
  firstTest: number,
  options: TextProtocolOptions,
): readonly JudgedFold[] {
  const all = withStripped(texts, cells);
  return judgedFolds(all, [trainTestFold(all.texts, (t) => all.from[t]! >= firstTest)], options);
}

interface Texts {
  readonly texts: readonly LabelledText[];
  readonly cells: readonly (string | null)[];
  /** Index of the text as it was given. */
  readonly from: readonly number[];
}

const MARKS = /<\/?INFORMATION>/g;

/** Texts whose block stands between the template's own marks, once more without the marks. */
function withStripped(texts: readonly LabelledText[], cells: readonly (string | null)[]): Texts {
  const from = [...texts.keys()];
  const stripped = texts.flatMap((text, t): LabelledText[] => {
    if (text.label === 0 || text.kind !== 'tool_output' || text.text.search(MARKS) < 0) return [];
    from.push(t);
    const bare = text.text.replaceAll(MARKS, '');
    const sha256 = createHash('sha256').update(bare).digest('hex');
    return [{ ...text, id: `${text.id}-stripped`, kind: STRIPPED_KIND, text: bare, sha256, injected: [] }];
  });
  return { texts: [...texts, ...stripped], cells: from.map((t) => cells[t] ?? null), from };
}

/** Texts are cut and turned into rows once. */
function gatewayJudge(texts: readonly LabelledText[]): TextJudge {
  const prepared = prepareTexts(texts);
  return (train, judged, options) => {
    const { detector, trainedOn } = fitGateway(prepared, train, options);
    return { trainedOn, scores: gatewayVerdicts(prepared, judged, detector).scores };
  };
}

function judgedFolds(
  { texts, cells }: Texts,
  folds: readonly TextFold[],
  { seed, progress, judge = gatewayJudge }: TextProtocolOptions,
): readonly JudgedFold[] {
  const fitAndJudge = judge(texts);
  return folds.map((fold, at) => {
    const options = { seed: `${seed}:${fold.name}`, unseenTemplates: fold.unseenTemplates };
    const { trainedOn, scores } = fitAndJudge(fold.train, fold.judged, options);
    const pages = new Set(Array.from(fold.train, (t) => texts[t]!.page));
    progress?.(at + 1, folds.length);
    return {
      fold,
      trainedOn,
      judged: Array.from(fold.judged, (t, i) => {
        const text = texts[t]!;
        return { text, cell: cells[t] ?? null, score: scores[i]!, pageKnown: pages.has(text.page) };
      }),
    };
  });
}
