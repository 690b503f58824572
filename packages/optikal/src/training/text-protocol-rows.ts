/** From judged texts to figures: rows by part left out, shares flagged and missed with their floors, curves by kind, baselines. */
import type { LabelledText } from './gateway/texts.ts';
import { meanRow, type ProtocolRow, protocolRow } from './protocol-rows.ts';
import { intervalOf } from './ranking.ts';
import { TEXT_BASELINES } from './text-baselines.ts';
import type { JudgedFold, JudgedText } from './text-protocol.ts';
import { FLOORS, type Floor } from './text-protocol-floors.ts';
import { isPage, STRIPPED_KIND } from './text-protocol-folds.ts';

/** The share of one kind of text that is flagged, if it is clean, or missed, if it is not. */
export interface ShareRow {
  readonly protocol: string;
  readonly cell: string;
  readonly what: 'flagged' | 'missed';
  readonly share: number;
  /** 95 %, whole pages resampled; null with one page. */
  readonly interval: readonly [number, number] | null;
  readonly floor: Floor | null;
  readonly n: number;
  /** Different pages. */
  readonly pages: number;
  /** The same share by baselines, in their order. */
  readonly baselines: readonly number[];
}

export interface TextCurve {
  readonly name: string;
  readonly auroc: number | null;
  /** False-positive rate, recall; ascending. */
  readonly points: readonly (readonly [number, number])[];
}

export interface TextFigures {
  readonly rows: readonly ProtocolRow[];
  readonly baselines: readonly (ProtocolRow & { readonly baseline: string })[];
  readonly shares: readonly ShareRow[];
  readonly curves: readonly TextCurve[];
}

/** Just below ½: what has it is flagged. */
const FLAGGED = 0.5 - 2 ** -54;
const RESAMPLES = 200;

interface Cell {
  readonly protocol: string;
  readonly cell: string;
  readonly judged: readonly JudgedText[];
  /** Whether it is one of the parts that the mean is taken over. */
  readonly part: boolean;
}

export function textFigures(folds: readonly JudgedFold[], seed: string): TextFigures {
  const protocols = [...Map.groupBy(folds, ({ fold }) => fold.protocol)];
  const cells = protocols.map(([protocol, own]) => cellsOf(protocol, own));
  const rowsBy = (scoreOf: (text: JudgedText) => number) =>
    cells.flatMap((own) => {
      const rows = own.parts.map((cell) => rowOf(cell, scoreOf, seed));
      const parts = rows.filter((_, i) => own.parts[i]!.part);
      if (parts.length < 2) return rows;
      return [...rows, meanRow(parts), rowOf({ ...own.parts[0]!, cell: 'pooled', judged: own.pooled }, scoreOf, seed)];
    });
  return {
    rows: rowsBy(({ score }) => score),
    baselines: TEXT_BASELINES.flatMap(({ name, score }) =>
      rowsBy(({ text }) => score(text.text)).map((row) => ({ baseline: name, ...row })),
    ),
    shares: protocols.flatMap(([protocol, own]) => sharesOf(protocol, own, seed)),
    curves: protocols.flatMap(([protocol, own]) =>
      protocol === 'suite' || protocol === 'template' ? [] : curvesOf(cellsOf(protocol, own).parts),
    ),
  };
}

/** The parts of a protocol, each with the clean texts that its hostile ones stand beside. */
function cellsOf(
  protocol: string,
  folds: readonly JudgedFold[],
): { readonly parts: readonly Cell[]; readonly pooled: readonly JudgedText[] } {
  const judged = folds.flatMap((fold) => fold.judged);
  const pooled = judged.filter(({ text }) => text.kind !== STRIPPED_KIND);
  if (protocol === 'suite') {
    const data = (texts: readonly JudgedText[]) => texts.filter(({ text }) => isPage(text) && text.kind !== STRIPPED_KIND);
    const parts = folds.map(({ fold, judged: own }) => ({ protocol, cell: fold.part, judged: data(own), part: true }));
    return { parts: parts.filter(bothLabels), pooled: data(judged) };
  }
  const hostile = new Map<string, JudgedText[]>();
  const clean = new Map<string, JudgedText[]>();
  for (const own of judged) {
    const { text } = own;
    const [map, name] = text.label === 1 ? [hostile, hostileName(text)] : [clean, familyOf(text)];
    const known = map.get(name);
    if (known === undefined) map.set(name, [own]);
    else known.push(own);
  }
  const kinds = [...hostile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cell, own]) => {
      const { text } = own[0]!; // no name without a text
      return { protocol, cell, judged: [...own, ...(clean.get(familyOf(text)) ?? [])], part: text.kind !== STRIPPED_KIND };
    });
  const given = protocol === 'train-test' ? givenCells(protocol, pooled) : [];
  return { parts: [...kinds.filter(bothLabels), ...given], pooled };
}

/**
 * With data of their own to test on: the parts that the data name, whatever they are called. A part without a clean text of its own is held
 * against those of all parts.
 */
