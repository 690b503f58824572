/**
 * Dead letters: which there are, what one of them was, and putting it into the log again. A message that was refused at the border is kept as
 * reason, size and keyed hash, so nothing of it can be shown or sent again; one that was refused behind the log still stands in the log.
 */
import type { Event } from '@optikal/contracts';
import type { AppendOutcome, Bus, LogReader, StoredDeadLetter } from '../bus/index.ts';
import { ServiceError } from './errors.ts';

export interface FoundLetter {
  readonly letter: StoredDeadLetter;
  /** null = it never stood in the log. */
  readonly event: Event | null;
}

const PAGE = 1000;

/** Oldest first, after a cursor. `code` null = all. */
export async function* listLetters(reader: LogReader, after: number, code: string | null): AsyncGenerator<StoredDeadLetter> {
  for (let cursor = after; ; ) {
    const page = await reader.deadLetters(cursor, PAGE);
    for (const letter of page) if (code === null || letter.code === code) yield letter;
    if (page.length < PAGE) return;
    cursor = page.at(-1)!.cursor; // a whole page has a last one
  }
}

/** Errors: letter_not_found. */
export async function findLetter(reader: LogReader, cursor: number): Promise<FoundLetter> {
  const [letter] = await reader.deadLetters(cursor - 1, 1);
  if (letter?.cursor !== cursor) throw new ServiceError('letter_not_found', `no dead letter \`${cursor}\``);
  if (letter.partition === null || letter.offset === null) return { letter, event: null };
  for await (const [record] of reader.readLog(letter.partition, letter.offset, letter.offset + 1))
    if (record?.kind === 'event') return { letter, event: record.event };
  return { letter, event: null };
}

/** Appends the message again, under the ticks that stand in the log by now. Errors: payload_not_kept, those of the bus. */
export async function redriveLetter({ letter, event }: FoundLetter, bus: Pick<Bus, 'append'>): Promise<AppendOutcome> {
  if (event === null)
    throw new ServiceError(
      'payload_not_kept',
      `dead letter \`${letter.cursor}\` (${letter.code}): the message was refused before the log, and of such only size and hash are kept; its producer can send it again`,
    );
  const [outcome] = await bus.append([{ kind: 'event', event }]);
  return outcome!; // one entry, one outcome
}
