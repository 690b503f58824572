/**
 * Boosting beside LightGBM and scikit-learn's HistGradientBoosting: the same rows, the same settings, one thread each. Made-up rows are split
 * once; the public sets are judged out of fold. The rivals need `bench/rivals/setup.sh`.
 */
import { type Figures, measureOurs, measureRivals, type ParitySet, paritySets, type Rival } from './rivals/boosting.ts';
import { type Row, rowOf } from './support/rows.ts';

export const name = 'boosting-parity';
export const title =
  'boosting against LightGBM and HistGradientBoosting, 200 trees × 31 leaves: 80,000 × 18 rows fitted, 20,000 judged; public sets';

const RUNS = 3;
/** As good as the rivals: so far may ours be away from theirs, on every set. */
const TOLERANCE = 0.005;

export async function run(): Promise<Row[]> {
  const sets = paritySets();
  const rivals = Object.entries(measureRivals(sets, RUNS));
  return sets.flatMap((set) => {
    const ours = measureOurs(set, RUNS);
    return rivals.flatMap(([rival, found]) => rowsOf(set, ours, rival, found));
  });
}

function rowsOf({ name: set, matrix }: ParitySet, ours: Figures, rival: string, { version, sets }: Rival): Row[] {
  const theirs = sets[set];
  const of = `${set}, ${matrix.rows} rows`;
  const beside = (value: number | readonly number[]) => ({ name: rival, version, runs: typeof value === 'number' ? [value] : value });
  return [
    rowOf({ work: `${of}: AUROC`, unit: '', runs: [ours.auroc], better: 'more', rival: beside(theirs.auroc) }),
    rowOf({ work: `${of}: log loss`, unit: '', runs: [ours.logLoss], better: 'less', rival: beside(theirs.logLoss) }),
    rowOf({
      work: `${of}: AUROC away from ${rival}`,
      unit: '',
      runs: [Math.abs(ours.auroc - theirs.auroc)],
      better: 'less',
      floor: TOLERANCE,
    }),
    rowOf({
      work: `${of}: log loss away from ${rival}`,
      unit: '',
      runs: [Math.abs(ours.logLoss - theirs.logLoss)],
      better: 'less',
      floor: TOLERANCE,
    }),
    rowOf({ work: `${of}: fit`, unit: 's of processor time', runs: ours.seconds, better: 'less', rival: beside(theirs.seconds) }),
  ];
}
