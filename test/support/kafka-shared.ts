/**
 * vitest's global setup: one Kafka for all test files of a run, started when the first asks for it. A test file runs in a process of its own; it
 * asks over a socket (`sharedKafka` of kafka.ts). Runs without such tests start nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Kafka, startKafka } from '../../scripts/kafka-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the socket that answers `{ bootstrap }` or `{ error }`. */
    kafkaSocket: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Kafka> | null = null;
  const folder = mkdtempSync(join(tmpdir(), 'optikal-kafka-shared-'));
  const socketPath = join(folder, 'socket');
  const server = createServer((socket) => {
    socket.on('error', () => {}); // a test file that was ended while it waited
    started ??= startKafka();
    started.then(
      ({ bootstrap }) => socket.end(JSON.stringify({ bootstrap })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  project.provide('kafkaSocket', socketPath);
  return async () => {
    server.close();
    await started?.then((kafka) => kafka.stop()).catch(() => {}); // one that did not start was told to the test
    rmSync(folder, { recursive: true, force: true });
  };
}
