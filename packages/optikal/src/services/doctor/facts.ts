/** What the doctor knows before it judges: plain data, gathered in one place (gather.ts), judged by pure functions (the checks). */
import type { ModelEpoch } from '@optikal/contracts';
import type { Counters } from '../../detection/partition.ts';

export interface Facts {
  /** The wall clock when the facts were gathered. */
  readonly nowMs: number;
  /** As it was given. */
  readonly dataDir: string;
  readonly processUid: number | null;
  readonly node: NodeFacts;
  readonly machine: MachineFacts;
  readonly directory: DirectoryFacts;
  readonly writer: WriterFacts;
  /** null = there is no bus.db that may be read. */
  readonly database: DatabaseFacts | null;
  readonly bundle: BundleFacts;
  readonly port: PortFacts;
  /** null = no keys file was named. */
  readonly keys: KeysFacts | null;
}

export interface NodeFacts {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  /** It came with `npm ci`. */
  readonly fromNpm: boolean;
}

export interface MachineFacts {
  readonly memoryBytes: number;
  /** The limit is that of a container or a slice, not the machine's memory. */
  readonly memoryIsLimit: boolean;
  /** null = this system does not say. */
  readonly openFiles: number | null;
  readonly spaces: readonly SpaceFacts[];
}

export interface SpaceFacts {
  readonly of: 'data' | 'tmp';
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** null = this file system has no fixed number of them. */
  readonly freeInodes: number | null;
}

export type DirectoryFacts =
  | { readonly kind: 'missing'; readonly parentWritable: boolean }
  | { readonly kind: 'other'; readonly what: FileKind }
  | { readonly kind: 'unreadable'; readonly code: string }
  | {
      readonly kind: 'directory';
      readonly mode: number;
      readonly uid: number;
      readonly writable: boolean;
      /** Entries whose name means something in a data directory. */
      readonly files: readonly FileFacts[];
    };

export type FileKind = 'file' | 'directory' | 'link' | 'other';

export interface FileFacts {
  readonly name: string;
  readonly kind: FileKind;
  readonly mode: number;
  readonly uid: number;
  readonly sizeBytes: number;
}

export interface WriterFacts {
  readonly lock: 'absent' | 'free' | 'held' | 'unknown';
  readonly serving: { readonly pid: number; readonly port: number; readonly alive: boolean } | 'absent' | 'damaged';
}

/** What the inspection found, step by step; null = it did not come so far in its time, or could not. */
export interface DatabaseFacts {
  readonly sizeBytes: number;
  readonly walBytes: number;
  readonly walHeader: 'absent' | 'whole' | 'garbage';
  /** The WAL could not be read here (read-only folder): what follows is without it. */
  readonly walUnread: boolean;
  readonly limitMs: number;
  readonly opened: { readonly applicationId: number; readonly version: number } | null;
  readonly partitions: readonly PartitionFacts[] | null;
  readonly letters: readonly { readonly code: string; readonly count: number }[] | null;
  readonly archive: ArchiveFacts | null;
  readonly alerts: AlertFacts | null;
  readonly sample: SampleFacts | null;
  readonly agents: AgentFacts | null;
  readonly quickCheck: { readonly problems: readonly string[] } | null;
  /** What a step ran into, in SQLite's words. */
  readonly problems: readonly string[];
  /** It was ended before its last step. */
  readonly cut: boolean;
}

export interface PartitionFacts {
  readonly partition: number;
  readonly next: number;
  readonly end: number;
  /** null = nothing was committed yet, or it is not readable. */
  readonly state: { readonly clockMs: number | null; readonly epochs: readonly ModelEpoch[]; readonly counters: Counters } | null;
}

export interface ArchiveFacts {
  readonly windows: number;
  readonly bytes: number;
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
}

/** The last day of the log, or what there is of it. */
export interface AlertFacts {
  readonly spanMs: number;
  readonly windows: number;
  readonly alerts: number;
}

/** The newest records of the log. */
export interface SampleFacts {
  readonly records: number;
  readonly unreadable: number;
  readonly bytes: number;
  /** Between the first tick and the last. */
  readonly spanMs: number;
  readonly events: number;
  /** Events more than ten minutes behind, or one minute ahead of, the log clock at their receipt. */
  readonly behind: number;
  readonly ahead: number;
  readonly medianDelayMs: number;
  readonly tools: readonly { readonly tool: string; readonly calls: number }[];
}

export interface AgentFacts {
  readonly agents: number;
  /** Silent for longer than ever before in the archive; the longest first, some of them. */
  readonly silent: readonly { readonly key: string; readonly lastMs: number; readonly longestGapMs: number }[];
  readonly silentCount: number;
}

export interface BundleFacts {
  readonly from: 'flag' | 'log' | 'none';
  readonly folder: string;
  /** null = it could not be read; then `error` says why. */
  readonly read: {
    readonly fingerprint: string;
    readonly starter: boolean;
    readonly writtenMs: number;
    readonly toolCount: number;
    /** It judges now; else its operating point says nothing about the alerts of the log. */
    readonly inForce: boolean;
    /** The rate of false alerts per window that the threshold in force means. */
    readonly fpr: number;
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Fingerprints that the log names and whose copy is not in the data directory. */
  readonly missing: readonly string[];
  /** Calls of the sample whose tool nobody knows, of all its calls; null = nothing to judge. */
  readonly unknownTools: { readonly calls: number; readonly unknown: number } | null;
}

export interface PortFacts {
  readonly port: number;
  readonly state:
    | { readonly kind: 'free' }
    | { readonly kind: 'server'; readonly ready: boolean; readonly reasons: readonly string[] }
    | { readonly kind: 'taken' }
    | { readonly kind: 'unknown'; readonly message: string };
}

export interface KeysFacts {
  readonly path: string;
  readonly mode: number | null;
  readonly keyCount: number;
  /** null = it was read. */
  readonly error: { readonly code: string; readonly message: string } | null;
}
