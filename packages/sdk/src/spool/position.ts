/** How far a spool is drained: `position.json`, replaced whole. Behind the truth it costs repeats, which the other side drops; never a loss. */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** A place between two records. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
}

const FILE = 'position.json';

/** null = there is none, or none that can be read: the spool is sent from its start. */
export async function readPosition(folder: string): Promise<Place | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, FILE), 'utf8'));
    return isPlace(value) ? value : null;
  } catch {
    return null;
  }
}

export async function writePosition(folder: string, { segment, offset }: Place, sync: boolean): Promise<void> {
  const path = join(folder, FILE);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify({ segment, offset }));
    if (sync) await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null || !('segment' in value) || !('offset' in value)) return false;
  return isWhole(value.segment) && isWhole(value.offset);
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
