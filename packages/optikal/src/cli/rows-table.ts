/** The rows of a protocol as a terminal table, the baselines of its wholes beside them; parts of parts stand on the page and in the JSON. */
import type { ProtocolPage } from '../report/index.ts';
import type { ProtocolRow } from '../training/protocol-rows.ts';
import type { ShareRow } from '../training/text-protocol-rows.ts';
import { percent } from './quantity.ts';
import { table } from './tables.ts';

const HEAD = ['left out', 'level', 'content', 'against', 'AUROC', 'AP', 'recall at 1 %', 'realised', 'n', 'positives'];

const SHARES_HEAD = ['left out', 'what', 'share', '95 %', 'floor', 'texts', 'pages'];

export function renderRows({ lead, notes, rows, baselines, shares = [] }: ProtocolPage): string {
  return [
    lead,
    table([HEAD, ...rows.map((row) => cells(row, ''))]),
    ...(baselines.length === 0
      ? []
      : ['beside it, without a fit', table([HEAD, ...baselines.filter(isWhole).map((row) => cells(row, `${row.baseline}, `))])]),
    ...(shares.length === 0
      ? []
      : [
          'flagged and missed at the own threshold',
          table([SHARES_HEAD, ...shares.filter(({ cell }) => !cell.includes(': ')).map(shareCells)]),
        ]),
    ...notes,
  ].join('\n\n');
}

const isWhole = ({ cell }: ProtocolRow) => cell === 'pooled' || cell === 'mean';

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

function shareCells({ protocol, cell, what, share, interval, floor, n, pages }: ShareRow) {
  return [
    `${protocol}: ${cell}`,
    what,
    percent(share),
    interval === null ? '–' : `${percent(interval[0])} to ${percent(interval[1])}`,
    floor === null ? '–' : `${percent(floor.most)}${share > floor.most ? ', behind' : ''}`,
    String(n),
    String(pages),
  ];
}
