/**
 * The real content plane: verdicts of our own gateway on what recorded agents read, by gateways that learnt from no text of what is left out.
 * Texts are prepared once; each fold fits anew. What is judged is prepared apart, so that it cannot reach a fit.
 */
import { createHash } from 'node:crypto';
import { calibratedLogOdds, createRandom, logistic } from '@optikal/ml';
import type { RecordedSession } from '../../behaviour/agents-data.ts';
import { InjectionModel } from '../../content/injection/model.ts';
import { calibrationsOf } from '../gateway/calibrate.ts';
import { fitHeads, rowsWithout } from '../gateway/heads.ts';
import { createTextJudge } from '../gateway/out-of-fold.ts';
import { type GatewayRows, type PrepareOptions, prepareTexts } from '../gateway/prepare.ts';
import { isOfSuite, type LabelledText, type TrainedOn } from '../gateway/texts.ts';
import { gatewayVerdicts } from '../gateway/verdicts.ts';
import type { ScoreOf } from './traffic.ts';

/** Of the gateways that judge what others learnt from. */
const FOLDS = 3;

/** Texts of one folder, and who read the recorded ones. */
export interface GatewayData {
  readonly texts: readonly LabelledText[];
  /** Id in outputs.jsonl → index in `texts`. */
  readonly outputs: ReadonlyMap<number, number>;
  /** Id in outputs.jsonl → models whose runs read it, in any run of the traces. */
  readonly readers: ReadonlyMap<number, ReadonlySet<string>>;
}

/** What a gateway may know nothing of. */
export interface GatewayLeftOut {
  readonly protocol: 'model' | 'suite';
  readonly holds: ReadonlySet<string>;
}

export interface GatewayFold {
  readonly scoreOf: ScoreOf;
  /** Of the gateway of all rows. */
  readonly trainedOn: TrainedOn;
  /** SHA-256 of what it judged for the sessions that are tested, ascending: outputs whose page it did not learn from. */
  readonly judged: readonly string[];
}

export interface FoldRequest {
  /** null = it learns from all texts. */
  readonly leftOut: GatewayLeftOut | null;
  readonly isTest: (session: RecordedSession) => boolean;
  readonly unseenTemplates: readonly string[];
  readonly seed: string;
}

export interface GatewayPlane {
  fold(request: FoldRequest): GatewayFold;
}

/** `sessions`: all whose outputs are judged, of `data`'s folder or of others; `data` is what may be learnt from, `made` what is made up beside. */
export function gatewayPlane(data: GatewayData, sessions: readonly RecordedSession[], made: PrepareOptions = {}): GatewayPlane {
  const prepared = prepareTexts(data.texts, made);
  const asked = askedOf(data, sessions);
  const judged = prepareTexts(asked.texts, { attackCount: 0, benignCount: 0 });
  return {
    fold: ({ leftOut, isTest, unseenTemplates, seed }) => {
      const options = { seed, unseenTemplates };
      const rows = rowsWithout(prepared, rowsBeside(data, leftOut), options);
      const { scores, trainedOn } = crossScores(prepared, rows, judged, leftOut?.protocol === 'suite', options);
      const learnt = new Set(Array.from(rows, (t) => data.texts[t]!.page));
      const tested = new Set(sessions.filter(isTest).flatMap((session) => [...asked.of.get(session)!.values()]));
      const fresh = [...tested].map((at) => asked.texts[at]!).filter(({ page }) => !learnt.has(page));
      return {
        scoreOf: (session, callId) => {
          const at = asked.of.get(session)?.get(callId);
          return at === undefined ? null : scores[at]!;
        },
        trainedOn,
        judged: [...new Set(fresh.map(({ sha256 }) => sha256))].sort(),
      };
    },
  };
}

/** A verdict is of an output, of a tool, under a request: each such text once, and which one each call of a session asks about. */
function askedOf({ texts }: GatewayData, sessions: readonly RecordedSession[]) {
  const recorded = new Map<string, LabelledText>();
  for (const text of texts) if (text.kind === 'recorded_output') recorded.set(text.text, text);
  const places = new Map<string, number>();
  const asked: LabelledText[] = [];
  const of = new Map<RecordedSession, ReadonlyMap<string, number>>();
  for (const session of sessions) {
    const own = new Map<string, number>();
    of.set(session, own);
    for (const { request, calls } of session.tasks)
      for (const { callId, tool, output } of calls) {
        if (output === null) continue;
        const key = `${tool}\n${request ?? ''}\n${output}`;
        let at = places.get(key);
        if (at === undefined) {
          at = asked.length;
          places.set(key, at);
          asked.push(askedText(output, recorded.get(output), { direction: 'tool_output', request, tool }));
        }
        own.set(callId, at);
      }
  }
  return { texts: asked, of };
}

