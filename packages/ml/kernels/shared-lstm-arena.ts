// Where everything of one network lies. Shapes as in src/lstm/parameters.ts, each rounded up to 8; activations in panels (shared-gemm.ts), one
// such matrix a step: [T][N / 8][rows][8].

/** ARENA_START of src/kernels/instance.ts: a table of addresses, then what they point at. The order is that of ARRAYS in src/lstm/kernel/kernel.ts. */
const TABLE: usize = 65_536;
const TABLE_BYTES: usize = 512;
const ALIGNMENT: usize = 64;

/** Columns of a raw row; channels, cells and dense units, rounded up to 8. */
export let cols: i32 = 0;
export let channels: i32 = 0;
export let hidden: i32 = 0;
export let dense: i32 = 0;
/** Floats of all weights. */
export let weightCount: i32 = 0;

// The tensors, packed.
export let wx: usize = 0;
export let wh: usize = 0;
export let bias: usize = 0;
export let attentionKey: usize = 0;
export let attentionQuery: usize = 0;
export let attentionBias: usize = 0;
export let attentionSum: usize = 0;
export let denseWeights: usize = 0;
export let denseBias: usize = 0;
export let outputWeights: usize = 0;
export let outputBias: usize = 0;

// Raw values of one sequence, their scaling (doubles), and the columns that have a mask channel.
export let raw: usize = 0;
export let means: usize = 0;
export let inverses: usize = 0;
export let masked: usize = 0;

export let lengths: usize = 0;
/** −1 where a step of a row counts, [T][rows rounded up to 4]. */
export let counts: usize = 0;
export let inputs: usize = 0;
/** Gates after their functions; on the way back their gradients before them. */
export let gates: usize = 0;
export let cells: usize = 0;
export let squashed: usize = 0;
export let states: usize = 0;
export let keys: usize = 0;
export let query: usize = 0;
/** [T][rows rounded up to 4]. */
export let attention: usize = 0;
export let context: usize = 0;
export let contextFactors: usize = 0;
export let denseFactors: usize = 0;
export let droppedContext: usize = 0;
export let denseUnits: usize = 0;
export let margins: usize = 0;
export let probabilities: usize = 0;
export let zeros: usize = 0;

// Only for training and explanations.
export let gradients: usize = 0;
export let firstMoments: usize = 0;
export let secondMoments: usize = 0;
export let wxBack: usize = 0;
export let whBack: usize = 0;
export let keyBack: usize = 0;
export let queryBack: usize = 0;
export let denseBack: usize = 0;
export let marginGradients: usize = 0;
export let stateGradients: usize = 0;
export let cellGradients: usize = 0;
export let contextGradients: usize = 0;
export let queryGradients: usize = 0;
export let energyGradients: usize = 0;
export let inputGradients: usize = 0;

let end: usize = 0;
let entry: usize = 0;

function take(floats: usize): usize {
  const at = end;
  end = (end + (floats << 2) + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  store<u32>(entry, <u32>at);
  entry += 4;
  return at;
}

function tensor(floats: i32): usize {
  const at = wx + (<usize>weightCount << 2);
  weightCount += floats;
  return at;
}

// @ts-ignore: decorator
@inline
export function roundedTo8(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Rows rounded up to full vectors. */
// @ts-ignore: decorator
@inline
export function roundedTo4(n: i32): i32 {
  return (n + 3) & ~3;
}

/**
 * Lays out a network for at most `rows` sequences of at most `steps` steps at once and `passes` rows of the head; with `back` also the way back,
 * with `learn` also Adam. False where memory does not suffice.
 */
export function layOut(
  colCount: i32, channelCount: i32, hiddenCount: i32, denseCount: i32,
  steps: i32, rows: i32, passes: i32, back: i32, learn: i32,
): bool {
  cols = (colCount + 1) & ~1;
  channels = roundedTo8(channelCount);
  hidden = roundedTo8(hiddenCount);
  dense = roundedTo8(denseCount);
  const h = <usize>hidden, d = <usize>channels, e = <usize>dense, t = <usize>steps, r = <usize>rows, lanes = <usize>roundedTo4(rows);
  const heads = <usize>roundedTo4(max(passes, rows));
  entry = TABLE;
  end = TABLE + TABLE_BYTES;
  weightCount = 0;
  wx = end;
  tensor(4 * hidden * channels);
  wh = tensor(4 * hidden * hidden);
  bias = tensor(4 * hidden);
  attentionKey = tensor(hidden * hidden);
  attentionQuery = tensor(hidden * hidden);
  attentionBias = tensor(hidden);
  attentionSum = tensor(hidden);
  denseWeights = tensor(dense * hidden);
  denseBias = tensor(dense);
  outputWeights = tensor(dense);
  outputBias = tensor(8);
  const all = <usize>weightCount;
  wx = take(all);
  raw = take(2 * t * <usize>cols);
  means = take(2 * <usize>cols);
  inverses = take(2 * <usize>cols);
  masked = take(<usize>cols);
  lengths = take(lanes);
  counts = take(t * lanes);
  inputs = take(t * r * d);
  gates = take(4 * t * r * h);
  cells = take(t * r * h);
  squashed = take(t * r * h);
  states = take(t * r * h);
  keys = take(t * r * h);
  query = take(r * h);
  attention = take(t * lanes);
  context = take(r * h);
  contextFactors = take(heads * h);
  denseFactors = take(heads * e);
  droppedContext = take(heads * h);
  denseUnits = take(heads * e);
  margins = take(heads);
  probabilities = take(heads);
  zeros = take(r * h);
  if (back) {
    gradients = take(all);
    firstMoments = take(learn ? all : 0);
    secondMoments = take(learn ? all : 0);
    wxBack = take(4 * h * d);
    whBack = take(4 * h * h);
    keyBack = take(h * h);
    queryBack = take(h * h);
    denseBack = take(e * h);
    marginGradients = take(lanes);
    stateGradients = take(t * r * h);
    cellGradients = take(r * h);
    contextGradients = take(r * h);
    queryGradients = take(r * h);
    energyGradients = take((t + 1) * lanes);
    inputGradients = take(t * r * d);
  }
  const pages = <i32>((end + 65_535) >> 16) - memory.size();
  return pages <= 0 || memory.grow(pages) >= 0;
}
