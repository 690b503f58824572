/**
 * Failpoints: named places where a test may kill this process, as a power cut would. `OPTIKAL_FAILPOINT=name:n` sends SIGKILL at the
 * n-th pass through `name`; a worker thread counts for itself. Unset, `failpoint` is an empty function.
 */

/** The closed list that `optikal doctor --failpoints` prints: name → where it is. */
export const FAILPOINTS = {
  'bus.append.before_commit': 'embedded bus: a batch of records is written, its transaction still open',
  'bus.append.after_commit': 'embedded bus: a batch of records is durable, its producers not yet told',
  'bus.commit.begin': 'both buses: a commit passed its checks, nothing of it written',
  'bus.commit.after_state':
    'inside a commit; embedded bus: agent state written, alerts not; Kafka: a send taken, its transaction still open',
  'bus.commit.after_alerts': 'embedded bus: inside a commit, state and alerts written, position not',
  'bus.commit.before_commit': 'both buses: inside a commit, everything written, its transaction still open',
  'bus.commit.after_commit': 'both buses: a commit is durable, the detector not yet told',
  'bus.restore': 'both buses: a lease is taken, its state not yet handed out',
  'detector.batch.processed': 'detector: a batch is processed, not yet committed',
  'detector.epoch.switch': 'detector: a model epoch was read from the log, its bundle not yet in use',
} as const;
export type Failpoint = keyof typeof FAILPOINTS;

const armed = parse(process.env.OPTIKAL_FAILPOINT);

/** Marks a place. Kills the process when the environment asks for it, else does nothing. */
export const failpoint: (name: Failpoint) => void = armed === null ? () => {} : pass(armed.name, armed.passes);

function pass(name: Failpoint, passes: number): (passed: Failpoint) => void {
  let count = 0;
  return (passed) => {
    if (passed !== name || ++count < passes) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal ends every thread; until it arrives, this one must not take another step.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}

/** A wrong value stops the start: a failpoint that silently never fires makes a test that cannot fail. */
function parse(value: string | undefined): { name: Failpoint; passes: number } | null {
  if (value === undefined || value === '') return null;
  const [name, count = '1', ...rest] = value.split(':');
  if (!isFailpoint(name) || rest.length > 0 || !/^[1-9]\d*$/.test(count))
    throw new Error(`OPTIKAL_FAILPOINT: expected \`name:n\` with a name of \`optikal doctor --failpoints\`, found \`${value}\``);
  return { name, passes: Number(count) };
}

function isFailpoint(name: string): name is Failpoint {
  return Object.hasOwn(FAILPOINTS, name);
}
