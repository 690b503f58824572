/** `evaluate --protocol text`: what the gateway's detector is worth on texts, templates and suites that it has not seen. */
import { textPage } from '../report/index.ts';
import { type JudgedFold, leaveTextsOut, trainTestTexts } from '../training/text-protocol.ts';
import { textFigures } from '../training/text-protocol-rows.ts';
import { ServiceError } from './errors.ts';
import { readGatewayTexts, withCommonPages } from './gateway-texts.ts';
import type { FoldTexts, ProtocolFound } from './protocol-found.ts';

export interface TextRequest {
  /** What is measured on; without `train` also what is fitted on, one part after the other left out. */
  readonly data: string;
  /** What is fitted on; null = `data`, by parts. */
  readonly train: string | null;
  readonly seed: string;
  readonly progress?: (done: number, total: number) => void;
}

/** Errors: `data_not_found`, `data_unrecognised`, `text_invalid`, `nothing_to_learn`; ImportError codes. */
export function evaluateText({ data, train, seed, progress }: TextRequest): ProtocolFound {
  const options = { seed, ...(progress === undefined ? {} : { progress }) };
  const judged = train === null ? leftOut(data, options) : trainTest(train, data, options);
  const texts = new Map(judged.flatMap((fold) => fold.judged.map(({ text }) => [text.id, text])));
  const page = textPage(textFigures(judged, seed), {
    source: train === null ? data : `${train}, tested on ${data}`,
    seed,
    folds: judged.length,
    texts: texts.size,
    pages: new Set([...texts.values()].map((text) => text.page)).size,
  });
  return { page, folds: judged.map(foldTexts) };
}

type Options = Parameters<typeof leaveTextsOut>[2];

function leftOut(data: string, options: Options): readonly JudgedFold[] {
  const { texts, cells } = readGatewayTexts(data);
  return leaveTextsOut(texts, cells, options);
}

function trainTest(train: string, data: string, options: Options): readonly JudgedFold[] {
  const known = readGatewayTexts(train);
  const fresh = readGatewayTexts(data);
  const judged = new Set(fresh.texts.map(({ sha256 }) => sha256));
  if (known.texts.every(({ sha256 }) => judged.has(sha256)))
    throw new ServiceError('nothing_to_learn', `expected texts in \`${train}\` that are not in \`${data}\` too`);
  return trainTestTexts(withCommonPages(known.texts, fresh.texts), [...known.cells, ...fresh.cells], known.texts.length, options);
}

function foldTexts({ fold, trainedOn, judged }: JudgedFold): FoldTexts {
  return { fold: fold.name, trainedOn, judged: [...new Set(judged.map(({ text }) => text.sha256))].sort() };
}
