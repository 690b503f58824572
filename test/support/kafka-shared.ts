/**
 * vitest's global setup: one Kafka for all test files of a run, started when the first asks for it. A test file runs in a process of its own; it
 * asks over a socket (`sharedKafka` of kafka.ts). Runs without such tests start nothing.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Kafka, startKafka } from '../../scripts/kafka-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** On 127.0.0.1; answers `{ bootstrap }` or `{ error }`. */
    kafkaPort: number;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Kafka> | null = null;
  const server = createServer((socket) => {
    socket.on('error', () => {}); // a test file that was ended while it waited
    started ??= startKafka();
    started.then(
      ({ bootstrap }) => socket.end(JSON.stringify({ bootstrap })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  project.provide('kafkaPort', (server.address() as AddressInfo).port); // it listens on a port
  return async () => {
    server.close();
    await started?.then((kafka) => kafka.stop()).catch(() => {}); // one that did not start was told to the test
  };
}
