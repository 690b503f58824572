/** Every way a bus can refuse or fail, as a closed list. Whether the same call may be tried again is a property of the error. */

/** Code → what it means, one line each; docs/errors.md is tested against it. */
export const BUS_ERRORS = {
  data_dir_locked: 'another process writes to this data directory',
  data_dir_missing: 'the data directory holds no bus.db',
  format_unsupported: 'bus.db has a format version that this release does not read, or is not a bus at all',
  partitions_changed: 'the bus was created with another number of partitions',
  option_invalid: 'an option or argument is outside its range',
  lease_lost: 'a newer lease on the partition fenced this one',
  position_regressed: 'a commit names a position before the committed one',
  position_beyond_end: 'a read or commit names a position after the end of the log',
  wrong_partition: 'a commit holds state or output of an agent that belongs to another partition',
  alert_conflict: 'an alert with the same id and revision was committed before with another body',
  log_dropped: 'the records asked for are consumed and no longer kept',
  disk_full: 'there is no space left; the same call may be made again when there is',
  bus_io: 'reading or writing bus.db failed; what is durable is known only after the bus is opened again',
  bus_corrupt: 'bus.db is damaged',
  bus_closed: 'the bus is closed',
  commit_unknown: 'whether the commit is durable is not known; lease the partition again and go on from what is',
  broker_unavailable: 'no broker answers; the call may be made again',
  broker_refused: 'the broker refuses: credentials, certificate or access rights',
  topics_missing: 'a topic is missing, or has other settings than the bus needs: optikal topics check',
  record_too_large: 'a record is larger than the broker takes (max.message.bytes of its topic)',
  worker_crashed: 'the thread that owns bus.db ended unexpectedly; open the bus again',
} as const;
export type BusErrorCode = keyof typeof BUS_ERRORS;

const RETRIABLE: ReadonlySet<BusErrorCode> = new Set(['disk_full', 'broker_unavailable']);

export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;
  /** The same call on the same bus may succeed later. */
  readonly retriable: boolean;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retriable = RETRIABLE.has(code);
  }
}
