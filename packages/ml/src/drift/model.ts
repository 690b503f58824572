/** A fitted drift reference and its model file: the codes of the reference rows, so that any part of them can be compared with a live part. */
import { MlError } from '../errors.ts';
import { arrayOf, type ModelContent, numberOf, readModelFile, writeModelFile } from '../model-file.ts';
import { type Cells, MISSING } from './cells.ts';
import { DriftDetector } from './detector.ts';
import { type DriftDetectorOptions, resolveBufferSize } from './options.ts';

/** The kind in the header of a model file. */
export const DRIFT_KIND = 'drift';
/** As for trees: a file may not ask for rows without end. */
const MAX_FEATURES = 65_536;

/** What a reference holds. */
export interface DriftParts {
  /** Columns of the rows that `update` takes; some of them are compared. */
  readonly featureCount: number;
  readonly columns: Int32Array;
  readonly names: readonly string[];
  readonly cells: readonly Cells[];
  /** Column by column, the cell of each row or MISSING; rows ordered by group and time. */
  readonly codes: Uint8Array;
  readonly times: Float64Array;
  /** Numbers from 0, ascending. */
  readonly groups: Int32Array;
  readonly watch: number;
  readonly retrain: number;
  readonly level: number;
}

/** Made by `fitDrift` or `decodeDrift`; immutable. */
export class DriftReference {
  readonly kind = DRIFT_KIND;
  readonly featureCount: number;
  /** Names of the features that are compared. */
  readonly names: readonly string[];
  readonly rowCount: number;
  readonly parts: DriftParts;

  constructor(parts: DriftParts) {
    this.parts = parts;
    this.featureCount = parts.featureCount;
    this.names = parts.names;
    this.rowCount = parts.times.length;
  }

  /** A detector with an empty buffer. ML_UNKNOWN_OPTION, ML_BAD_OPTION. */
  detector(options: DriftDetectorOptions = {}): DriftDetector {
    return new DriftDetector(this.parts, resolveBufferSize(options));
  }

  /** The model file; the same reference gives the same bytes. */
  encode(): Uint8Array {
    const { featureCount, columns, names, cells, codes, times, groups, watch, retrain, level } = this.parts;
    return writeModelFile({
      kind: DRIFT_KIND,
      numbers: { featureCount, watch, retrain, level },
      arrays: {
        columns,
        names: new TextEncoder().encode(JSON.stringify(names)),
        edgeCounts: Int32Array.from(cells, ({ edges }) => edges.length),
        edges: Float64Array.from(cells.flatMap(({ edges }) => [...edges])),
        bins: Uint8Array.from(cells.flatMap(({ binOf }) => [...binOf])),
        codes,
        times,
        groups,
      },
    });
  }
}

/**
 * The reference of a model file: same summaries, same bytes again. ML_FILE_MAGIC, ML_FILE_VERSION, ML_FILE_TRUNCATED, ML_FILE_CORRUPT,
 * ML_FILE_KIND.
 */
export function decodeDrift(bytes: Uint8Array): DriftReference {
  return driftOf(readModelFile(bytes));
}

/** The reference of what a model file holds. ML_FILE_KIND, ML_FILE_CORRUPT. */
export function driftOf(content: ModelContent): DriftReference {
  if (content.kind !== DRIFT_KIND) throw new MlError('ML_FILE_KIND', { expected: DRIFT_KIND, found: `\`${content.kind}\`` });
  const featureCount = numberOf(content, 'featureCount');
  const columns = arrayOf(content, 'columns', Int32Array);
  const times = arrayOf(content, 'times', Float64Array);
  const groups = arrayOf(content, 'groups', Int32Array);
  const codes = arrayOf(content, 'codes', Uint8Array);
  const names = namesOf(arrayOf(content, 'names', Uint8Array));
  const rows = times.length;
  hold(Number.isInteger(featureCount) && featureCount > 0 && featureCount <= MAX_FEATURES, 'featureCount', `from 1 to ${MAX_FEATURES}`);
  hold(columns.length > 0 && columns.every((c, i) => c < featureCount && c > (i === 0 ? -1 : columns[i - 1])), 'columns', 'ascending');
  hold(names.length === columns.length && new Set(names).size === names.length, 'names', 'a distinct name a column');
  hold(rows > 0 && times.every(Number.isFinite), 'times', 'finite');
  const runs = groups.every((g, i) => (i === 0 ? g === 0 : g === groups[i - 1] || g === groups[i - 1] + 1));
  hold(groups.length === rows && runs, 'groups', 'numbers that ascend from 0, one a row');
  hold(codes.length === rows * columns.length, 'codes', `of length ${rows * columns.length}`);
  const cells = cellsOf(content, columns.length);
  const known = (code: number, i: number): boolean => code === MISSING || code <= cells[Math.floor(i / rows)].edges.length;
  hold(codes.every(known), 'codes', 'known cells');
  const [watch, retrain, level] = [numberOf(content, 'watch'), numberOf(content, 'retrain'), numberOf(content, 'level')];
  hold(watch > 0 && retrain >= watch && level > 0 && level <= 0.5, 'bands and level', 'within their ranges');
  return new DriftReference({ featureCount, columns, names, cells, codes, times, groups, watch, retrain, level });
}

function cellsOf(content: ModelContent, count: number): Cells[] {
  const edgeCounts = arrayOf(content, 'edgeCounts', Int32Array);
  const edges = arrayOf(content, 'edges', Float64Array);
  const bins = arrayOf(content, 'bins', Uint8Array);
  hold(edgeCounts.length === count && edgeCounts.every((n) => n >= 0 && n < MISSING), 'edgeCounts', 'one a column, below 255');
  const total = edgeCounts.reduce((sum, n) => sum + n, 0);
  hold(edges.length === total && bins.length === total + count, 'edges', `of length ${total}, and bins of ${total + count}`);
  let at = 0;
  return Array.from(edgeCounts, (n, column) => {
    const own = edges.slice(at, at + n);
    const binOf = bins.slice(at + column, at + column + n + 1);
    at += n;
    hold(
      own.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > own[i - 1])),
      'edges',
      'ascending',
    );
    const steps = binOf.every((bin, i) => (i === 0 ? bin === 0 : bin === binOf[i - 1] || bin === binOf[i - 1] + 1));
    hold(steps, 'bins', 'ascending from 0');
    return { edges: own, binOf, binCount: binOf[n] + 2 };
  });
}

function namesOf(bytes: Uint8Array): string[] {
  try {
    const names: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch {
    // Refused below, as what is JSON and no list of names.
  }
  throw new MlError('ML_FILE_CORRUPT', { name: 'array `names`', expected: 'a JSON list of names', found: 'something else' });
}

function hold(holds: boolean, name: string, expected: string): void {
  if (!holds) throw new MlError('ML_FILE_CORRUPT', { name: `\`${name}\``, expected, found: 'something else' });
}
