/**
 * What each part of the ensemble is worth: every base alone beside the ensemble, the ensemble beside the mean of its margins, the sequence model
 * with its windows out of order, and what its uncertainty knows. On simulated agents out-of-fold by agent, on recorded sessions a suite left out.
 * The floor: nowhere is the ensemble behind its best base by more than the interval over agents explains.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { auroc, type Lstm } from '@optikal/ml';
import { sequenceValues } from '../packages/optikal/src/detection/steps.ts';
import { parseToolsYaml, resolveTools, toolLookup } from '../packages/optikal/src/detection/tools/index.ts';
import { openDataSource } from '../packages/optikal/src/services/data-source.ts';
import { catalogueOf, extractSource } from '../packages/optikal/src/services/train.ts';
import type { WindowSample } from '../packages/optikal/src/training/dataset.ts';
import { baseFigures, type GainCell, gainCells, type NamedMargins } from '../packages/optikal/src/training/ensemble-figures.ts';
import { extract } from '../packages/optikal/src/training/extract.ts';
import { foldsOf, splitForStopping } from '../packages/optikal/src/training/folds.ts';
import { indexTruth } from '../packages/optikal/src/training/labels.ts';
import { headline } from '../packages/optikal/src/training/measure.ts';
import { cellOf, leaveOneOut } from '../packages/optikal/src/training/protocol.ts';
import { fitSequences } from '../packages/optikal/src/training/sequence-base.ts';
import { withShuffledWindows } from '../packages/optikal/src/training/shuffled.ts';
import { simulateFleet, toolsYaml } from '../packages/optikal/src/training/simulator/index.ts';
import { fitStack } from '../packages/optikal/src/training/stack.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'ensemble-parts';
export const title = 'the parts of the ensemble: 400 simulated agents × 1 day, out-of-fold; recorded sessions, a suite left out';

const FLEET = { agents: 400, days: 1, seed: 'parts', attackedShare: 0.8, campaignsPerAgent: 2 };
const FOLDS = 4;
/** Where a mean of bases was behind its best base. */
const HELD = ['moderate', 'mimicry'];
const DROPOUTS = ['both', 'context', 'dense'] as const;
const PASSES = 50;
/** Windows that a figure of 50 passes each is made of. */
const UNCERTAIN_WINDOWS = 2000;

export async function run(): Promise<Row[]> {
  return [...simulated(), ...recorded()];
}

function simulated(): Row[] {
  const fleet = simulateFleet(FLEET);
  const { samples } = extract({
    events: () => fleet.events(),
    truth: indexTruth(fleet.truth),
    tools: toolLookup(resolveTools({ user: parseToolsYaml(toolsYaml()) })),
  }).dataset;
  const unitOf = ({ key }: WindowSample) => key;
  const stack = fitStack(samples, { unitOf, folds: FOLDS, seed: FLEET.seed });
  const cells = gainCells(samples, stack.margins, stack.baseMargins, unitOf, FLEET.seed);
  const weights = stack.bases.map(({ name }, k) => `${name} ${stack.meta?.weights[k]?.toFixed(2)}`).join(', ');
  return [
    ...figureRows(`simulated (weights: ${weights})`, samples, stack.margins, stack.baseMargins),
    ...cells
      .filter(({ intensity, threat }) => (intensity !== null && HELD.includes(intensity)) || (intensity === null && threat === null))
      .map((cell) => gainRow('simulated', cell)),
    ...sequenceRows(samples, unitOf),
  ];
}

function figureRows(where: string, samples: readonly WindowSample[], margins: Float64Array, bases: readonly NamedMargins[]): Row[] {
  const strong = bases.filter(({ name }) => name !== 'isolation-forest' && name !== 'lstm');
  const mean = { name: 'mean of boosting and call-boosting', margins: meanOf(strong) };
  return baseFigures(samples, [...bases, mean, { name: 'ensemble', margins }]).flatMap((figures) => [
    rowOf({ work: `${where}: ${figures.name}`, unit: 'AUROC', runs: [figures.auroc], better: 'more' }),
    rowOf({ work: `${where}: ${figures.name}`, unit: 'average precision', runs: [figures.averagePrecision], better: 'more' }),
    rowOf({ work: `${where}: ${figures.name}, windows at 1 % FPR`, unit: 'recall', runs: [figures.recallAtFpr1], better: 'more' }),
  ]);
}

