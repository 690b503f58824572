/**
 * The detectors of a server: one for each partition that it is assigned, all with the same models. Assignments come and go (`Bus.join`): one
 * that goes lets the batch under way commit or gives it up, and whoever has the partition next goes on from the last commit. So does this
 * process itself after a lease that was lost or a commit whose end is not known. Any other error stops the partition, visibly.
 */
import { type Bus, BusError } from '../bus/index.ts';
import type { Environment, Settings } from '../config/index.ts';
import type { PartitionState } from '../detection/partition.ts';
import { errorCodeOf, type Log } from '../observability/index.ts';
import { keptBundle } from './data-folder.ts';
import { createDetector, type Detector, runDetector } from './detector.ts';
import { createModelStore } from './model-store.ts';
import { mutated } from './mutants.ts';
import type { ServerMetrics } from './server-metrics.ts';

export interface HeldPartition {
  readonly partition: number;
  readonly state: PartitionState;
  /** The position that was committed last. */
  readonly next: number;
}

export interface RunningDetectors {
  /** The partitions whose state is here now, in their order. */
  held(): readonly HeldPartition[];
  /** All that are assigned, held or not yet. */
  assigned(): readonly number[];
  /** How often the assignment changed after the first. */
  readonly rebalances: number;
  readonly failure: { readonly partition: number; readonly error: unknown } | null;
  stop(): Promise<void>;
}

export interface DetectorsOptions {
  readonly settings: Settings;
  readonly hmacKey: string;
  readonly env: Environment;
  readonly metrics: ServerMetrics | null;
  readonly log: Log;
  /** Called when a detector stops before it was asked to. */
  readonly onFailure: (error: unknown) => void;
  /** Between two leases of a partition that was lost, at first; doubled up to 20 times that. Default 250. */
  readonly againMs?: number;
}

interface Task {
  readonly partition: number;
  detector: Detector | null;
  stopping: boolean;
  /** Resolves when the partition is held for the first time, rejects when it never will be. */
  readonly ready: PromiseWithResolvers<void>;
  done: Promise<void>;
}

/** After these the partition is leased again: what is durable says where to go on. */
const LEASED_AGAIN: ReadonlySet<string> = new Set(['lease_lost', 'commit_unknown']);
const AGAIN_MS = 250;
const MAX_DOUBLINGS = 20;

/** With a bus of one process it resolves when every partition is held, and rejects where one cannot be; else as soon as the group is joined. */
export async function startDetectors(bus: Bus, options: DetectorsOptions): Promise<RunningDetectors> {
  const group = new Group(bus, options, await detectorOf(bus, options));
  await bus.join((partitions) => group.assign(partitions));
  if (options.settings.bus.kind === 'embedded') await group.whole();
  return group;
}

type NewDetector = (partition: number, onCommit: () => void) => Promise<Detector>;

async function detectorOf(bus: Bus, { settings, hmacKey, metrics, env }: DetectorsOptions): Promise<NewDetector> {
  const store = createModelStore(
    mutated({ load: (sha) => keptBundle(settings.dataDir, sha), hmacKey: Buffer.from(hmacKey, 'hex') }, env.OPTIKAL_MUTANT),
  );
  const models = metrics === null ? store : metrics.timed(store);
  const traced = env.OPTIKAL_TRACE_PROCESSED === undefined ? undefined : await tracer(env.OPTIKAL_TRACE_PROCESSED);
  return (partition, onCommit) =>
    createDetector({
      bus,
      partition,
      models,
      onCommit,
      ...(traced === undefined ? {} : { onProcessed: (next: number) => traced(partition, next) }),
    });
}

class Group implements RunningDetectors {
  readonly #bus: Bus;
  readonly #options: DetectorsOptions;
  readonly #create: NewDetector;
  readonly #tasks = new Map<number, Task>();
  /** Those that end: a partition that comes back waits for its own. */
  readonly #ending = new Map<number, Promise<void>>();
  #assignments = 0;
  #starting = true;
  #stopping = false;
  failure: RunningDetectors['failure'] = null;

