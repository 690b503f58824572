/**
 * From whatever was thrown to an answer: a code of ours, its status and its sentence. Stack traces, messages and parts of the request stay
 * inside; what is logged of a failure is its name, its code and the places in our files, never its message.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import type { HttpServerOptions } from './contract.ts';
import { type AnswerCode, errorBody, HTTP_STATUS, HttpError, RETRY_AFTER_SECONDS } from './errors.ts';

/** Codes of the rooms behind the server that have a word of their own here. */
const PASSED_ON: ReadonlyMap<string, AnswerCode> = new Map([
  ['overloaded', 'overloaded'],
  ['invalid_json', 'invalid_json'],
  ['disk_full', 'disk_full'],
]);
/** Codes of the HTTP library, which names the rest by their status. */
const LIBRARY: ReadonlyMap<string, AnswerCode> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'content_type_unsupported'],
]);
const OUR_CODE = /^[a-z][a-z0-9_]{0,63}$/;
const MAX_FRAMES = 8;

export function answerError(reply: FastifyReply, error: unknown, log: HttpServerOptions['log']): FastifyReply {
  const { code, reason } = asHttpError(error);
  if (HTTP_STATUS[code] >= 500 && code !== 'closing') logFailure(log, error);
  const retryAfter = RETRY_AFTER_SECONDS[code];
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (HTTP_STATUS[code] === 401) reply.header('www-authenticate', 'Bearer');
  if (code === 'too_large') reply.header('connection', 'close');
  return reply.code(HTTP_STATUS[code]).header('content-type', 'application/json; charset=utf-8').send(errorBody(code, reason));
}

/**
 * What never became a request: broken HTTP, headers over their limit, a client that took too long. Written to the socket, which is closed;
 * gives the status, null where nobody is there to read it.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): number | null {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return null;
  }
  const code = CLIENT_ERRORS.get(error.code ?? '') ?? 'bad_request';
  const status = HTTP_STATUS[code];
  const body = errorBody(code);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
  return status;
}

const CLIENT_ERRORS: ReadonlyMap<string, AnswerCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
]);

/** Name, code and places of a failure. */
export function logFailure(log: HttpServerOptions['log'], error: unknown): void {
  if (log === undefined) return;
  const name = error instanceof Error ? error.constructor.name : typeof error;
  log({ level: 'error', code: 'request_failed', detail: { name, code: errorCode(error) ?? 'none', frames: framesOf(error) } });
}

/** A code of this project; null for the codes of Node and of libraries, and for none. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && OUR_CODE.test(error.code) ? error.code : null;
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (!(error instanceof Error)) return new HttpError('internal');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = PASSED_ON.get(code) ?? LIBRARY.get(code);
  if (known !== undefined) return new HttpError(known);
  // A bus says of each of its errors whether the call may be repeated; that is how one is known without knowing the bus.
  if ('retriable' in error && OUR_CODE.test(code)) return new HttpError('bus_unavailable');
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return new HttpError(status >= 400 && status < 500 ? 'bad_request' : 'internal');
}

/** The lines of the stack that name a place. The message, which comes before them, may quote the input. */
function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const places = stack.split('\n').filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return places.slice(0, MAX_FRAMES).join('\n');
}
