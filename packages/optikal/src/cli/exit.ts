/** Exit codes of every command (docs/cli.md). */
export const EXIT = {
  /** It did what it was asked. */
  ok: 0,
  /** It failed; the code and the reason are on stderr. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It ran, and what it checked is not as it should be (verify, events validate). */
  differs: 3,
  /** Stopped by SIGINT or SIGTERM before its end. */
  interrupted: 130,
} as const;
