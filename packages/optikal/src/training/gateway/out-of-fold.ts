/** Margins of texts by heads that learnt from texts of other pages. */
import { createRandom } from '@optikal/ml';
import { type Caution, cautionOf, type PlacedRow } from '../../content/injection/familiarity.ts';
import { headOf, isCompared, marginOf, placeOf } from '../../content/injection/model.ts';
import { type FittedHeads, fitHeads, rowsWithout } from './heads.ts';
import type { GatewayRows } from './prepare.ts';
import type { GatewayFitOptions } from './texts.ts';

export const FOLDS = 3;
/** Of a text without a segment. */
const NOTHING = -30;

/** A text before and after what its page takes: thresholds are set by the first, so that what a page takes comes on top of them. */
export interface TextMargins {
  readonly plain: number;
  readonly margin: number;
}

/** Of each text of `rows`, by the heads that were fitted on the other folds. */
export function outOfFold(
  prepared: GatewayRows,
  rows: Int32Array,
  foldOf: ArrayLike<number>,
  folds: number,
  options: GatewayFitOptions,
): TextMargins[] {
  const margins = Array.from(rows, (): TextMargins => ({ plain: NOTHING, margin: NOTHING }));
  for (let fold = 0; fold < folds; fold++) {
    const others = rows.filter((_, i) => foldOf[i] !== fold);
    const judge = createTextJudge(prepared, fitHeads(prepared, rowsWithout(prepared, others, options), options));
    rows.forEach((t, i) => {
      if (foldOf[i] === fold) margins[i] = judge(t);
    });
  }
  return margins;
}

/** The margins of a prepared text, as `InjectionModel.judge` says; rows that texts share are scored once. */
export function createTextJudge(
  { texts, rows, firsts, rowOf, starts, ends }: GatewayRows,
  fitted: FittedHeads,
): (t: number) => TextMargins {
  const known = { data: new Map<number, number>(), input: new Map<number, number>() };
  const caution = cautionOf(fitted.known);
  return (t) => {
    const { context } = texts[t]!;
    const name = headOf(context.direction);
    let most = NOTHING;
    let top = -1;
    for (let s = firsts[t]!; s < firsts[t + 1]!; s++) {
      const row = rowOf[s]!;
      let score = known[name].get(row);
      if (score === undefined) {
        score = marginOf(fitted.heads[name], rows[row]!.columns, rows[row]!.features);
        known[name].set(row, score);
      }
      if (top >= 0 && score <= most) continue;
      most = score;
      top = s;
    }
    const taken = top >= 0 && isCompared(placeOf(context)) ? takenOf(caution, t, top) : 0;
    return { plain: Math.max(NOTHING, most), margin: Math.max(NOTHING, most - taken) };
  };

  function takenOf(caution: Caution, t: number, top: number): number {
    const placed: PlacedRow[] = [];
    for (let s = firsts[t]!; s < firsts[t + 1]!; s++)
      placed.push({ span: { start: starts[s]!, end: ends[s]! }, columns: rows[rowOf[s]!]!.columns });
    return caution.of(placed, placed[top - firsts[t]!]!);
  }
}

/** Pages stay whole. */
export function innerFolds({ texts }: GatewayRows, rows: Int32Array, seed: string): Int32Array {
  const random = createRandom(seed).fork('folds');
  const foldOf = new Map<string, number>();
  return Int32Array.from(rows, (t) => {
    const { page } = texts[t]!;
    const fold = foldOf.get(page) ?? random.nextInt(FOLDS);
    foldOf.set(page, fold);
    return fold;
  });
}
