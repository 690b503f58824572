/** What SQLite reports, in the words of the bus. */
import { BusError } from '../errors.ts';

const IO_CODES: ReadonlySet<number> = new Set([5, 6, 8, 10, 14, 15]); // BUSY, LOCKED, READONLY, IOERR, CANTOPEN, PROTOCOL
const CORRUPT_CODES: ReadonlySet<number> = new Set([11, 26]); // CORRUPT, NOTADB
const FULL = 13;
/** SQLITE_IOERR_SHMSIZE: the WAL index could not grow, which is a full disk as well. */
const SHM_SIZE = 10 | (19 << 8);

/** A `BusError` for what a disk can do to us; everything else is a defect and stays as it is. */
export function fromSqlite(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const code = error.errcode & 0xff;
  if (code === FULL || error.errcode === SHM_SIZE) return new BusError('disk_full', `${path}: no space left`, { cause: error });
  if (CORRUPT_CODES.has(code)) return new BusError('bus_corrupt', `${path}: ${error.message}`, { cause: error });
  if (IO_CODES.has(code)) return new BusError('bus_io', `${path}: ${error.message}`, { cause: error });
  return error;
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;
}
