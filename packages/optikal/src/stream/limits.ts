/** The constants of the window semantics (DESIGN 8). All times are milliseconds of event time or of the log clock. */

export const WINDOW_MS = 60_000;
/** A window waits this long after its last record (or its end, whichever is later). */
export const QUIET_MS = 10_000;
/** A window waits at most this long after its first record (or its end), whatever still arrives. */
export const LATEST_MS = 70_000;
export const MAX_AHEAD_MS = 300_000;
export const MAX_OPEN_WINDOWS = 64;
/** Bounds the state of one agent: 4096 metrics messages a minute are more than any agent makes. */
export const MAX_WINDOW_RECORDS = 4096;
/** And these, its calls: together at most some 10 MB of one agent's minute are held. */
export const MAX_WINDOW_CALLS = 16_384;