  constructor(bus: Bus, options: DetectorsOptions, create: NewDetector) {
    this.#bus = bus;
    this.#options = options;
    this.#create = create;
  }

  get rebalances(): number {
    return Math.max(0, this.#assignments - 1);
  }

  held(): readonly HeldPartition[] {
    return [...this.#tasks.values()]
      .flatMap(({ partition, detector }) => (detector === null ? [] : [{ partition, state: detector.state, next: detector.next }]))
      .sort((a, b) => a.partition - b.partition);
  }

  assigned(): readonly number[] {
    return [...this.#tasks.keys()].sort((a, b) => a - b);
  }

  assign(partitions: readonly number[]): void {
    if (this.#stopping) return;
    const wanted = new Set(partitions);
    const gone = [...this.#tasks.values()].filter(({ partition }) => !wanted.has(partition));
    const come = partitions.filter((partition) => !this.#tasks.has(partition));
    if (this.#assignments > 0 && gone.length === 0 && come.length === 0) return;
    this.#assignments++;
    for (const task of gone) this.#end(task);
    for (const partition of come) this.#begin(partition);
    if (this.#bus.findsDuplicates) return; // a bus of one process: there is nobody to share with
    this.#options.log.write('info', 'partitions_assigned', { partitions: this.assigned().join(' '), rebalances: this.rebalances });
  }

  /** Until every partition that is assigned now is held. */
  async whole(): Promise<void> {
    try {
      await Promise.all([...this.#tasks.values()].map(({ ready }) => ready.promise));
      this.#starting = false;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const task of this.#tasks.values()) this.#end(task);
    await Promise.all(this.#ending.values());
  }

  #begin(partition: number): void {
    const task: Task = { partition, detector: null, stopping: false, ready: Promise.withResolvers(), done: Promise.resolve() };
    task.ready.promise.catch(() => {}); // only a start waits for it
    this.#tasks.set(partition, task);
    task.done = (this.#ending.get(partition) ?? Promise.resolve()).then(() => this.#run(task));
  }

  #end(task: Task): void {
    task.stopping = true;
    this.#tasks.delete(task.partition);
    const ended = task.done.then(() => {
      if (this.#ending.get(task.partition) === ended) this.#ending.delete(task.partition);
    });
    this.#ending.set(task.partition, ended);
  }

  async #run(task: Task): Promise<void> {
    const { againMs = AGAIN_MS } = this.#options;
    for (let losses = 0; !task.stopping; losses++) {
      try {
        await this.#lease(task, () => {
          losses = 0;
        });
      } catch (error) {
        if (task.stopping) return; // what it had under way is done again by whoever has the partition now
        if (!isLeasedAgain(error)) return this.#fail(task, error);
        task.detector = null;
        this.#options.log.write('warn', 'partition_leased_again', { partition: task.partition, error: errorCodeOf(error) });
      }
      await pauseUnless(() => task.stopping, againMs * Math.min(2 ** losses, MAX_DOUBLINGS));
    }
  }

  async #lease(task: Task, onCommit: () => void): Promise<void> {
    const detector = await this.#create(task.partition, onCommit);
    if (task.stopping) return;
    task.detector = detector;
    task.ready.resolve();
    await runDetector(detector, () => task.stopping);
  }

  #fail(task: Task, error: unknown): void {
    this.failure ??= { partition: task.partition, error };
    task.ready.reject(error);
    if (this.#starting && this.#options.settings.bus.kind === 'embedded') return; // the start itself fails with it
    this.#options.log.write('error', 'partition_stopped', { partition: task.partition, error: errorCodeOf(error) });
    this.#options.onFailure(error);
  }
}

function isLeasedAgain(error: unknown): boolean {
  return error instanceof BusError && (error.retriable || LEASED_AGAIN.has(error.code));
}

/** Waits, in small steps, so that a stop does not. */
async function pauseUnless(stopped: () => boolean, ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  while (!stopped() && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50)));
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
