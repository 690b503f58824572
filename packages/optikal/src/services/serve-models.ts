/** Which bundle a server judges with: put into force at its start, and by `models use` while it runs. */
import type { ModelEpoch } from '@optikal/contracts';
import type { Bus } from '../bus/index.ts';
import type { ModelsRequest } from '../http/index.ts';
import { keepBundle, keptBundle } from './data-folder.ts';
import type { Detector } from './detector.ts';
import { appendEpoch, FIRST_EPOCH_MS, modelEpoch, nextEpochMs } from './epochs.ts';
import { ServiceError } from './errors.ts';

/** Puts the wanted bundle into force, unless it is already; a log without any model needs one. */
export async function ensureEpoch(
  bus: Bus,
  detectors: readonly Detector[],
  wanted: string | null,
  options: { readonly threshold: number | null; readonly onFailure: (error: unknown) => void },
): Promise<void> {
  const positions = await bus.positions();
  const fresh = positions.every(({ end }) => end === 0);
  if (fresh) {
    if (wanted === null)
      throw new ServiceError(
        'no_model',
        'expected --bundle: the data directory has no model yet (`--bundle starter` is the one that ships with the package)',
      );
    return appendEpoch(bus, modelEpoch(wanted, options.threshold, FIRST_EPOCH_MS));
  }
  if (wanted === null) return;
  // A log is known to its end only once the detectors are there; serving need not wait for that.
  void (async () => {
    await caughtUp(bus);
    const { clock } = detectors[0]!.state;
    const last = clock.epochs.at(-1);
    if (last?.bundle === wanted && last.threshold === options.threshold) return;
    await appendEpoch(bus, modelEpoch(wanted, options.threshold, last === undefined ? FIRST_EPOCH_MS : nextEpochMs(clock.clockMs)));
  })().catch(options.onFailure);
}

async function caughtUp(bus: Bus): Promise<void> {
  while ((await bus.positions()).some(({ next, end }) => next < end)) await new Promise((resolve) => setTimeout(resolve, 20));
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
