/**
 * The thread that owns bus.db. It answers one request after the other; a `BusError` is an answer, anything else is a defect and ends the
 * thread, which the client reports as `worker_crashed`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Commit } from '../contract.ts';
import { BusError } from '../errors.ts';
import { BusDatabase, type Mutant } from './database.ts';
import type { CommitPart, Failure, Greeting, Operation, Operations, Reply, Request, WorkerOptions } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');
const staged = new Map<number, CommitPart[]>();

let db: BusDatabase | null = null;
try {
  const options = workerData as WorkerOptions; // the client's own, see worker-link.ts
  const mutant = mutantFromEnvironment(process.env.OPTIKAL_MUTANT);
  db = new BusDatabase({ ...options, ...(mutant === undefined ? {} : { mutantForTests: mutant }) });
  greet({ ready: true, hmacKey: db.hmacKey, ends: db.ends });
} catch (error) {
  greet({ ready: false, failure: failureOf(error) });
}
if (db !== null) serve(db);

function serve(bus: BusDatabase): void {
  port?.on('message', (request: Request) => {
    reply(answer(bus, request));
    if (request.op === 'close') port?.close();
  });
}

function answer(bus: BusDatabase, request: Request): Reply {
  try {
    return { id: request.id, result: perform(bus, request) };
  } catch (error) {
    return { id: request.id, failure: failureOf(error) };
  }
}

function perform(bus: BusDatabase, { op, args }: Request): Operations[Operation]['result'] {
  switch (op) {
    case 'append':
      return bus.append(...args);
    case 'lease':
      return bus.lease(...args);
    case 'read':
      return bus.read(...args);
    case 'readAt':
      return bus.readAt(...args);
    case 'loadState':
      return bus.loadState(...args);
    case 'stage': {
      const [serial, part] = args;
      const parts = staged.get(serial);
      if (parts === undefined) staged.set(serial, [part]);
      else parts.push(part);
      return null;
    }
    case 'commit': {
      const [partition, token, commit, serial] = args;
      const parts = staged.get(serial) ?? [];
      staged.delete(serial);
      return bus.commit(partition, token, parts.length === 0 ? commit : joined(commit, parts));
    }
    case 'alerts':
      return bus.alerts(...args);
    case 'positions':
      return bus.positions();
    case 'close':
      bus.close();
      return null;
  }
}

function joined(commit: Commit, parts: readonly CommitPart[]): Commit {
  const state = [...parts.flatMap((part) => part.state), ...commit.state];
  const scores = [...parts.flatMap((part) => part.scores), ...commit.out.scores];
  return { ...commit, state, out: { ...commit.out, scores } };
}

function failureOf(error: unknown): Failure {
  if (error instanceof BusError) return { code: error.code, message: error.message };
  throw error;
}

function greet(greeting: Greeting): void {
  port?.postMessage(greeting);
}

function reply(message: Reply): void {
  port?.postMessage(message);
}

/** The other mutants are of other rooms (services/mutants.ts, which refuses a name that nobody knows). */
function mutantFromEnvironment(value: string | undefined): Mutant | undefined {
  return value === 'offset_before_alerts' ? value : undefined;
}
