/** Requests to the worker thread as promises. When the thread ends, every promise still open is rejected: a caller never hangs. */
import { Worker } from 'node:worker_threads';
import { BusError } from '../errors.ts';
import type { Failure, Greeting, Operation, Operations, Reply, WorkerOptions } from './protocol.ts';

interface Waiting {
  // The reply to request `id` is of the operation that was requested under it; the map cannot say so.
  resolve(result: never): void;
  reject(error: Error): void;
}

export class WorkerLink {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  /** Why no further request is taken. */
  private ended: BusError | null = null;
  private readonly exit: Promise<void>;
  /** Called once if the thread ends without having been closed. */
  onCrash: () => void = () => {};

  private constructor(worker: Worker) {
    this.worker = worker;
    worker.on('message', (reply: Reply) => this.settle(reply));
    worker.on('error', (error) => this.end(crashed(error instanceof Error ? error.message : String(error))));
    this.exit = new Promise((resolve) => {
      worker.on('exit', () => {
        this.end(crashed('it exited'));
        resolve();
      });
    });
  }

  /** Starts the thread and waits until it has opened the bus. */
  static async start(script: URL, options: WorkerOptions): Promise<{ link: WorkerLink; greeting: Extract<Greeting, { ready: true }> }> {
    const worker = new Worker(script, { workerData: options, execArgv: [], name: 'optikal-bus' });
    const greeting = await new Promise<Greeting>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) => reject(crashed(error instanceof Error ? error.message : String(error))));
      worker.once('exit', () => reject(crashed('it exited')));
    });
    if (!greeting.ready) {
      await worker.terminate();
      throw errorOf(greeting.failure);
    }
    return { link: new WorkerLink(worker), greeting };
  }

  request<K extends Operation>(op: K, ...args: Operations[K]['args']): Promise<Operations[K]['result']> {
    if (this.ended !== null) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, op, args });
    });
  }

  /** Ends the thread; resolves when it is gone and the lock of the directory with it. */
  async close(): Promise<void> {
    if (this.ended === null) {
      const closing = this.request('close');
      this.ended = new BusError('bus_closed', 'the bus is closed');
      await closing;
    }
    await this.exit;
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('failure' in reply) waiting?.reject(errorOf(reply.failure));
    else waiting?.resolve(reply.result as never); // see Waiting
  }

  private end(error: BusError): void {
    const open = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of open) waiting.reject(error);
    if (this.ended !== null) return;
    this.ended = error;
    this.onCrash();
  }
}

function errorOf({ code, message }: Failure): BusError {
  return new BusError(code, message);
}

function crashed(why: string): BusError {
  return new BusError('worker_crashed', `the thread of the embedded bus ended: ${why}`);
}
