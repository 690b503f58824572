/**
 * `evaluate --protocol agents`: models and suites left out in turn, each once with the attack's template unknown to the gateway, by content
 * plane. Everything is fitted on the rest; what was left out is judged once.
 */
import type { RecordedSession } from '../../behaviour/agents-data.ts';
import { oracleScore } from '../../content/validations.ts';
import type { FleetSnapshot } from '../../detection/fleet.ts';
import type { ToolLookup } from '../../detection/tool-lookup.ts';
import type { WindowSample } from '../dataset.ts';
import type { PrepareOptions } from '../gateway/prepare.ts';
import type { TrainedOn } from '../gateway/texts.ts';
import { type BaselineMargins, baselineMargins } from './baselines.ts';
import { type Case, type Cases, casesOf } from './cases.ts';
import { type AgentsData, agentsData, windowsOf } from './data.ts';
import { type FoldData, type FoldScores, type LEVELS, part, type RIVALS, scoreFold } from './fold.ts';
import { type GatewayData, type GatewayFold, gatewayPlane } from './gateway-plane.ts';
import type { Plane } from './judged.ts';
import { type Latency, latencyOf } from './latency.ts';
import { modelSplit, type Split, suiteSplit } from './splits.ts';
import type { ScoreOf } from './traffic.ts';

/** One sessions file. */
export interface SessionsFile {
  readonly name: string;
  readonly sessions: readonly RecordedSession[];
}

export interface AgentsProtocolOptions {
  readonly files: readonly SessionsFile[];
  readonly tools: ToolLookup;
  /** null = the real plane is not measured. */
  readonly gateway: GatewayData | null;
  /** What the gateway's fits learn from beside the texts. Default its own. */
  readonly made?: PrepareOptions;
  readonly seed: string;
  /** Default both. */
  readonly leave?: readonly ('model' | 'suite')[];
  /** Default all that the gateway allows. */
  readonly planes?: readonly Plane[];
  readonly progress?: (done: number, total: number) => void;
}

/** One fold of one sessions file under one plane. */
export interface FoldFound {
  readonly protocol: string;
  readonly plane: Plane;
  /** Number of the sessions file. */
  readonly file: number;
  readonly part: string;
  readonly cases: Cases;
  readonly scores: FoldScores;
  readonly baselines: FoldBaselines;
  readonly latency: Latency;
}

export type FoldBaselines = {
  readonly [level in (typeof LEVELS)[number]]: { readonly [against in (typeof RIVALS)[number]]: BaselineMargins };
};

/** SHA-256 of what the gateway of a fold learnt from, and of what it judged. */
export interface FoldTexts {
  readonly fold: string;
  readonly trainedOn: TrainedOn;
  readonly judged: readonly string[];
}

export interface ProtocolFolds {
  readonly folds: readonly FoldFound[];
  readonly texts: readonly FoldTexts[];
  readonly data: readonly AgentsData[];
}

/** Every attacked run of the data was given this one. */
export const TEMPLATE = 'important_instructions';

export function leaveOut(options: AgentsProtocolOptions): ProtocolFolds {
  const { files, tools, gateway, seed, leave = ['model', 'suite'], planes = ['none', 'real', 'oracle'] } = options;
  const sessions = files.flatMap((file) => file.sessions);
  const data = files.map((file) => agentsData(file.sessions, tools));
  const constant = data.map((one) => constantPlanes(one, planes));
  const real = gateway === null || !planes.includes('real') ? null : gatewayPlane(gateway, sessions, options.made);
  const splits = leave.map((what) => (what === 'model' ? modelSplit(sessions, seed) : suiteSplit(sessions)));
  const total = splits.reduce((sum, { parts }) => sum + parts.length, 0) * (real === null ? 1 : 3);
  let done = 0;
  const folds: FoldFound[] = [];
  const texts: FoldTexts[] = [];
  for (const split of splits)
    for (const { name, holds } of split.parts) {
      const isOut = ({ group }: RecordedSession) => holds.has(group[split.protocol]);
      const judge = (protocol: string, plane: Plane, samplesOf: (file: number) => readonly WindowSample[]) =>
        data.forEach((one, file) => {
          const samples = samplesOf(file);
          const whole = { samples, cases: casesOf(samples, one.sessionOf) };
          const isTest = (of: Case) => holds.has(of[split.protocol]);
          const [test, train] = [part(whole, isTest).data, part(whole, (of) => !isTest(of)).data];
          folds.push({ protocol, plane, file, part: name, ...judged(one, train, test, split, `${seed}:${protocol}:${name}`) });
        });
      for (const plane of ['none', 'oracle'] as const)
        if (planes.includes(plane)) judge(split.protocol, plane, (file) => constant[file]!.get(plane)!);
      options.progress?.(++done, total);
      if (real === null) continue;
      for (const unseen of [false, true]) {
        const protocol = unseen ? `${split.protocol}+template` : split.protocol;
        const gatewaySeed = `${seed}:${protocol}:${name}`;
        const leftOut = { protocol: split.protocol, holds };
        const fold = real.fold({ leftOut, isTest: isOut, unseenTemplates: unseen ? [TEMPLATE] : [], seed: gatewaySeed });
        texts.push(textsOf(`${protocol} ${name}`, fold));
        judge(protocol, 'real', (file) => windowsOf(data[file]!, fold.scoreOf).samples);
        options.progress?.(++done, total);
      }
    }
  return { folds, texts, data };
}

