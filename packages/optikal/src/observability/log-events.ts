/** What `serve` can say about itself: the closed list of event codes of its log lines. Each line has exactly one; docs/operations.md shows the list. */

export const LOG_EVENTS = {
  server_started: 'requests are taken: host, port, process, version, bundle',
  server_stopping: 'a stop was asked for; what is under way is finished',
  server_stopped: 'everything is committed and closed',
  config_loaded: 'which configuration file was read, and how many settings differ from their defaults',
  request: 'an answered request: method, route, status, duration; never a body, a query or a header',
  request_failed: 'a request failed inside: name and code of the error, places in the code',
  clock_jump: 'the wall clock went on by more than an hour at once, and was followed',
  tick_failed: 'a tick could not be appended; it goes out with the next',
  partition_stopped: 'a detector stopped; the process ends',
  partitions_assigned: 'the group shared out the partitions: those of this process now, and how often they changed',
  partition_leased_again: 'a partition was lost, or the end of a commit is not known; it goes on from what is durable',
  broker_away: 'no broker answers; what waits is tried again',
  broker_back: 'a broker answers again; how long none did',
  router_waits: 'messages of the public topics could not be put into the log, or not be read; they are taken again',
  router_goes_on: 'messages of the public topics are taken again',
  router_out_of_order:
    'messages of the public topics went on although earlier ones may follow: too much was held back, or a partition brought nothing',
  disk_full: 'a write found no space; it is tried again',
  disk_freed: 'there is space again',
  committed: 'a batch of a partition is durable',
  alert: 'an alert is durable: severity, threat, decision, id; never an agent',
  model_in_force: 'a bundle was put into force by a request',
  not_ready: 'a probe was told that the server is not ready, and why',
  ready: 'a probe was told that the server is ready again',
  event_loop_stalled: 'a turn of the event loop took long',
  log_lines_dropped: 'lines that could not be written before this one; their number',
} as const;
export type LogEvent = keyof typeof LOG_EVENTS;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
