/** The detectors of a server, one a partition, all with the same models. One that stops is told of and remembered: the others go on. */
import type { Bus } from '../bus/index.ts';
import type { Settings } from '../config/index.ts';
import { errorCodeOf, type Log } from '../observability/index.ts';
import { keptBundle } from './data-folder.ts';
import { createDetector, type Detector, runDetector } from './detector.ts';
import { createModelStore } from './model-store.ts';
import { mutated } from './mutants.ts';
import type { ServerMetrics } from './server-metrics.ts';

export interface RunningDetectors {
  readonly detectors: readonly Detector[];
  readonly failure: { readonly partition: number; readonly error: unknown } | null;
  stop(): Promise<void>;
}

export interface DetectorsOptions {
  readonly settings: Settings;
  readonly hmacKey: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly metrics: ServerMetrics | null;
  readonly log: Log;
  /** Called when a detector stops before it was asked to. */
  readonly onFailure: (error: unknown) => void;
}

export async function startDetectors(bus: Bus, options: DetectorsOptions): Promise<RunningDetectors> {
  const { settings, hmacKey, metrics, log } = options;
  const store = createModelStore(
    mutated({ load: (sha) => keptBundle(settings.dataDir, sha), hmacKey: Buffer.from(hmacKey, 'hex') }, options.env.OPTIKAL_MUTANT),
  );
  const models = metrics === null ? store : metrics.timed(store);
  const traced = options.env.OPTIKAL_TRACE_PROCESSED === undefined ? undefined : await tracer(options.env.OPTIKAL_TRACE_PROCESSED);
  const detectors = await Promise.all(
    Array.from({ length: settings.detector.partitions }, (_, partition) =>
      createDetector({
        bus,
        partition,
        models,
        ...(traced === undefined ? {} : { onProcessed: (next: number) => traced(partition, next) }),
      }),
    ),
  );
  let stopping = false;
  let failure: RunningDetectors['failure'] = null;
  const loops = detectors.map((detector, partition) =>
    runDetector(detector, () => stopping).catch((error: unknown) => {
      failure ??= { partition, error };
      if (stopping) return;
      log.write('error', 'partition_stopped', { partition, error: errorCodeOf(error) });
      options.onFailure(error);
    }),
  );
  return {
    detectors,
    get failure() {
      return failure;
    },
    stop: async () => {
      stopping = true;
      await Promise.all(loops);
    },
  };
}
/** Where the crash tests see how far a batch got before its commit: 8 bytes a partition, written in place. */
async function tracer(path: string): Promise<(partition: number, next: number) => void> {
  const { openSync, writeSync } = await import('node:fs');
  const file = openSync(path, 'w');
  const bytes = Buffer.alloc(8);
  return (partition, next) => {
    bytes.writeDoubleLE(next);
    writeSync(file, bytes, 0, 8, 8 * partition);
  };
}
