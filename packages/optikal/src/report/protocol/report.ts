/**
 * What `evaluate --protocol text` and `--protocol agents` found, for the page: rows that are always in the same columns, and sections of
 * pictures that whoever measured fills. Nothing of a text or of an agent is in it but counts and figures.
 */
import type { ProtocolRow } from '../../training/protocol-rows.ts';
import type { ShareRow } from '../../training/text-protocol-rows.ts';

export interface ProtocolPage {
  readonly kind: 'protocol-rows';
  readonly about: 'text' | 'agents';
  /** Where the data are. */
  readonly source: string;
  readonly seed: string;
  /** One sentence that says it all, with its numbers. */
  readonly lead: string;
  /** What it does not show, and what was chosen how. */
  readonly notes: readonly string[];
  /** Up to five numbers to remember. */
  readonly tiles: readonly ProtocolTile[];
  readonly sections: readonly ProtocolSection[];
  readonly rows: readonly ProtocolRow[];
  /** The same columns for what needs no fit: a keyword, the number of calls, the best single feature. */
  readonly baselines: readonly BaselineRow[];
  /** Shares flagged and missed at the detector's own threshold, with their floors; absent where there are none to speak of. */
  readonly shares?: readonly ShareRow[];
}

export interface BaselineRow extends ProtocolRow {
  readonly baseline: string;
}

export interface ProtocolTile {
  readonly name: string;
  readonly value: string;
  readonly beside: string;
}

export interface ProtocolSection {
  /** Unique in its page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly cards: readonly ProtocolCard[];
}

interface CardWords {
  readonly title: string;
  /** What is seen, and how to read it. */
  readonly read: string;
}

/** One line a name: a mark between 0 and `most` for each series, in the order of `series`; null = not measured. */
export interface MarksCard extends CardWords {
  readonly form: 'marks';
  /** Of the axis: `AUROC`, `share flagged`, … */
  readonly unit: string;
  /** Left and right end of the axis. */
  readonly range: readonly [number, number];
  /** Drawn as whole percents, or with two decimals. */
  readonly percent: boolean;
  /** Up to six; the first is the detector, what follows are other planes or baselines. */
  readonly series: readonly string[];
  readonly lines: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
    /** 95 %, of the first value. */
    readonly interval?: readonly [number, number] | null;
    /** Drawn as a bar across the line. `least`: the value should not be lower, `most`: not higher. */
    readonly floor?: { readonly value: number; readonly side: 'least' | 'most' };
    /** Beside the line in the table: how many. */
    readonly count: string;
  }[];
}

/** Curves in the unit square. */
export interface CurvesCard extends CardWords {
  readonly form: 'curves';
  readonly x: {
    readonly label: string /** Of a logarithmic axis; absent = linear from 0 to `to`. */;
    readonly from?: number;
    readonly to: number;
  };
  readonly y: { readonly label: string };
  /** Steps rise to the right; `y` in [0, 1]. Up to six. */
  readonly curves: readonly {
    readonly name: string;
    /** Beside the name: an area, a median. */
    readonly value: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

/** A heading that begins with `|` is of text. */
export interface TableCard extends CardWords {
  readonly form: 'table';
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type ProtocolCard = MarksCard | CurvesCard | TableCard;
