/** A server on a free port with stand-ins for what it needs, and a raw socket for what `fetch` would not send. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { FeedAlert, HttpLogEntry, HttpServerOptions, TakeEvents } from '../contract.ts';
import { createHttpServer } from '../server.ts';

export const JSON_ONE = 'application/cloudevents+json';

/** A feed that grows. */
export class Feed {
  readonly rows: FeedAlert[] = [];
  reads = 0;
  add(tenant: string, text = 'x'): FeedAlert {
    const cursor = this.rows.length + 1;
    const row = {
      cursor,
      id: String(cursor),
      revision: 1,
      key: `${tenant}|agent`,
      windowStartMs: 0,
      body: JSON.stringify({ cursor, text }),
    } as const;
    this.rows.push(row);
    return row;
  }
  readonly read: HttpServerOptions['alerts'] = async (after, { maxRecords, maxWaitMs }) => {
    this.reads++;
    const until = performance.now() + maxWaitMs;
    while (this.rows.length <= after && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.rows.slice(after, after + maxRecords);
  };
}

export interface Running {
  readonly url: string;
  readonly port: number;
  readonly feed: Feed;
  readonly log: HttpLogEntry[];
  /** The texts and tenant of each call of the ingest. */
  readonly taken: { texts: readonly string[]; tenant: string }[];
  readonly close: () => Promise<void>;
  readonly post: (body: string | Uint8Array | ReadableStream, type?: string, headers?: Record<string, string>) => Promise<Response>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
}

export async function startServer(options: Partial<HttpServerOptions> = {}): Promise<Running> {
  const feed = new Feed();
  const log: HttpLogEntry[] = [];
  const taken: { texts: readonly string[]; tenant: string }[] = [];
  const ingest: TakeEvents = async (texts, tenant) => {
    taken.push({ texts, tenant });
    return { accepted: texts.length, duplicates: 0, rejected: [] };
  };
  const server = createHttpServer({
    port: 0,
    ingest,
    alerts: feed.read,
    alertLine: (alert, cursor) => `{"cursor":"${cursor}","data":${alert.body}}`,
    status: () => ({ ready: true, reasons: [] }),
    log: (entry) => log.push(entry),
    ...options,
  });
  const { url, port } = await server.listen();
  onTestFinished(() => server.close());
  return {
    url,
    port,
    feed,
    log,
    taken,
    close: () => server.close(),
    post: (body, type = JSON_ONE, headers = {}) =>
      fetch(`${url}/v1/events`, {
        method: 'POST',
        body,
        headers: { 'content-type': type, ...headers },
        ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      }),
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
  };
}

/** The code of an error's answer, after its status. */
export async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer;
  const body = JSON.parse(await response.text());
  return `${response.status} ${body.error?.code}`;
}

export function openSocket(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Sends bytes as they are and resolves to everything that comes back until the server closes or `done` is content. */
export function exchange(port: number, bytes: string, done: (answer: string) => boolean = () => false): Promise<string> {
  return new Promise((resolve) => {
    const socket = openSocket(port);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (done(answer)) resolve(answer);
    });
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });
}
