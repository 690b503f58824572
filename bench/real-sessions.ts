/**
 * What the ensemble is worth on real agents that it has not seen: recorded sessions, acted against neither, doubtful runs left out. Leaving a
 * suite out is the honest figure, a model the easy one. Content none = no gateway; oracle = every injected output is known, an upper bound.
 * Tools none = nobody wrote a tools.yaml. Three seeds of folds and models on the same sessions.
 */
import { join, resolve } from 'node:path';
import { openDataSource } from '../packages/optikal/src/services/data-source.ts';
import type { ContentPlane } from '../packages/optikal/src/services/recorded-source.ts';
import { catalogueOf, extractSource } from '../packages/optikal/src/services/train.ts';
import { leaveOneOut, type ProtocolResult, permutedAuroc } from '../packages/optikal/src/training/protocol.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'real-sessions';
export const title = 'AUROC on recorded sessions of a suite, or a model, left out; 472 sessions, 3 seeds';

const SEEDS = ['1', '2', '3'];
const PERMUTATIONS = 20;
/** As in packages/optikal/test/real-sessions.test.ts: a chance figure needs no strong model. */
const PERMUTED_THINNING = 4;
const FLOORS = { suite: 0.77, model: 0.82 } as const;

interface Setting {
  readonly content: ContentPlane;
  readonly useTools: boolean;
  readonly leave: 'suite' | 'model';
}

const SETTINGS: readonly Setting[] = [
  { content: 'none', useTools: true, leave: 'suite' },
  { content: 'none', useTools: true, leave: 'model' },
  { content: 'none', useTools: false, leave: 'suite' },
  { content: 'none', useTools: false, leave: 'model' },
  { content: 'oracle', useTools: true, leave: 'suite' },
  { content: 'oracle', useTools: true, leave: 'model' },
];

export async function run(): Promise<Row[]> {
  const folder = join(resolve(import.meta.dirname, '..', process.env.OPTIKAL_DATA ?? '../shared/data'), 'agents');
  const rows: Row[] = [];
  for (const { content, useTools, leave } of SETTINGS) {
    const source = openDataSource(folder, { content });
    const { dataset } = extractSource(source, catalogueOf(source, useTools));
    const options = { samples: dataset.samples, metaOf: source.metaOf!, leave }; // recorded agents have it
    const found = SEEDS.map((seed) => leaveOneOut({ ...options, seed }));
    const label = `one ${leave} out, content ${content}, tools ${useTools ? 'data' : 'none'}`;
    const plain = content === 'none' && useTools;
    rows.push(
      rowOf({
        work: `${label}: AUROC${intervalOf(found[0])}`,
        unit: '',
        runs: found.map(({ pooled }) => pooled.auroc.value),
        better: 'more',
        ...(plain ? { floor: FLOORS[leave] } : {}),
        rival: { name: 'best single feature', version: found[0].baselines.bestFeature.name, runs: [found[0].baselines.bestFeature.auroc] },
      }),
      ...found[0].pooled.recallAtFpr.map(({ fpr }, i) =>
        rowOf({
          work: `${label}: recall at FPR ${fpr}`,
          unit: '',
          runs: found.map(({ pooled }) => pooled.recallAtFpr[i].recall.value),
          better: 'more',
        }),
      ),
    );
    if (!plain) continue;
    rows.push(rowOf({ work: `${label}: number of calls alone, AUROC`, unit: '', runs: [found[0].baselines.callCount], better: 'more' }));
    rows.push(
      rowOf({
        work: `${label}: best stump (${found[0].baselines.bestStump.name})`,
        unit: 'balanced accuracy',
        runs: [found[0].baselines.bestStump.balancedAccuracy],
        better: 'more',
      }),
    );
    if (leave === 'model') continue;
    const permuted = permutedAuroc({ ...options, seed: '1' }, PERMUTATIONS, PERMUTED_THINNING);
    const mean = permuted.reduce((sum, value) => sum + value, 0) / permuted.length;
    rows.push(
      rowOf({
        work: `${label}: permuted labels, |mean − 0.5| of ${PERMUTATIONS}`,
        unit: '',
        runs: [Math.abs(mean - 0.5)],
        better: 'less',
        floor: 0.03,
      }),
    );
  }
  return rows;
}

function intervalOf({ pooled }: ProtocolResult): string {
  const { interval } = pooled.auroc;
  return interval === null ? '' : ` [${interval.low.toFixed(2)}–${interval.high.toFixed(2)}]`;
}