export interface TrainTestOptions extends Omit<AgentsProtocolOptions, 'files' | 'leave'> {
  readonly train: SessionsFile;
  readonly test: readonly SessionsFile[];
  /** Of the test folder. */
  readonly testTools: ToolLookup;
}

/** Fits on one folder, texts included, judges another once, by its own `cell`. What is judged reaches nothing that is fitted. */
export function trainTest(options: TrainTestOptions): ProtocolFolds {
  const { train, test, tools, testTools, gateway, seed, planes = ['none', 'real', 'oracle'] } = options;
  const learnt = agentsData(train.sessions, tools);
  const data = test.map((file) => agentsData(file.sessions, testTools));
  const tested = test.flatMap((file) => file.sessions);
  const texts: FoldTexts[] = [];
  const scoreOfPlane = (plane: Plane): ScoreOf | null | undefined => {
    if (plane === 'none') return null;
    if (plane === 'oracle') return oracle;
    if (gateway === null) return undefined;
    const isTest = new Set(tested);
    const request = { leftOut: null, isTest: (session: RecordedSession) => isTest.has(session), unseenTemplates: [], seed };
    const fold = gatewayPlane(gateway, [...train.sessions, ...tested], options.made).fold(request);
    texts.push(textsOf('train-test', fold));
    return fold.scoreOf;
  };
  const folds = planes.flatMap((plane, at): FoldFound[] => {
    const scoreOf = scoreOfPlane(plane);
    options.progress?.(at + 1, planes.length);
    if (scoreOf === undefined) return [];
    const from = windowsOf(learnt, scoreOf);
    const fitted = { samples: from.samples, cases: casesOf(from.samples, learnt.sessionOf) };
    return data.map((one, file): FoldFound => {
      const samples = knownWindows(one, scoreOf, from.snapshot);
      const whole = { samples, cases: casesOf(samples, one.sessionOf) };
      return { protocol: 'train-test', plane, file, part: '', ...judged(one, fitted, whole, unitFor(fitted.cases), seed) };
    });
  });
  return { folds, texts, data };
}

function judged({ sessionOf }: AgentsData, train: FoldData, test: FoldData, split: Pick<Split, 'protocol'>, seed: string) {
  const scores = scoreFold(train, test, { unitOf: (of) => of[split.protocol], seed });
  const level = (name: (typeof LEVELS)[number]) => ({
    benign: baselineMargins(train, test, name, 'benign'),
    ignored: baselineMargins(train, test, name, 'ignored'),
  });
  // Rows of windows are not kept: with many folds and files they would fill the memory.
  return {
    cases: test.cases,
    scores,
    baselines: { window: level('window'), run: level('run') },
    latency: latencyOf(test, scores, sessionOf),
  };
}

/** A role that the training fleet has is seen as it is there, as by a bundle; another by the other agents of its own. */
function knownWindows(data: AgentsData, scoreOf: ScoreOf | null, known: FleetSnapshot): readonly WindowSample[] {
  return windowsOf(data, scoreOf, known).samples;
}

/** Thresholds for what may come from anywhere: by suite, as that is the harder, where there are enough of them. */
function unitFor({ windows }: Cases): Pick<Split, 'protocol'> {
  return { protocol: new Set(windows.map(({ suite }) => suite)).size >= 3 ? 'suite' : 'model' };
}

function constantPlanes(data: AgentsData, planes: readonly Plane[]): ReadonlyMap<Plane, readonly WindowSample[]> {
  const of = (plane: 'none' | 'oracle') => windowsOf(data, plane === 'none' ? null : oracle).samples;
  return new Map((['none', 'oracle'] as const).filter((plane) => planes.includes(plane)).map((plane) => [plane, of(plane)]));
}

const oracle: ScoreOf = ({ flagged }, callId) => oracleScore(flagged, callId);

function textsOf(fold: string, { trainedOn, judged: own }: GatewayFold): FoldTexts {
  return { fold, trainedOn, judged: own };
}