/** Without its answer: the page alone is kept, to tell which gateways know it. */
function askedText(text: string, known: LabelledText | undefined, context: LabelledText['context']): LabelledText {
  const sha256 = known?.sha256 ?? createHash('sha256').update(text).digest('hex');
  const place = { id: sha256, sha256, page: known?.page ?? sha256 };
  return { ...place, text, label: 0, context, kind: 'recorded_output', suite: null, template: null, category: null, injected: [] };
}

/** Of a suite: no text that names it. Of either: no text whose page one of the left-out runs read. */
function rowsBeside({ texts, outputs, readers }: GatewayData, leftOut: GatewayLeftOut | null): Int32Array {
  const all = Int32Array.from(texts.keys());
  if (leftOut === null) return all;
  const { protocol, holds } = leftOut;
  const names = [...holds];
  const isOut = (text: LabelledText) => protocol === 'suite' && names.some((suite) => isOfSuite(text, suite));
  const pages = new Set(texts.filter(isOut).map(({ page }) => page));
  if (protocol === 'model')
    for (const [outId, at] of outputs) if (names.some((model) => readers.get(outId)?.has(model) === true)) pages.add(texts[at]!.page);
  return all.filter((t) => !isOut(texts[t]!) && !pages.has(texts[t]!.page));
}

/**
 * Scores of what is judged: by the gateway of all rows, and where its page was learnt from by one of the other folds. Heads of the folds serve
 * calibration and verdicts alike.
 */
function crossScores(
  prepared: GatewayRows,
  rows: Int32Array,
  judged: GatewayRows,
  bySuite: boolean,
  options: { readonly seed: string; readonly unseenTemplates: readonly string[] },
) {
  const foldOf = pageFolds(prepared, rows, bySuite, options.seed);
  const foldOfPage = new Map(Array.from(rows, (t, i) => [prepared.texts[t]!.page, foldOf[i]!]));
  const margins = new Float64Array(rows.length);
  const inner = new Float64Array(judged.texts.length).fill(Number.NaN);
  for (let fold = 0; fold < FOLDS; fold++) {
    const fitted = fitHeads(
      prepared,
      rows.filter((_, i) => foldOf[i] !== fold),
      options,
    );
    const [own, asked] = [createTextJudge(prepared, fitted), createTextJudge(judged, fitted)];
    rows.forEach((t, i) => {
      if (foldOf[i] === fold) margins[i] = own(t).plain;
    });
    judged.texts.forEach(({ page }, t) => {
      if (foldOfPage.get(page) === fold) inner[t] = asked(t).margin;
    });
  }
  const calibrations = calibrationsOf(prepared, rows, margins);
  const detector = new InjectionModel({ ...fitHeads(prepared, rows, options), calibrations });
  const { scores } = gatewayVerdicts(judged, Int32Array.from(judged.texts.keys()), detector);
  inner.forEach((margin, t) => {
    if (!Number.isNaN(margin)) scores[t] = logistic(calibratedLogOdds(calibrations.tool_output, margin));
  });
  return {
    scores,
    trainedOn: [...new Set(Array.from(rows, (t) => prepared.texts[t]!.sha256))].sort(),
  };
}

/** Pages stay whole; suites too, where a suite is left out: what is judged in training is then as far from what was learnt as in the test. */
function pageFolds({ texts }: GatewayRows, rows: Int32Array, bySuite: boolean, seed: string): Int32Array {
  const random = createRandom(`${seed}:pages`);
  const suites = [...new Set(Array.from(rows, (t) => texts[t]!.suite))].filter((suite) => suite !== null).sort();
  const folds = new Map<string, number>();
  return Int32Array.from(rows, (t) => {
    const { page, suite } = texts[t]!;
    const fold = folds.get(page) ?? (bySuite && suite !== null ? suites.indexOf(suite) % FOLDS : random.nextInt(FOLDS));
    folds.set(page, fold);
    return fold;
  });
}
