/** Events for tests: small messages of each plane, and transports that do what a test wants. */
import type { AgentMetrics } from '@optikal/contracts';
import { TransportError } from '../errors.ts';
import type { OutgoingEvent, SendResult, Transport } from '../transport.ts';

const NOW_MS = 1_795_521_600_000;

export const METRICS: AgentMetrics = {
  windowStartMs: NOW_MS,
  windowEndMs: NOW_MS + 1000,
  metrics: {
    cpu_usage_percent: null,
    memory_usage_mb: null,
    network_calls_count: 1,
    file_operations_count: null,
    api_calls_count: 2,
    error_count: null,
    hour_of_day: null,
    day_of_week: null,
    query_diversity: null,
    response_time_ms: null,
    success_rate: null,
  },
};

export interface TestTransport extends Transport {
  /** What was taken, in order, repeats included. */
  readonly taken: OutgoingEvent[];
  /** `up`: takes; `down`: throws; `hanging`: answers nothing until it is something else. */
  state: 'up' | 'down' | 'hanging';
  inFlight: number;
  maxInFlight: number;
  /** Refuses these for good. */
  refuses: (event: OutgoingEvent) => boolean;
  serverTimeMs: number | null;
  maxEvents: number;
}

export function testTransport(state: TestTransport['state'] = 'up'): TestTransport {
  const transport: TestTransport = {
    taken: [],
    state,
    inFlight: 0,
    maxInFlight: 0,
    refuses: () => false,
    serverTimeMs: null,
    maxEvents: Number.POSITIVE_INFINITY,
    async send(events, stop): Promise<SendResult> {
      transport.inFlight++;
      transport.maxInFlight = Math.max(transport.maxInFlight, transport.inFlight);
      try {
        do await new Promise((resolve) => setImmediate(resolve));
        while (transport.state === 'hanging' && !stop.aborted);
        if (transport.state !== 'up') throw new TransportError('transport_unavailable', 'down');
        if (events.length > transport.maxEvents) throw new TransportError('batch_too_large', 'too many');
        const refused = events.flatMap((event, index) => (transport.refuses(event) ? [{ index, code: 'data_invalid' }] : []));
        transport.taken.push(...events.filter((event) => !transport.refuses(event)));
        return { refused, serverTimeMs: transport.serverTimeMs };
      } finally {
        transport.inFlight--;
      }
    },
    async close() {},
  };
  return transport;
}

export function idOf({ attributes }: OutgoingEvent): string {
  return (JSON.parse(attributes) as { id: string }).id; // written by the publisher
}
