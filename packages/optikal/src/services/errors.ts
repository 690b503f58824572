/** The closed list of codes of the services: what a command or the server can refuse or fail with, beside the codes of the rooms. */

export const SERVICE_ERRORS = {
  data_not_found: 'the data folder or file does not exist',
  data_unrecognised: 'the folder is neither a fleet, nor recorded agents, nor a parent of them',
  text_invalid: 'a line of texts.jsonl is not a text with a kind and a label',
  nothing_to_learn: 'every text of the folder to fit on is also in the one to test on: nothing is left to learn from',
  truth_invalid: 'a line of truth.jsonl does not match its schema',
  no_truth: 'the data has no truth.jsonl to measure against',
  bundle_unloadable: 'the bundle that an epoch names cannot be loaded; the partition stops',
  not_a_data_dir: 'the folder holds no bus.db',
  window_not_found: 'no scored window of this agent at this time, or no alert of this id',
  text_too_large: 'a text or file to be inspected is larger than what is read',
  no_gateway: 'the bundle has no detector of injections',
  no_model: 'neither a bundle was given nor does the data directory have an epoch',
  verify_differs: 'the replay of the log does not give the alerts that are stored',
  training_worker_failed: 'a thread that fits models ended, or failed at a job',
  server_unreachable: 'the data directory is served, but its server does not answer',
  server_refused: 'the server refuses what is sent: no right, or no such route',
  server_unexpected: 'what answers there is not `optikal serve`',
  report_in_the_way: 'where the report would be written stands something that is no report of optikal',
  no_scored_windows: 'the data directory holds no scored window that is closed, in the hours that were asked for',
  no_drift_reference:
    'the bundle has nothing that live windows could be compared with: it is of an earlier version, or was fitted on too few benign windows',
  brokers_missing: 'the Kafka bus is asked for, and no broker is named',
  password_missing: 'a user of Kafka is asked for, and his name or password is not there',
  file_unreadable: 'a file that the settings name cannot be read',
  letter_not_found: 'no dead letter of this cursor; the oldest are dropped',
  payload_not_kept: 'a message that was refused before the log cannot be sent again from here: only its size and hash are kept',
  roles_need_kafka: 'roles are shared out over processes with the Kafka bus only',
} as const;
export type ServiceErrorCode = keyof typeof SERVICE_ERRORS;

export class ServiceError extends Error {
  readonly code: ServiceErrorCode;
  constructor(code: ServiceErrorCode, message: string) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
  }
}
