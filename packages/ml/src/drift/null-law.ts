/**
 * What the distance of two samples is by chance alone, where rows depend on each other. The distance T = Σ w_b (q_b − p_b)² is a quadratic
 * form of bin shares, so its law follows from their covariance Ω, and Ω is the long-run covariance of bin indicators: taken from sums over
 * blocks of consecutive rows (batch means), or over whole groups where there are many (cluster-robust). Both traces of W Ω give a scaled χ²
 * (Satterthwaite 1946), the scatter of the blocks the degrees of freedom of the denominator: an F.
 */

export interface Blocks {
  /** Of each reference row; rows of a block follow each other. */
  readonly blockOf: Int32Array;
  readonly blockCount: number;
  /** Of each block: the unit that is independent of others (itself, or its group). */
  readonly unitOf: Int32Array;
  readonly unitCount: number;
}

/** The shares that each row is compared with, by their offset; −1 = there are none. */
export interface Expectation {
  readonly shares: Float64Array;
  readonly offsets: Int32Array;
}

/** Sums over blocks: their scatter is the covariance of sums of so many rows. */
export interface BlockSums {
  readonly binCount: number;
  /** blocks × bins. */
  readonly sums: Float64Array;
}

/** The F that T / scale follows by chance. */
export interface NullLaw {
  /** The mean of T. */
  readonly scale: number;
  readonly first: number;
  readonly second: number;
}

/** Sums of what each row's bin differs from its expected shares by, over blocks, weighted. */
export function blockSums(
  bins: Uint8Array,
  binCount: number,
  blocks: Blocks,
  { shares, offsets }: Expectation,
  weights: Float64Array | null,
): BlockSums {
  const sums = new Float64Array(blocks.blockCount * binCount);
  for (let i = 0; i < bins.length; i++) {
    const at = blocks.blockOf[i] * binCount;
    const weight = weights === null ? 1 : weights[i];
    if (weight === 0 || offsets[i] < 0) continue;
    for (let b = 0; b < binCount; b++) sums[at + b] -= weight * shares[offsets[i] + b];
    sums[at + bins[i]] += weight;
  }
  return { binCount, sums };
}

/** Σ s sᵀ over blocks, bins × bins. */
export function outer({ sums, binCount }: BlockSums): Float64Array {
  const total = new Float64Array(binCount * binCount);
  for (let at = 0; at < sums.length; at += binCount) {
    for (let b = 0; b < binCount; b++) {
      const left = sums[at + b];
      if (left !== 0) for (let c = 0; c < binCount; c++) total[b * binCount + c] += left * sums[at + c];
    }
  }
  return total;
}

/** Trace of W V, and of its square. */
export function traces(v: Float64Array, w: Float64Array): { readonly one: number; readonly two: number } {
  let one = 0;
  let two = 0;
  const k = w.length;
  for (let b = 0; b < k; b++) {
    one += w[b] * v[b * k + b];
    for (let c = 0; c < k; c++) two += w[b] * v[b * k + c] * w[c] * v[c * k + b];
  }
  return { one, two };
}

/**
 * The law of T = x̄ᵀ W x̄ where x̄ is a mean over `liveUnits` units like those of `blocks` and its covariance V was estimated from these. With u = sᵀ W s
 * of each unit and c² = Var u / ū²: Var T / (E T)² = (2 + (c² ν − 2) / g) / ν for g units with ν = (tr WV)² / tr (WV)², more than a Gaussian's 2 / ν
 * where some units lie far out; and the estimate of E T from C units has 2 C / c² degrees of freedom, at most those of C units of ν each.
 */
export function nullLaw(v: Float64Array, w: Float64Array, { sums, binCount }: BlockSums, blocks: Blocks, liveUnits: number): NullLaw {
  const { one, two } = traces(v, w);
  const gaussian = (one * one) / two;
  const parts = new Float64Array(blocks.unitCount);
  for (let block = 0; block < blocks.blockCount; block++) {
    for (let b = 0; b < binCount; b++) parts[blocks.unitOf[block]] += w[b] * sums[block * binCount + b] ** 2;
  }
  const count = parts.length;
  if (count < 2) return { scale: one, first: 1, second: 1 };
  let mean = 0;
  for (const part of parts) mean += part / count;
  let variance = 0;
  for (const part of parts) variance += (part - mean) ** 2 / (count - 1);
  const spread = mean > 0 ? variance / (mean * mean) : 0;
  const excess = Math.max(0, (spread * gaussian) / 2 - 1);
  const most = gaussian * (count - 1);
  return {
    scale: one,
    first: Math.max(1, gaussian / (1 + excess / Math.max(1, liveUnits))),
    second: Math.max(1, spread > 0 ? Math.min(most, (2 * count) / spread) : most),
  };
}