function givenCells(protocol: string, judged: readonly JudgedText[]): Cell[] {
  const clean = judged.filter(({ text }) => text.label === 0);
  const cells = [...Map.groupBy(judged, ({ cell }) => cell)].flatMap(([cell, own]): Cell[] => {
    if (cell === null) return [];
    const beside = own.every(({ text }) => text.label === 1) ? clean : [];
    return [{ protocol, cell, judged: [...own, ...beside], part: false }];
  });
  const fresh = judged.filter(({ pageKnown }) => !pageKnown);
  if (fresh.length === judged.length || fresh.length === 0) return cells;
  return [...cells, { protocol, cell: 'pages not in training', judged: fresh, part: false }];
}

const bothLabels = ({ judged }: Pick<Cell, 'judged'>) => [0, 1].every((label) => judged.some(({ text }) => text.label === label));

/** Kind and template of a hostile text. */
function hostileName({ kind, template }: LabelledText): string {
  return template === null ? kind : `${kind}|${template}`;
}

/** What is held against each other. */
function familyOf({ kind, context: { direction } }: LabelledText): string {
  if (direction === 'input') return 'prompt';
  return kind.startsWith('tool_output') ? 'tool_output' : kind;
}

function rowOf({ protocol, cell, judged }: Cell, scoreOf: (text: JudgedText) => number, seed: string): ProtocolRow {
  return protocolRow(
    { protocol, level: 'text', plane: null, cell, against: 'benign' },
    {
      margins: judged.map(scoreOf),
      labels: Uint8Array.from(judged, ({ text }) => text.label),
      groups: judged.map(({ text }) => text.page),
      threshold: FLAGGED,
    },
    `${seed}:${protocol}:${cell}`,
  );
}

function sharesOf(protocol: string, folds: readonly JudgedFold[], seed: string): ShareRow[] {
  const cells = new Map<string, JudgedText[]>();
  for (const { fold, judged } of folds)
    for (const own of judged) {
      const { text } = own;
      if (protocol !== 'page' && protocol !== 'train-test' && !isPage(text)) continue;
      const names = protocol === 'suite' ? [`${fold.part}: ${nameOf(text)}`, nameOf(text)] : [nameOf(text)];
      for (const name of names) {
        const known = cells.get(`${text.label} ${name}`);
        if (known === undefined) cells.set(`${text.label} ${name}`, [own]);
        else known.push(own);
      }
    }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, judged]) => shareOf(protocol, name.slice(2), judged, seed));
}

const nameOf = (text: LabelledText) => (text.label === 1 ? hostileName(text) : text.kind);

function shareOf(protocol: string, cell: string, judged: readonly JudgedText[], seed: string): ShareRow {
  const hostile = judged[0]!.text.label === 1; // no cell without a text
  const what = hostile ? 'missed' : 'flagged';
  const wrong = Float64Array.from(judged, ({ score }) => (score > FLAGGED === hostile ? 0 : 1));
  const pages = judged.map(({ text }) => text.page);
  const weighted = (counts: ArrayLike<number>) => {
    let sum = 0;
    let of = 0;
    for (let i = 0; i < wrong.length; i++) {
      sum += counts[i]! * wrong[i]!;
      of += counts[i]!;
    }
    return sum / of;
  };
  const interval = intervalOf(pages, weighted, RESAMPLES, `${seed}:${protocol}:${cell}`);
  return {
    protocol,
    cell,
    what,
    share: weighted(new Uint8Array(wrong.length).fill(1)),
    interval: interval === null ? null : [interval.low, interval.high],
    floor: FLOORS.find((floor) => floor.protocol === protocol && floor.cell === cell && floor.what === what) ?? null,
    n: judged.length,
    pages: new Set(pages).size,
    baselines: TEXT_BASELINES.map(({ score }) => judged.filter(({ text }) => (score(text.text) === 1) !== hostile).length / judged.length),
  };
}

/** One curve a kind, on the folds in which its template is known. */
function curvesOf(parts: readonly Cell[]): TextCurve[] {
  return parts.map(({ cell, judged }) => {
    const sorted = judged.toSorted((a, b) => b.score - a.score);
    const positives = judged.filter(({ text }) => text.label === 1).length;
    const negatives = judged.length - positives;
    const points: [number, number][] = [[0, 0]];
    let hits = 0;
    let alarms = 0;
    sorted.forEach(({ text, score }, i) => {
      if (text.label === 1) hits++;
      else alarms++;
      if (sorted[i + 1]?.score === score) return;
      const at = alarms / negatives;
      // Of three points above each other the middle one says nothing.
      if (points.at(-2)?.[0] === at) points.pop();
      points.push([at, hits / positives]);
    });
    const area = points.slice(1).reduce((sum, [x, y], i) => sum + ((x - points[i]![0]) * (y + points[i]![1])) / 2, 0);
    return { name: cell, auroc: area, points };
  });
}
