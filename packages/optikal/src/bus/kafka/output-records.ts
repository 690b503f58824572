/** What a commit writes, as records of the topics of state, alerts, scores and dead letters; and back. */
import { kafkaHeaders } from '@optikal/contracts';
import type { AlertRow, DeadLetter, ScoreRow, StateChange, StoredDeadLetter } from '../contract.ts';
import type { RawRecord } from './batches.ts';

export interface OutputMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key?: Buffer;
  readonly value: Buffer;
  readonly headers?: Map<Buffer, Buffer>;
  readonly timestamp?: bigint;
}

/** Keys of the state topic that name no agent: an agent's key holds a `|`. */
export const POSITION_KEY = 'position';
export const HMAC_KEY = 'hmac-key';

export interface PositionRecord {
  readonly next: number;
  readonly partitionState: string;
  /** Agents with an open window: here, so that a reader need not read the state of all. */
  readonly openAgents: number;
}

const DUE = Buffer.from('d');
const ALERT_SOURCE = 'optikal';
const ALERT_TYPE = 'argus.threat.alerts.v1';
const START = Buffer.from('s');
const FINGERPRINT = Buffer.from('f');
const OPEN = Buffer.from('o');
const YES = Buffer.from('1');

export function encodeState(topic: string, partition: number, { key, body, dueMs }: StateChange): OutputMessage {
  const message = { topic, partition, key: Buffer.from(key), value: Buffer.from(body) };
  return dueMs === null ? message : { ...message, headers: new Map([[DUE, Buffer.from(String(dueMs))]]) };
}

export function encodePosition(topic: string, partition: number, position: PositionRecord): OutputMessage {
  return { topic, partition, key: Buffer.from(POSITION_KEY), value: Buffer.from(JSON.stringify(position)) };
}

/** null = the record is of another kind. */
export function decodePosition({ key, value }: RawRecord): PositionRecord | null {
  if (value === null || key?.toString('latin1') !== POSITION_KEY) return null;
  return JSON.parse(value.toString('utf8')) as PositionRecord; // written by encodePosition alone: others have no right to the topic
}

export function decodeDueMs({ headers }: RawRecord): number | null {
  const due = header(headers, DUE);
  return due === null ? null : Number(due);
}

/** CloudEvents in binary mode: the value is the alert's body, byte for byte. */
export function encodeAlert(topic: string, partition: number, { id, revision, key, windowStartMs, body }: AlertRow): OutputMessage {
  const [tenant, agent] = key.split('|'); // ids hold no `|`
  const attributes = kafkaHeaders({
    specversion: '1.0',
    id: `${id}.${revision}`,
    source: ALERT_SOURCE,
    type: ALERT_TYPE,
    subject: agent,
    tenant,
    revision: String(revision),
    windowstart: String(windowStartMs),
    datacontenttype: 'application/json',
  });
  const headers = new Map([...attributes].map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const));
  return { topic, partition, key: Buffer.from(key), value: Buffer.from(body), headers };
}

/** null = not an alert of ours. */
export function decodeAlert({ key, value, headers }: RawRecord): AlertRow | null {
  const id = headerNamed(headers, 'ce_id');
  const revision = Number(headerNamed(headers, 'ce_revision'));
  const windowStartMs = Number(headerNamed(headers, 'ce_windowstart') ?? Number.NaN);
  if (key === null || value === null || id === null || (revision !== 1 && revision !== 2) || !Number.isFinite(windowStartMs)) return null;
  return { id: id.slice(0, id.lastIndexOf('.')), revision, key: key.toString('utf8'), windowStartMs, body: value.toString('utf8') };
}

/** Its timestamp is the end of the window, so that a time can be searched for. */
export function encodeScore(topic: string, partition: number, score: ScoreRow): OutputMessage {
  const headers = new Map([
    [START, Buffer.from(String(score.windowStartMs))],
    [FINGERPRINT, Buffer.from(score.fingerprint)],
  ]);
  if (score.open === true) headers.set(OPEN, YES);
  const { key, body, windowEndMs } = score;
  return { topic, partition, key: Buffer.from(key), value: Buffer.from(body), headers, timestamp: BigInt(Math.round(windowEndMs)) };
}

/** null = not a score of ours. */
export function decodeScore({ key, value, headers, timestampMs }: RawRecord): ScoreRow | null {
  const start = header(headers, START);
  const fingerprint = header(headers, FINGERPRINT);
  if (key === null || value === null || start === null || fingerprint === null) return null;
  const score = {
    key: key.toString('utf8'),
    windowStartMs: Number(start),
    windowEndMs: timestampMs,
    fingerprint,
    body: value.toString('utf8'),
  };
  return header(headers, OPEN) === null ? score : { ...score, open: true };
}

export function encodeLetter(topic: string, letter: Omit<StoredDeadLetter, 'cursor'>): OutputMessage & { headers: Map<Buffer, Buffer> } {
  return { topic, partition: 0, value: Buffer.from(JSON.stringify(letter)), headers: new Map() };
}

/** null = not a dead letter of ours. The cursor is its offset + 1: transactions leave small gaps, dropped letters leave large ones. */
export function decodeLetter({ offset, value }: RawRecord): StoredDeadLetter | null {
  let found: unknown;
  try {
    found = JSON.parse(value?.toString('utf8') ?? '');
  } catch {
    return null;
  }
  if (typeof found !== 'object' || found === null || !('code' in found) || typeof found.code !== 'string') return null;
  const letter = found as DeadLetter & Pick<StoredDeadLetter, 'partition' | 'offset'>; // an object of `encodeLetter`, told by its code
  const { code, field, sizeBytes, hmac, partition, offset: at } = letter;
  return { cursor: offset + 1, code, field, sizeBytes, hmac, partition, offset: at };
}

/** In order, into as few sends as hold at most `limitBytes` of each topic. A record that is larger goes alone: the broker decides. */
export function grouped(messages: readonly OutputMessage[], limitBytes: number): readonly (readonly OutputMessage[])[] {
  const groups: OutputMessage[][] = [[]];
  let bytes = new Map<string, number>();
  for (const message of messages) {
    const size = message.value.length + (message.key?.length ?? 0) + 64;
    const sum = bytes.get(message.topic) ?? 0;
    if (sum > 0 && sum + size > limitBytes) {
      groups.push([]);
      bytes = new Map();
    }
    bytes.set(message.topic, (bytes.get(message.topic) ?? 0) + size);
    groups[groups.length - 1].push(message);
  }
  return groups;
}

function header(headers: RawRecord['headers'], name: Buffer): string | null {
  for (const [each, value] of headers) if (each !== null && value !== null && each.equals(name)) return value.toString('utf8');
  return null;
}

function headerNamed(headers: RawRecord['headers'], name: string): string | null {
  return header(headers, Buffer.from(name));
}
