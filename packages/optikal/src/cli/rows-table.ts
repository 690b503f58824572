/** The rows of a protocol as a terminal table, its baselines beside them. */
import type { ProtocolPage } from '../report/index.ts';
import type { ProtocolRow } from '../training/protocol-rows.ts';
import { percent } from './quantity.ts';
import { table } from './tables.ts';

const HEAD = ['left out', 'level', 'content', 'against', 'AUROC', 'AP', 'recall at 1 %', 'realised', 'n', 'positives'];

export function renderRows({ lead, notes, rows, baselines }: ProtocolPage): string {
  return [
    lead,
    table([HEAD, ...rows.map((row) => cells(row, ''))]),
    ...(baselines.length === 0
      ? []
      : ['beside it, without a fit', table([HEAD, ...baselines.map((row) => cells(row, `${row.baseline}, `))])]),
    ...notes,
  ].join('\n\n');
}

function cells({ protocol, cell, level, plane, against, auroc, ap, recallAt01, realisedFpr, n, positives }: ProtocolRow, before: string) {
  const share = (value: number | null) => (value === null ? '–' : percent(value));
  return [
    `${before}${protocol}: ${cell}`,
    level,
    plane ?? '–',
    against,
    auroc === null ? '–' : auroc.toFixed(3),
    ap === null ? '–' : ap.toFixed(3),
    share(recallAt01),
    share(realisedFpr),
    String(n),
    String(positives),
  ];
}
