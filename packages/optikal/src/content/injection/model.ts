/**
 * The fitted detector. A segment's margin is linear in its n-grams and features, by one head for what an agent reads and says and one for
 * what its user writes, where commands are the rule; a text has the margin of its most suspicious segment, calibrated for its direction.
 */
import { calibratedLogOdds, logistic, type PlattCalibration } from '@optikal/ml';
import type { Direction, InjectionDetector, InjectionVerdict, TextContext } from './contract.ts';
import { type Caution, cautionOf } from './familiarity.ts';
import { featureIndex } from './features.ts';
import { encodeInjectionModel } from './file.ts';
import { createTextReader, type SegmentRow, type TextReader, tokenValue } from './rows.ts';
import { BLOCK_COLS, TOKEN_COLS } from './tokens.ts';

/** Weights of a linear model over `ROW_COLS` columns, zeros included. */
export interface Head {
  readonly weights: Float32Array;
  readonly intercept: number;
}

export const HEADS = ['data', 'input'] as const;
export type HeadName = (typeof HEADS)[number];

/** Output is judged as data is: what an agent hands on is read by the next one. */
export function headOf(direction: Direction): HeadName {
  return direction === 'input' ? 'input' : 'data';
}

/** What a text is calibrated as: its direction, or by itself, where nobody says what was asked for or which tool returned it. */
export const PLACES = ['input', 'tool_output', 'output', 'alone'] as const;
export type Place = (typeof PLACES)[number];

export function placeOf({ direction, request, tool }: TextContext): Place {
  return direction === 'tool_output' && request === null && tool === null ? 'alone' : direction;
}

/** Whether what is known of clean pages counts: a text by itself is held against no page, nor is what a user types. */
export function isCompared(place: Place): boolean {
  return place === 'tool_output' || place === 'output';
}

export interface InjectionModelParts {
  readonly heads: Readonly<Record<HeadName, Head>>;
  /** Letters of the clean pages that were learnt from, see `knownLetters`; empty = pages are not compared with them. */
  readonly known: Int32Array;
  readonly calibrations: Readonly<Record<Place, PlattCalibration>>;
}

/** An instruction that the user gave is no injection: a rule, since recorded pages do not show enough of it to learn from. */
const ASKED_DISCOUNT = 10;
const ASKED = featureIndex('mostly_in_request');
/** Of a text without a segment: nothing is in it. */
const NOTHING = -30;
const MOST_SPANS = 16;

/** A row's margin under a head. */
export function marginOf({ weights, intercept }: Head, columns: Int32Array, features: Float32Array): number {
  let shapes = 0;
  let letters = 0;
  let letterCount = 0;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    if (column < BLOCK_COLS) shapes += weights[column]!;
    else {
      letters += weights[column]!;
      letterCount++;
    }
  }
  let margin = intercept + shapes * tokenValue(columns.length - letterCount) + letters * tokenValue(letterCount);
  margin -= ASKED_DISCOUNT * features[ASKED]!;
  for (let f = 0; f < features.length; f++) margin += weights[TOKEN_COLS + f]! * features[f]!;
  return margin;
}

/** Made by `fitGateway` of training or `decodeInjectionModel`. Immutable. */
export class InjectionModel implements InjectionDetector {
  readonly parts: InjectionModelParts;
  readonly #reader: TextReader;
  readonly #caution: Caution;

  constructor(parts: InjectionModelParts) {
    this.parts = parts;
    this.#reader = createTextReader();
    this.#caution = cautionOf(parts.known);
  }

  judge(text: string, context: TextContext): InjectionVerdict {
    const rows = this.#reader.read(text, context);
    const place = placeOf(context);
    const margins = rows.map(({ columns, features }) => this.marginOf(context.direction, columns, features));
    const top = margins.reduce((best, margin, r) => (best < 0 || margin > margins[best]! ? r : best), -1);
    const taken = top >= 0 && isCompared(place) ? this.#caution.of(rows, rows[top]!) : 0;
    return this.verdictOf(
      rows,
      margins.map((margin) => margin - taken),
      place,
    );
  }

  /** Of one segment. */
  marginOf(direction: Direction, columns: Int32Array, features: Float32Array): number {
    return marginOf(this.parts.heads[headOf(direction)], columns, features);
  }

  /** Calibrated score of a margin, 0–1. */
  scoreOf(place: Place, margin: number): number {
    return logistic(calibratedLogOdds(this.parts.calibrations[place], margin));
  }

  verdictOf(rows: readonly Pick<SegmentRow, 'span'>[], margins: readonly number[], place: Place): InjectionVerdict {
    const margin = margins.reduce((most, next) => Math.max(most, next), NOTHING);
    const score = this.scoreOf(place, margin);
    const flagged = score >= 0.5;
    const spans = rows
      .map(({ span: { start, end } }, r) => ({ start, end, score: this.scoreOf(place, margins[r]!) }))
      .filter((span) => span.score >= 0.5)
      .sort((a, b) => b.score - a.score || a.start - b.start)
      .slice(0, MOST_SPANS);
    return { margin, score, flagged, spans };
  }

  encode(): Uint8Array {
    return encodeInjectionModel(this.parts);
  }
}
