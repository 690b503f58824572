/** The committed position of a partition without its state: the last record of each commit, so it is looked for at the end of the topic. */
import type { Fetcher } from './fetcher.ts';
import { decodePosition, type PositionRecord } from './output-records.ts';

const FETCH_BYTES = 1_048_576;
/** A commit that went well is followed by its marker; a failed one after it moves the position further from the end. */
const FIRST_LOOK = 2;

/** null = nothing was committed yet. `fetcher` reads what is committed. */
export async function lastPosition(fetcher: Fetcher, stateTopic: string, partition: number): Promise<PositionRecord | null> {
  const [first, end] = [(await fetcher.firsts(stateTopic))[partition], await fetcher.settledEnd(stateTopic, partition)];
  for (let back = FIRST_LOOK; ; back *= 8) {
    const from = Math.max(first, end - back);
    let found: PositionRecord | null = null;
    for await (const page of fetcher.range(stateTopic, partition, from, end, FETCH_BYTES))
      for (const raw of page) found = decodePosition(raw) ?? found;
    if (found !== null || from === first) return found;
  }
}
