/**
 * Every way this package can refuse its input, as a closed list of codes. `docs/errors.md` is tested against
 * it, so a code that is not listed here can't be thrown.
 */

/** What each code means, one line each. */
export const ML_ERROR_CODES = {
  ML_EMPTY_INPUT: 'there are no rows, columns or items to work on, or fewer than the method needs',
  ML_SHAPE_MISMATCH: 'a row, matrix or vector has another length than its partner or its model',
  ML_INFINITE_VALUE: 'a value is infinite where a finite value, or NaN for missing, is expected',
  ML_NOT_FINITE: 'a value is NaN or infinite where a finite value is expected',
  ML_BAD_LABEL: 'a label is neither 0 nor 1',
  ML_BAD_CLASS: 'a label is not the number of a class',
  ML_SINGLE_CLASS: 'all labels are equal where two classes are needed',
  ML_BAD_WEIGHT: 'a row weight is negative or not finite, or all weights are zero',
  ML_UNKNOWN_OPTION: 'an option of that name does not exist',
  ML_BAD_OPTION: 'an option or argument is outside its range',
  ML_BAD_TREE: 'a tree ensemble breaks its own rules: an index, a threshold, a value or a cover',
  ML_FILE_MAGIC: 'the bytes are not a model file of this package',
  ML_FILE_VERSION: 'the model file has a format version that this release does not read',
  ML_FILE_TRUNCATED: 'the model file is shorter or longer than its header says',
  ML_FILE_CORRUPT: 'the model file fails its integrity check, or its header does not parse',
  ML_FILE_KIND: 'the model file holds another kind of model than expected',
  ML_KERNEL_REFUSED: 'the runtime refuses the WebAssembly module of a kernel, or the memory it needs',
} as const;

/** One of the codes of `ML_ERROR_CODES`. */
export type MlErrorCode = keyof typeof ML_ERROR_CODES;

/** The message of each code; `{name}` stands for a value of the occasion. */
export const ML_ERROR_PATTERNS: Readonly<Record<MlErrorCode, string>> = {
  ML_EMPTY_INPUT: '`{name}` must hold at least {expected}, found {found}',
  ML_SHAPE_MISMATCH: '`{name}` must have length {expected}, found {found}',
  ML_INFINITE_VALUE: '`{name}` must hold finite values or NaN, found {found} at position {position}',
  ML_NOT_FINITE: '`{name}` must hold finite values, found {found} at position {position}',
  ML_BAD_LABEL: '`{name}` must hold 0 or 1, found {found} at position {position}',
  ML_BAD_CLASS: '`{name}` must hold integers from 0 to {expected}, found {found} at position {position}',
  ML_SINGLE_CLASS: '`{name}` must hold two classes at least, found only {found}',
  ML_BAD_WEIGHT: '`{name}` must hold finite weights of at least 0 with a positive sum, found {found}',
  ML_UNKNOWN_OPTION: 'unknown option `{name}`, expected one of {expected}',
  ML_BAD_OPTION: '`{name}` must be {expected}, found {found}',
  ML_BAD_TREE: 'tree ensemble: {name} must be {expected}, found {found}',
  ML_FILE_MAGIC: 'model file: expected the magic `{expected}`, found {found}',
  ML_FILE_VERSION: 'model file: expected format version {expected}, found {found}',
  ML_FILE_TRUNCATED: 'model file: expected {expected} bytes, found {found}',
  ML_FILE_CORRUPT: 'model file: {name} must be {expected}, found {found}',
  ML_FILE_KIND: 'model file: expected the kind {expected}, found {found}',
  ML_KERNEL_REFUSED: 'kernel `{name}`: expected {expected}, found {found}',
};

/** The values that fill a pattern. */
export interface MlErrorValues {
  readonly name?: string;
  readonly expected?: string | number;
  readonly found?: string | number;
  readonly position?: number;
}

/**
 * A refusal of this package. `code` is one of `ML_ERROR_CODES`; the message follows the code's pattern.
 *
 * @example
 * try { fitIsolationForest(matrix, { treeCount: 0 }); } catch (error) { if (error instanceof MlError) error.code; }
 */
export class MlError extends Error {
  readonly code: MlErrorCode;

  constructor(code: MlErrorCode, values: MlErrorValues) {
    super(fill(ML_ERROR_PATTERNS[code], values));
    this.name = 'MlError';
    this.code = code;
  }
}

function fill(pattern: string, values: MlErrorValues): string {
  return pattern.replace(/\{(name|expected|found|position)\}/g, (_, key: keyof MlErrorValues) => String(values[key] ?? 'nothing'));
}
