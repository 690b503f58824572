/** A text or lists of tools, read for inspection: bounded before anything is judged. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { nestsDeeperThan } from '@optikal/contracts';
import { ContentError } from '../content/errors.ts';
import { createGateway, type Gateway } from '../content/gateway.ts';
import type { InjectionDetector } from '../content/injection/contract.ts';
import { type CheckedTools, checkTools } from '../content/tool-poisoning/check-tools.ts';
import { readTools, type ToolDefinition } from '../content/tool-poisoning/definitions.ts';
import { decodeKnownTools, encodeKnownTools, fingerprintOf } from '../content/tool-poisoning/fingerprint.ts';
import { ServiceError } from './errors.ts';
import { openDetector } from './gateway.ts';
import { STARTER_FOLDER, STARTER_NAME } from './starter-folder.ts';

/** What a person pastes and what a tool returns is far below; a file by mistake is often above. */
export const MAX_TEXT_BYTES = 8_388_608;
const MAX_TOOLS_BYTES = 67_108_864;
const MAX_DEPTH = 64;

/** Errors: text_too_large. */
export async function readText(input: Readable): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let bytes = 0;
  for await (const piece of input) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : (piece as Buffer); // a byte stream gives strings or buffers
    bytes += chunk.length;
    if (bytes > MAX_TEXT_BYTES) throw new ServiceError('text_too_large', `expected a text of at most ${MAX_TEXT_BYTES} bytes`);
    text += decoder.write(chunk);
  }
  return text + decoder.end();
}

/** No bundle, on purpose. */
const NONE = 'none';

/** The detector of the bundle that is asked for; without one that of the starter bundle, where there is one. `none` = null. */
export function detectorFor(bundle: string | undefined): InjectionDetector | null {
  if (bundle === NONE || (bundle === undefined && !existsSync(join(STARTER_FOLDER, 'manifest.json')))) return null;
  return openDetector(bundle ?? STARTER_NAME);
}

export function gatewayFor(bundle: string | undefined): Gateway {
  return createGateway({ detector: detectorFor(bundle) });
}

export interface InspectedTools extends CheckedTools {
  /** The definitions, in the order of `tools`. */
  readonly definitions: readonly ToolDefinition[];
  /** The present tools as a file of known ones. */
  readonly knownFile: string;
}

/** One file a server, named by the file where there are several. Errors: data_not_found, text_too_large; those of tool lists. */
export function inspectTools(files: readonly string[], known: string | undefined, detector: InjectionDetector | null): InspectedTools {
  const definitions = files.flatMap((file) =>
    readTools(readJson(file, 'tools_unreadable'), files.length === 1 ? null : basename(file, '.json')),
  );
  const before = known === undefined ? {} : { known: decodeKnownTools(readJson(known, 'known_tools_unreadable'), null) };
  return { definitions, ...checkTools(definitions, { detector, ...before }), knownFile: encodeKnownTools(definitions.map(fingerprintOf)) };
}

function readJson(file: string, code: 'tools_unreadable' | 'known_tools_unreadable'): unknown {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw new ServiceError('data_not_found', `expected a file at \`${file}\``);
  if (found.size > MAX_TOOLS_BYTES)
    throw new ServiceError('text_too_large', `expected \`${file}\` to be of at most ${MAX_TOOLS_BYTES} bytes`);
  const text = readFileSync(file, 'utf8');
  if (nestsDeeperThan(text, MAX_DEPTH)) throw new ContentError(code, `expected \`${file}\` to nest at most ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ContentError(code, `expected \`${file}\` to be JSON`);
  }
}
