/**
 * Bundles by fingerprint, ready to judge. Loading is asynchronous to its user and happens before a batch is stepped through; looking a
 * model up while stepping is a map access.
 */
import { createHmac } from 'node:crypto';
import type { Event, ModelEpoch } from '@optikal/contracts';
import type { Bundle } from '../detection/ensemble/bundle.ts';
import { fleetViews, snapshotOf } from '../detection/fleet.ts';
import type { Model, Models } from '../detection/step.ts';
import { toolLookup } from '../detection/tools/index.ts';
import { failpoint } from '../observability/failpoint.ts';
import { ServiceError } from './errors.ts';

export interface ModelStore extends Models {
  /** Loads what these epochs need. Errors: bundle_unloadable. */
  prepare(epochs: readonly ModelEpoch[]): Promise<void>;
}

export interface ModelStoreOptions {
  readonly load: (fingerprint: string) => Bundle;
  readonly hmacKey: Uint8Array;
  readonly onClosed?: Models['onClosed'];
  readonly nameAlert?: Models['nameAlert'];
}

export function createModelStore({ load, hmacKey, onClosed, nameAlert }: ModelStoreOptions): ModelStore {
  const bundles = new Map<string, { bundle: Bundle; lens: Model['lens'] }>();
  const models = new Map<ModelEpoch, Model>();
  const none: Model = { bundle: null, threshold: Number.POSITIVE_INFINITY, lens: () => NO_LENS };
  return {
    ...(onClosed === undefined ? {} : { onClosed }),
    ...(nameAlert === undefined ? {} : { nameAlert }),
    async prepare(epochs) {
      for (const epoch of epochs) {
        if (bundles.has(epoch.bundle)) continue;
        failpoint('detector.epoch.switch');
        try {
          const bundle = load(epoch.bundle);
          const views = fleetViews(bundle.snapshot);
          const lens = { tools: toolLookup(bundle.tools), fleetOf: views };
          bundles.set(epoch.bundle, { bundle, lens: () => lens });
        } catch (error) {
          throw new ServiceError('bundle_unloadable', `bundle ${epoch.bundle}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    },
    of(epoch) {
      if (epoch === null) return none;
      let model = models.get(epoch);
      if (model === undefined) {
        const { bundle, lens } = bundles.get(epoch.bundle)!; // prepare() ran for every epoch in the log up to here
        model = { bundle, lens, threshold: epoch.threshold ?? bundle.operatingPoint.threshold };
        models.set(epoch, model);
      }
      return model;
    },
    fingerprint: (event) => fingerprintOf(event, hmacKey),
  };
}

const NO_LENS = {
  tools: () => ({ effect: 'unknown', kind: null, untrusted: false, belief: 'unknown' }) as const,
  fleetOf: fleetViews(snapshotOf([])),
};

function fingerprintOf(event: Event, key: Uint8Array): { readonly sizeBytes: number; readonly hmac: string } {
  const text = JSON.stringify(event);
  return { sizeBytes: Buffer.byteLength(text), hmac: createHmac('sha256', key).update(text).digest('hex') };
}