/** What the ensemble was before it had a meta-model. */
function meanOf(bases: readonly NamedMargins[]): Float64Array {
  return bases[0].margins.map((_, i) => {
    const known = bases.map(({ margins }) => margins[i]).filter((margin) => !Number.isNaN(margin));
    return known.length === 0 ? Number.NEGATIVE_INFINITY : known.reduce((sum, margin) => sum + margin, 0) / known.length;
  });
}

/** Upper end of the interval of ensemble − best base: below 0 the ensemble is behind. */
function gainRow(where: string, { threat, intensity, windows, ensemble, best, gain, interval }: GainCell): Row {
  const range = interval === null ? '' : ` [${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}]`;
  return rowOf({
    work: `${where}, ${intensity ?? 'all intensities'}, ${threat ?? 'all threats'}, ${windows} windows: ensemble ${ensemble.toFixed(3)} − ${best.name} ${best.auroc.toFixed(3)} = ${gain.toFixed(3)}${range}, upper end`,
    unit: 'AUROC',
    runs: [interval?.high ?? gain],
    better: 'more',
    floor: 0,
  });
}

/** Each fold left out: order; one of them: uncertainty by where dropout acts. */
function sequenceRows(samples: readonly WindowSample[], unitOf: (sample: WindowSample) => string): Row[] {
  const folds = foldsOf(samples, unitOf, FOLDS, FLEET.seed);
  const at = (part: Int32Array) => Array.from(part, (i) => samples[i]);
  const fitted = (fold: number, dropoutAt: (typeof DROPOUTS)[number]): Lstm => {
    const known = Int32Array.from(samples.keys().filter((i) => folds.of[i] !== fold));
    const { rows, stopping } = splitForStopping(samples, known, unitOf, FLEET.seed);
    return fitSequences(at(rows), FLEET.seed, stopping === null ? [] : at(stopping), { dropoutAt })!; // both classes are there
  };
  const ownOf = (all: readonly WindowSample[], fold: number) => all.filter((sample, i) => folds.of[i] === fold && headline(sample));
  const others = withShuffledWindows(samples, FLEET.seed);
  const byFold = Array.from({ length: FOLDS }, (_, fold) => {
    const model = fitted(fold, 'both');
    return { model, ordered: aurocOf(model, ownOf(samples, fold)), shuffled: aurocOf(model, ownOf(others, fold)) };
  });
  const models = DROPOUTS.map((dropoutAt) => ({ dropoutAt, model: dropoutAt === 'both' ? byFold[0].model : fitted(0, dropoutAt) }));
  const each = 'simulated, each fold left out';
  return [
    rowOf({ work: `${each}: LSTM`, unit: 'AUROC', runs: byFold.map(({ ordered }) => ordered), better: 'more' }),
    rowOf({
      work: `${each}: LSTM, windows of each agent shuffled`,
      unit: 'AUROC',
      runs: byFold.map(({ shuffled }) => shuffled),
      better: 'less',
    }),
    rowOf({
      work: `${each}: what the order is worth to the LSTM`,
      unit: 'AUROC',
      runs: byFold.map(({ ordered, shuffled }) => ordered - shuffled),
      better: 'more',
      floor: 0.005,
    }),
    ...models.flatMap((one) => uncertaintyRows('simulated', one.dropoutAt, one.model, ownOf(samples, 0))),
  ];
}

function aurocOf(model: Lstm, samples: readonly WindowSample[]): number {
  return auroc(
    samples.map(({ sequence }) => model.score(sequenceValues(sequence))),
    samples.map(({ label }) => (label === 2 ? 1 : 0)),
  );
}

