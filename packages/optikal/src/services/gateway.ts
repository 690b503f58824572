/** The gateway of a bundle: its detector is a file of the bundle, read here and nowhere else. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGateway, type Gateway } from '../content/gateway.ts';
import type { InjectionDetector } from '../content/injection/contract.ts';
import { decodeInjectionModel } from '../content/injection/file.ts';
import { readBundle } from './bundle-files.ts';
import { ServiceError } from './errors.ts';

/** Names the bundle that ships with the package, where it does. */
export const STARTER = 'starter';
export const STARTER_FOLDER = fileURLToPath(new URL('../../starter', import.meta.url));

/**
 * `bundle`: a folder, or `starter`. Errors: no_gateway; those of bundles and model files.
 *
 * @example openGateway('bundle/').check(text, { direction: 'tool_output', request: null, tool: null });
 */
export function openGateway(bundle: string): Gateway {
  return createGateway({ detector: openDetector(bundle) });
}

/** The detector alone. Errors as above. */
export function openDetector(bundle: string): InjectionDetector {
  if (bundle === STARTER && !existsSync(join(STARTER_FOLDER, 'manifest.json')))
    throw new ServiceError('no_gateway', 'this installation has no starter bundle: expected a bundle that was trained with texts');
  const { gateway } = readBundle(bundle === STARTER ? STARTER_FOLDER : bundle);
  if (gateway === null)
    throw new ServiceError('no_gateway', `\`${bundle}\` has no detector of injections: expected a bundle that was trained with texts`);
  return decodeInjectionModel(gateway);
}
