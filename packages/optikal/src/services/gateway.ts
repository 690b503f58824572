/** The gateway of a bundle: its detector is a file of the bundle, read here and nowhere else. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGateway, type Gateway } from '../content/gateway.ts';
import { decodeInjectionModel } from '../content/injection/file.ts';
import { readBundle } from './bundle-files.ts';
import { ServiceError } from './errors.ts';

/** The bundle that ships with the package, where it does. */
export const STARTER_FOLDER = fileURLToPath(new URL('../../starter', import.meta.url));
const STARTER = 'starter';

/**
 * `bundle`: a folder, or `starter` for the one that ships with the package. Errors: no_gateway; those of bundles and model files.
 *
 * @example openGateway('bundle/').check(text, { direction: 'tool_output', request: null, tool: null });
 */
export function openGateway(bundle: string): Gateway {
  if (bundle === STARTER && !existsSync(join(STARTER_FOLDER, 'manifest.json')))
    throw new ServiceError('no_gateway', 'this installation has no starter bundle: expected a bundle that was trained with texts');
  const { gateway } = readBundle(bundle === STARTER ? STARTER_FOLDER : bundle);
  if (gateway === null)
    throw new ServiceError('no_gateway', `\`${bundle}\` has no detector of injections: expected a bundle that was trained with texts`);
  return createGateway({ detector: decodeInjectionModel(gateway) });
}
