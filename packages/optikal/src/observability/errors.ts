/** The closed list of codes with which logging refuses to be set up. Once it is, nothing that happens to it is an error. */

export const LOG_ERRORS = {
  log_unwritable: 'the log file cannot be opened for writing',
} as const;
export type LogErrorCode = keyof typeof LOG_ERRORS;

export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
