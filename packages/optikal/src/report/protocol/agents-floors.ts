/** The floors that the agents protocol is held against, pooled over the parts that were left out. */
import type { ProtocolRow } from '../../training/protocol-rows.ts';

type Figure = 'auroc' | 'recallAt01';

export interface AgentsFloor {
  /** In words. */
  readonly name: string;
  readonly row: ProtocolRow;
  readonly figure: Figure;
  readonly least: number;
  readonly value: number | null;
}

type Wanted = Pick<ProtocolRow, 'protocol' | 'level' | 'plane' | 'against'> & { readonly auroc: number; readonly recallAt01?: number };

const WANTED: readonly Wanted[] = [
  { protocol: 'model', level: 'window', plane: 'none', against: 'benign', auroc: 0.93, recallAt01: 0.35 },
  { protocol: 'suite', level: 'window', plane: 'none', against: 'benign', auroc: 0.84, recallAt01: 0.1 },
  { protocol: 'model', level: 'window', plane: 'real', against: 'benign', auroc: 0.995, recallAt01: 0.95 },
  { protocol: 'suite', level: 'window', plane: 'real', against: 'benign', auroc: 0.985, recallAt01: 0.93 },
  { protocol: 'model+template', level: 'window', plane: 'real', against: 'benign', auroc: 0.97, recallAt01: 0.6 },
  { protocol: 'suite+template', level: 'window', plane: 'real', against: 'benign', auroc: 0.9, recallAt01: 0.25 },
  { protocol: 'model', level: 'window', plane: 'real', against: 'ignored', auroc: 0.92 },
  { protocol: 'suite', level: 'window', plane: 'real', against: 'ignored', auroc: 0.86 },
  { protocol: 'model', level: 'run', plane: 'real', against: 'benign', auroc: 0.998 },
  { protocol: 'suite', level: 'run', plane: 'real', against: 'benign', auroc: 0.985 },
  { protocol: 'model', level: 'session', plane: null, against: 'benign', auroc: 0.93, recallAt01: 0.65 },
  { protocol: 'suite', level: 'session', plane: null, against: 'benign', auroc: 0.92, recallAt01: 0.62 },
];

const FIGURES = { auroc: 'AUROC', recallAt01: 'recall at 1 %' } as const;

export function floorsOf(rows: readonly ProtocolRow[]): AgentsFloor[] {
  return WANTED.flatMap((wanted) => {
    const row = rows.find(
      ({ protocol, level, plane, against, cell }) =>
        cell === 'pooled' && protocol === wanted.protocol && level === wanted.level && plane === wanted.plane && against === wanted.against,
    );
    if (row === undefined) return [];
    return (['auroc', 'recallAt01'] as const).flatMap((figure): AgentsFloor[] => {
      const least = wanted[figure];
      if (least === undefined) return [];
      const where = `${wanted.level}s, ${wanted.protocol} left out${wanted.plane === null ? '' : `, gateway ${wanted.plane}`}`;
      const name = `${FIGURES[figure]} of ${where}${wanted.against === 'ignored' ? ', against ignored' : ''}`;
      return [{ name, row, figure, least, value: row[figure] }];
    });
  });
}
