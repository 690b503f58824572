/** The input of a filter: stdin, or a file that may be packed. */
import { createReadStream, statSync } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ServiceError } from '../services/errors.ts';
import type { Io } from './io.ts';

/** `-` or nothing = stdin; `.gz` is unpacked. Errors: data_not_found. */
export function inputOf(io: Io, file: string | undefined): Readable {
  if (file === undefined || file === '-') return io.stdin;
  // A named pipe or a device is as good as a file.
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== false)
    throw new ServiceError('data_not_found', `expected a file at \`${file}\``);
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  // Whoever reads the unpacked end learns of a failure there.
  return pipeline(bytes, createGunzip(), () => {});
}
