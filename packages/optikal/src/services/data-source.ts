/**
 * Where training and evaluation data come from, recognised by its files: a fleet folder (`events.jsonl`, `truth.jsonl`, `tools.yaml`), recorded
 * agents (`traces.jsonl.gz`), or their parent (`agents/`, `text/`).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '@optikal/contracts';
import type { UserTools } from '../detection/tools/index.ts';
import type { TruthIndex } from '../training/labels.ts';
import type { SessionMeta } from '../training/protocol.ts';
import { ServiceError } from './errors.ts';
import { openFleetSource } from './fleet-source.ts';
import { type ContentPlane, openRecordedSource, recordedFolder } from './recorded-source.ts';

export interface DataSource {
  readonly kind: 'fleet' | 'recorded';
  /** For people: what it is, and what is missing in it. */
  readonly description: string;
  /** Starts anew at each call and gives the same events. */
  readonly events: () => Iterable<Event>;
  readonly truth: TruthIndex | null;
  /** The user's tools.yaml; null = there is none. */
  readonly tools: UserTools | null;
  /** Agents that share recorded runs with this one. */
  readonly relatives: (key: string) => readonly string[];
  /** Recorded agents only: what the learning protocol splits by. */
  readonly metaOf: ((key: string) => SessionMeta) | null;
  /** Lines that were no valid event, once the events were read to their end. */
  readonly refused: () => number;
}

export interface SourceOptions {
  /** Content plane of recorded agents, until the gateway has its own detector. */
  readonly content: ContentPlane;
  /** Name of the sessions file of recorded agents. */
  readonly sessions?: string;
}

/** Errors: data_not_found, data_unrecognised; codes of the files' own readers. */
export function openDataSource(folder: string, options: SourceOptions): DataSource {
  if (!existsSync(folder)) throw new ServiceError('data_not_found', `\`${folder}\` does not exist`);
  if (existsSync(join(folder, 'events.jsonl'))) return openFleetSource(folder);
  const recorded = recordedFolder(folder);
  if (recorded !== null) return openRecordedSource(recorded, options);
  throw new ServiceError('data_unrecognised', `expected events.jsonl, traces.jsonl.gz or agents/traces.jsonl.gz in \`${folder}\``);
}
