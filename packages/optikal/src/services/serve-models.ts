/** Which bundle a server judges with: put into force at its start, and by `models use` while it runs. */
import type { ModelEpoch } from '@optikal/contracts';
import type { Bus } from '../bus/index.ts';
import type { ModelsRequest } from '../http/index.ts';
import { keepBundle, keptBundle } from './data-folder.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch, nextEpochMs } from './epochs.ts';
import { ServiceError } from './errors.ts';
import type { HeldPartition } from './serve-detectors.ts';

/** How often it is asked whether the log is known to its end. */
const LOOK_MS = 20;

export interface EpochOptions {
  /** The bundle to put into force; null = the one that the log names. */
  readonly wanted: string | null;
  readonly threshold: number | null;
  /** The partitions that are held here. */
  readonly held: () => readonly HeldPartition[];
  /** Where the log's clock may stand, as far as is known here. */
  readonly clocksMs: () => readonly number[];
  /** Whether a log without any model is refused: nobody else could bring one. */
  readonly alone: boolean;
  readonly stopped: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Puts the wanted bundle into force, unless it is already; a log without any model needs one. Several detectors that start at the same time
 * may each write the same epoch: it takes effect once.
 */
export async function ensureEpoch(bus: Bus, options: EpochOptions): Promise<void> {
  const { wanted, threshold } = options;
  const positions = await bus.positions();
  if (positions.every(({ end }) => end === 0)) {
    if (wanted !== null) return appendEpoch(bus, modelEpoch(wanted, threshold, FIRST_EPOCH_MS));
    if (!options.alone) return;
    throw new ServiceError(
      'no_model',
      'expected --bundle: the data directory has no model yet (`--bundle starter` is the one that ships with the package)',
    );
  }
  if (wanted === null) return;
  // A log is known to its end only once the detectors are there; serving need not wait for that.
  void (async () => {
    const ends = new Map(positions.map(({ partition, end }) => [partition, end]));
    const known = await caughtUp(ends, options);
    if (known === null) return;
    const last = known.state.clock.epochs.at(-1);
    if (last?.bundle === wanted && last.threshold === threshold) return;
    const fromMs = last === undefined ? FIRST_EPOCH_MS : nextEpochMs(Math.max(...options.clocksMs()));
    await appendEpoch(bus, modelEpoch(wanted, threshold, fromMs));
  })().catch(options.onFailure);
}

/** A partition, once all that are held are where the log ended at the start: every one has all control records. null = stopped before. */
async function caughtUp(ends: ReadonlyMap<number, number>, { held, stopped }: EpochOptions): Promise<HeldPartition | null> {
  while (!stopped()) {
    const now = held();
    const [first] = now;
    if (first !== undefined && now.every(({ partition, next }) => next >= (ends.get(partition) ?? 0))) return first;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}

/** `models use` while the server runs. */
export async function useModel(bus: Bus, clocksMs: readonly number[], request: ModelsRequest, dataDir: string): Promise<ModelEpoch> {
  const fingerprint = /^[0-9a-f]{64}$/.test(request.bundle)
    ? keptBundle(dataDir, request.bundle).fingerprint
    : keepBundle(dataDir, request.bundle).fingerprint;
  // The log's own clock too: behind it, the detectors may have looked early at windows with the model that was in force.
  const earliest = nextEpochMs(Math.max(...clocksMs));
  const epoch = modelEpoch(fingerprint, request.threshold ?? null, Math.max(earliest, request.effectiveFromMs ?? earliest));
  await appendEpoch(bus, epoch);
  return epoch;
}
