/**
 * The closed list of codes with which the server answers or refuses to start. An answer says its code and the sentence beside it, and nothing
 * of the request: what was sent may be content.
 */

/** Code → what it means, one line each; docs/errors.md is tested against it. */
export const HTTP_ERRORS = {
  bad_request: 'the request is not well-formed HTTP, or ended before its end',
  invalid_json: 'the body is not JSON in UTF-8; nothing of it was taken',
  batch_invalid: 'the body of a batch is not a JSON array',
  body_invalid: 'the body does not have the fields that are asked for',
  query_invalid: 'a query parameter is unknown, repeated or outside its range',
  cursor_invalid: 'the cursor is not one that was given out',
  credential_missing: 'the request needs `Authorization: Bearer KEY`',
  credential_invalid: 'the key is not known',
  role_forbidden: 'the role of the key does not allow this',
  loopback_only: 'without keys only this machine is served, under a loopback name',
  not_found: 'there is nothing at this path',
  method_not_allowed: 'the path is known, the method is not',
  request_timeout: 'the request took too long to arrive',
  too_large: 'the body is larger than its limit',
  batch_too_long: 'the batch holds more events than its limit',
  uri_too_long: 'the URL is longer than its limit',
  content_type_unsupported: 'the content type is not supported here',
  content_encoding_unsupported: 'the content encoding is not supported; send the body as it is',
  control_refused: 'the change was refused, for the reason given',
  overloaded: 'too much waits already; nothing of the request was taken, try again later',
  streams_exhausted: 'too many clients follow the alerts already',
  headers_too_large: 'the headers are larger than their limit',
  internal: 'the server failed; the log has the place',
  bus_unavailable: 'the log cannot be written or read at the moment',
  control_unavailable: 'this server takes no control requests',
  closing: 'the server is closing',
  disk_full: 'there is no space left; nothing that was accepted is lost, try again later',
  keys_required: 'without keys the server binds to 127.0.0.1 only',
  keys_invalid: 'the keys file does not map SHA-256 values to a tenant and a role',
  option_invalid: 'an option of the server is outside its range',
} as const;
export type HttpErrorCode = keyof typeof HTTP_ERRORS;
/** Codes with which a server refuses to start; no answer carries them. */
export type StartErrorCode = 'keys_required' | 'keys_invalid' | 'option_invalid';
export type AnswerCode = Exclude<HttpErrorCode, StartErrorCode>;

export const HTTP_STATUS: Readonly<Record<AnswerCode, number>> = {
  bad_request: 400,
  invalid_json: 400,
  batch_invalid: 400,
  body_invalid: 400,
  query_invalid: 400,
  cursor_invalid: 400,
  credential_missing: 401,
  credential_invalid: 401,
  role_forbidden: 403,
  loopback_only: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  too_large: 413,
  batch_too_long: 413,
  uri_too_long: 414,
  content_type_unsupported: 415,
  content_encoding_unsupported: 415,
  control_refused: 422,
  overloaded: 429,
  streams_exhausted: 429,
  headers_too_large: 431,
  internal: 500,
  bus_unavailable: 503,
  control_unavailable: 503,
  closing: 503,
  disk_full: 507,
};

/** Codes after which the same request may succeed, and in how many seconds it is worth a try. */
export const RETRY_AFTER_SECONDS: Readonly<Partial<Record<AnswerCode, number>>> = {
  overloaded: 1,
  streams_exhausted: 5,
  bus_unavailable: 5,
  closing: 2,
  disk_full: 5,
};

/** What an answer is made of. `reason` is the code of another room, never its message. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: AnswerCode;
  readonly reason: string | null;

  constructor(code: AnswerCode, reason: string | null = null) {
    super(HTTP_ERRORS[code]);
    this.code = code;
    this.reason = reason;
  }
}

/** Thrown before anything listens; its message is for the person who starts the server. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The body of an error's answer. */
export function errorBody(code: AnswerCode, reason: string | null = null): string {
  return JSON.stringify({ error: { code, message: HTTP_ERRORS[code], ...(reason === null ? {} : { reason }) } });
}
