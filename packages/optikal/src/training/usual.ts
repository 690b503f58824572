/** The usual value of each feature: its median over rows in which it was observed; NaN = never. */

/** A median needs no more rows than this: every n-th is taken. */
const MAX_ROWS = 2000;

export function usualValues(all: readonly ArrayLike<number>[], columns: number): Float64Array {
  const stride = Math.ceil(all.length / MAX_ROWS);
  const rows = all.filter((_, i) => i % stride === 0);
  return Float64Array.from({ length: columns }, (_, column) => {
    const values = Float64Array.from(rows.map((row) => row[column]!).filter((value) => !Number.isNaN(value))).sort();
    return values.length === 0 ? Number.NaN : values[values.length >> 1]!;
  });
}
