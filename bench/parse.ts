/** What the border costs: a metrics message with 5 calls (2.6 kB of text) into a typed event, beside `JSON.parse` alone, which checks nothing. */
import { parseEventText } from '@optikal/contracts';
import { type Row, rowOf } from './support/rows.ts';
import { createTraffic, TRAFFIC_START_MS } from './support/traffic.ts';

export const name = 'parse';
export const title = 'parseEventText of a metrics message with 5 calls, 10,000 different messages × 9 runs';

const RUNS = 9;

export async function run(): Promise<Row[]> {
  const traffic = createTraffic({ agents: 10_000, messagesPerMinute: 1, hijackShare: 0, seed: 'parse' });
  const texts = traffic.slice(TRAFFIC_START_MS, TRAFFIC_START_MS + 60_000);
  const ours: number[] = [];
  const json: number[] = [];
  let refused = 0;
  for (let n = 0; n < RUNS + 1; n++) {
    ours.push(timed(texts, (text) => void (parseEventText(text).ok || refused++)));
    json.push(timed(texts, (text) => void JSON.parse(text)));
  }
  if (refused > 0) throw new Error(`expected only good messages, found ${refused} refused`);
  const chars = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  return [
    rowOf({
      work: `parseEventText, ${Math.round(chars)} characters`,
      unit: 'µs',
      better: 'less',
      floor: 15,
      runs: ours.slice(1), // the first one compiles
      rival: { name: 'JSON.parse', version: process.version, runs: json.slice(1) },
    }),
  ];
}

/** Processor time of one text, in µs. */
function timed(texts: readonly string[], work: (text: string) => void): number {
  const start = process.cpuUsage();
  for (const text of texts) work(text);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / texts.length;
}