/** Does the spread over dropout passes know which decisions of the model (probability 0.5) are wrong? */
function uncertaintyRows(where: string, dropoutAt: string, model: Lstm, samples: readonly WindowSample[]): Row[] {
  const found = spreadsOf(model, thinned(samples));
  return [
    rowOf({ work: `${where}, dropout at ${dropoutAt}: LSTM alone`, unit: 'AUROC', runs: [aurocOf(model, samples)], better: 'more' }),
    rowOf({
      work: `${where}, dropout at ${dropoutAt}: spread against wrong decisions of the LSTM`,
      unit: 'AUROC',
      runs: [
        auroc(
          found.map(({ spread }) => spread),
          found.map(({ wrong }) => (wrong ? 1 : 0)),
        ),
      ],
      better: 'more',
    }),
  ];
}

function spreadsOf(model: Lstm, samples: readonly WindowSample[]) {
  return samples.map(({ key, startMs, sequence, label }) => {
    const { margin, spread } = model.predictWithUncertainty(sequenceValues(sequence), { passes: PASSES, seed: `${key}|${startMs}` });
    return { spread, wrong: margin > 0 !== (label === 2) };
  });
}

function thinned(samples: readonly WindowSample[]): readonly WindowSample[] {
  const stride = Math.ceil(samples.length / UNCERTAIN_WINDOWS);
  return samples.filter((_, i) => i % stride === 0);
}

function recorded(): Row[] {
  const folder = join(resolve(import.meta.dirname, '..', process.env.OPTIKAL_DATA ?? '../shared/data'), 'agents');
  if (!existsSync(join(folder, 'sessions.jsonl.gz'))) {
    console.log(`ensemble-parts: SKIPPED on recorded sessions, nothing at ${folder}`);
    return [];
  }
  const source = openDataSource(folder, { content: 'none' });
  const metaOf = source.metaOf!; // recorded agents have it
  const { samples } = extractSource(source, catalogueOf(source)).dataset;
  return (['suite', 'model'] as const).flatMap((leave) => {
    const left = leaveOneOut({ samples, metaOf, leave, seed: '1' });
    const where = `recorded, one ${leave} out`;
    const cells = gainCells(samples, left.everyMargin, left.baseMargins, ({ key }) => cellOf(metaOf(key)), '1');
    return [
      ...figureRows(where, samples, left.everyMargin, left.baseMargins),
      ...cells.filter(({ intensity }) => intensity === null).map((cell) => gainRow(where, cell)),
      ...(leave === 'suite' ? unseenRows(samples, metaOf, leave) : []),
    ];
  });
}

/** The sequence model of all suites but one: its spread on quiet windows of the one that it has not seen, beside those it has. */
function unseenRows(
  samples: readonly WindowSample[],
  metaOf: (key: string) => { readonly suite: string; readonly model: string },
  leave: 'suite',
): Row[] {
  const quietly = samples.filter((sample) => headline(sample) && sample.label === 0);
  const names = [...new Set(samples.map(({ key }) => metaOf(key)[leave]))].sort();
  return DROPOUTS.flatMap((dropoutAt) => {
    const found = names.flatMap((name) => {
      const model = fitSequences(
        samples.filter(({ key }) => metaOf(key)[leave] !== name),
        name,
        [],
        { dropoutAt },
      );
      if (model === null) return [];
      const spreads = spreadsOf(model, thinned(quietly)).map(({ spread }) => spread);
      return [
        auroc(
          spreads,
          thinned(quietly).map(({ key }) => (metaOf(key)[leave] === name ? 1 : 0)),
        ),
      ];
    });
    return [
      rowOf({
        work: `recorded, dropout at ${dropoutAt}: spread on quiet windows of an unseen ${leave} against seen ones`,
        unit: 'AUROC',
        runs: found,
        better: 'more',
      }),
    ];
  });
}
