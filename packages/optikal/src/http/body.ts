/**
 * Reads the body of a request: at most its limit, and all bodies together at most theirs. What is over a limit is thrown away as it comes, for
 * a while, so that the client gets its answer instead of a reset connection.
 */
import type { IncomingMessage } from 'node:http';
import { HttpError } from './errors.ts';

/** How much of a refused body is thrown away before it is answered all the same. */
const DISCARD_BYTES = 67_108_864;
const DISCARD_MS = 2000;

/** What the bodies of all requests hold together. */
export interface HeldBytes {
  bytes: number;
  readonly limit: number;
}

/**
 * Throws `too_large`, `overloaded`, and `bad_request` for a body that ends early. The body counts as held until its reader takes its length
 * from `held.bytes`.
 */
export function readBody(stream: IncomingMessage, limitBytes: number, held: HeldBytes): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let discarded = 0;
    let refusal: HttpError | null = null;
    let timer: NodeJS.Timeout | undefined;

    const settle = (error: HttpError | null) => {
      stream.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      stream.on('error', () => {}); // the client may leave at any time; that is no failure
      clearTimeout(timer);
      if (error === null) return resolve(Buffer.concat(chunks, bytes));
      release();
      reject(error);
    };
    const release = () => {
      held.bytes -= bytes;
      bytes = 0;
      chunks = [];
    };
    const refuse = (error: HttpError) => {
      refusal = error;
      release();
      timer = setTimeout(() => settle(error), DISCARD_MS);
    };
    const onData = (chunk: Buffer) => {
      if (refusal !== null) {
        discarded += chunk.length;
        if (discarded > DISCARD_BYTES) settle(refusal);
        return;
      }
      bytes += chunk.length;
      held.bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > limitBytes) refuse(new HttpError('too_large'));
      else if (held.bytes > held.limit) refuse(new HttpError('overloaded'));
    };
    const onEnd = () => settle(refusal);
    const onCut = () => settle(refusal ?? new HttpError('bad_request'));

    stream.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
    if (Number(stream.headers['content-length'] ?? 0) > limitBytes) refuse(new HttpError('too_large'));
  });
}

/** The text of a body; a byte order mark is tolerated, broken UTF-8 is not. */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HttpError('invalid_json');
  }
}
