/** The gateway of a bundle: its detector is a file of the bundle, read here and nowhere else. */
import { createGateway, type Gateway } from '../content/gateway.ts';
import type { InjectionDetector } from '../content/injection/contract.ts';
import { decodeInjectionModel } from '../content/injection/file.ts';
import { readBundle } from './bundle-files.ts';
import { ServiceError } from './errors.ts';

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
  const { gateway } = readBundle(bundle);
  if (gateway === null)
    throw new ServiceError('no_gateway', `\`${bundle}\` has no detector of injections: expected a bundle that was trained with texts`);
  return decodeInjectionModel(gateway);
}
