/** All results as one table, and what misses its floor. */
import type { Result } from './results.ts';

/** Prints; returns how many rows miss their floor. */
export function printTable(results: readonly Result[]): number {
  const lines = results.flatMap(({ name, rows }) =>
    rows.map(({ work, unit, ours, spread, rival, ratio, floor, holds }) => [
      name,
      work,
      `${format(ours)} ${unit}`,
      `±${Math.round(spread * 50)} %`,
      floor ?? '',
      holds === null ? '' : holds ? 'holds' : 'MISSES',
      rival === null ? '' : `${rival.name} ${rival.version}: ${format(rival.value)} (${ratio}×)`,
    ]),
  );
  const table = [['bench', 'work', 'ours', 'spread', 'floor', '', 'rival'], ...lines];
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
  const missed = results.flatMap(({ rows }) => rows).filter((row) => row.holds === false);
  const floors = results.flatMap(({ rows }) => rows).filter((row) => row.floor !== null).length;
  console.log(`\n${floors} floors, ${missed.length === 0 ? 'all hold' : `${missed.length} missed:`}`);
  for (const { work, unit, ours, floor } of missed) console.log(`  ${work}: ${format(ours)} ${unit}, floor ${floor}`);
  for (const made of new Set(results.map(({ commit, machine, node }) => `commit ${commit}, Node ${node}, ${machine}`))) console.log(made);
  return missed.length;
}

function format(value: number): string {
  return Math.abs(value) >= 1000 ? value.toLocaleString('en', { maximumFractionDigits: 0 }) : String(value);
}
