/**
 * All weights of the network in one array, so that Adam, clipping, files and gradient checks are loops over numbers. Shapes: D channels, H
 * cells, A = H attention units, E dense units. Gates in the order input, forget, candidate, output.
 */
import type { Random } from '../random.ts';

export interface Shape {
  readonly channels: number;
  readonly hidden: number;
  readonly dense: number;
}

/** Where each tensor begins; row-major. */
export interface Layout extends Shape {
  /** 4H × D and 4H × H, and 4H biases. */
  readonly wx: number;
  readonly wh: number;
  readonly b: number;
  /** Attention: keys H × H on every step, queries H × H on the last one, H biases, H weights of the sum. */
  readonly ak: number;
  readonly aq: number;
  readonly ab: number;
  readonly av: number;
  /** Dense E × H with E biases, output E with one bias. */
  readonly dw: number;
  readonly db: number;
  readonly ow: number;
  readonly ob: number;
  readonly length: number;
}

export const TENSORS = ['wx', 'wh', 'b', 'ak', 'aq', 'ab', 'av', 'dw', 'db', 'ow', 'ob'] as const;
/** Biases are not drawn towards 0. */
const BIASES: ReadonlySet<(typeof TENSORS)[number]> = new Set(['b', 'ab', 'db', 'ob']);

export function layoutOf({ channels, hidden, dense }: Shape): Layout {
  const sizes = {
    wx: 4 * hidden * channels,
    wh: 4 * hidden * hidden,
    b: 4 * hidden,
    ak: hidden * hidden,
    aq: hidden * hidden,
    ab: hidden,
    av: hidden,
    dw: dense * hidden,
    db: dense,
    ow: dense,
    ob: 1,
  };
  let length = 0;
  const at = Object.fromEntries(
    TENSORS.map((name) => {
      const start = length;
      length += sizes[name];
      return [name, start];
    }),
  ) as Record<(typeof TENSORS)[number], number>; // one entry of each name
  return { channels, hidden, dense, ...at, length };
}

/** First position and length of a tensor. */
export function extentOf(layout: Layout, name: (typeof TENSORS)[number]): { readonly from: number; readonly to: number } {
  const next = TENSORS[TENSORS.indexOf(name) + 1];
  return { from: layout[name], to: next === undefined ? layout.length : layout[next] };
}

/** 1 for weights, 0 for biases. */
export function decayedOf(layout: Layout): Uint8Array {
  const decayed = new Uint8Array(layout.length).fill(1);
  for (const name of BIASES) {
    const { from, to } = extentOf(layout, name);
    decayed.fill(0, from, to);
  }
  return decayed;
}

/**
 * Weights uniform in ±√(6 / (in + out)) (Glorot & Bengio 2010), biases 0, but 1 for the forget gates: a new cell remembers (Jozefowicz et al.
 * 2015).
 */
export function initialWeights(layout: Layout, random: Random): Float32Array {
  const { channels, hidden, dense } = layout;
  const weights = new Float32Array(layout.length);
  const draw = (name: (typeof TENSORS)[number], fanIn: number, fanOut: number) => {
    const { from, to } = extentOf(layout, name);
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    for (let i = from; i < to; i++) weights[i] = limit * (2 * random.nextFloat() - 1);
  };
  draw('wx', channels, hidden);
  draw('wh', hidden, hidden);
  draw('ak', hidden, hidden);
  draw('aq', hidden, hidden);
  draw('av', hidden, 1);
  draw('dw', hidden, dense);
  draw('ow', dense, 1);
  weights.fill(1, layout.b + hidden, layout.b + 2 * hidden);
  return weights;
}
