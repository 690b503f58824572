/** Node, memory, files, disks: what the machine gives. Pure. */
import type { Facts, SpaceFacts } from './facts.ts';
import { check, count, type Finding, percent, quoted, size, span } from './finding.ts';

const LEAST_NODE = [24, 6] as const;
/** What a server needs that does nothing, and what each agent adds (DESIGN 12: 300 MB, 4 KB an agent). */
const IDLE_BYTES = 300e6;
const AGENT_BYTES = 4096;
/** Files that a server holds open at its limits: 1024 connections, the log, its threads. */
const OPEN_FILES = 1100;
const COMFORT_BYTES = 1e9;
const LEAST_BYTES = 100e6;
const COMFORT_INODES = 1000;
/** Records that are too few, or a time that is too short, to say how fast a log grows. */
const LEAST_SPAN_MS = 600_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const NOW_DAYS = 2;

export function checkMachine(facts: Facts): Finding[] {
  return [
    checkNode(facts),
    checkPlatform(facts),
    checkMemory(facts),
    checkOpenFiles(facts),
    ...facts.machine.spaces.map(checkSpace),
    ...checkGrowth(facts),
  ];
}

function checkNode({ node }: Facts): Finding {
  const { ok, fail } = check('node', 'TypeScript runs as it is, and node:sqlite is complete, from Node 24.6 on');
  const [major = 0, minor = 0] = node.version.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]))
    return fail(`Node ${node.version}, expected at least ${LEAST_NODE.join('.')}`, 'npm ci && npx optikal doctor');
  return ok(`Node ${node.version}, ${node.fromNpm ? 'the one that npm brought' : 'the one of this machine'}`);
}

function checkPlatform({ node: { platform, arch } }: Facts): Finding {
  const { ok, warn } = check('platform', 'the durability of the log is tested on Linux');
  if (platform === 'linux' || platform === 'darwin') return ok(`${platform}-${arch}`);
  return warn(`${platform}-${arch}: modes of files and flushing of folders are not what they are on Linux`, 'wsl --install');
}

function checkMemory({ machine, database }: Facts): Finding {
  const { ok, warn, fail } = check('memory', 'a server that outgrows its limit is killed: nothing is lost, and nobody watches meanwhile');
  const agents = database?.agents?.agents ?? 0;
  const need = IDLE_BYTES + AGENT_BYTES * agents;
  const what = `${size(machine.memoryBytes)} ${machine.memoryIsLimit ? 'allowed' : 'of memory'}, about ${size(need)} needed${agents > 0 ? ` with ${count(agents, 'agent')}` : ''}`;
  const mend = machine.memoryIsLimit
    ? `cat /sys/fs/cgroup/memory.max # raise it to ${size(2 * need)} where the service or the container is defined`
    : 'free -h';
  if (machine.memoryBytes < need) return fail(what, mend);
  return machine.memoryBytes < 1.5 * need ? warn(what, mend) : ok(what);
}

function checkOpenFiles({ machine: { openFiles } }: Facts): Finding {
  const { ok, warn } = check('open-files', 'each connection is an open file; above the limit new ones are refused');
  if (openFiles === null) return ok('this system does not say how many files may be open');
  if (openFiles < OPEN_FILES)
    return warn(`${openFiles} files may be open, ${OPEN_FILES} are needed at most`, `ulimit -n ${2 * OPEN_FILES}`);
  return ok(`${openFiles === Number.MAX_SAFE_INTEGER ? 'any number of' : openFiles.toLocaleString('en-US')} files may be open`);
}

function checkSpace({ of, path, freeBytes, totalBytes, freeInodes }: SpaceFacts): Finding {
  const why =
    of === 'data'
      ? 'when the disk is full events are refused with 507 until there is space'
      : 'training and SQLite put large intermediate results there';
  const { ok, warn, fail } = check(of === 'data' ? 'disk' : 'tmp', why);
  const share = totalBytes > 0 ? ` (${percent(freeBytes / totalBytes)})` : '';
  const inodes = freeInodes === null ? '' : `, ${count(freeInodes, 'file')} can be made`;
  const what = `${size(freeBytes)} free${share} at ${path}${inodes}`;
  const mend = `du -xh --max-depth=2 ${quoted(path)} | sort -h | tail`;
  if (freeBytes < LEAST_BYTES || freeInodes === 0) return of === 'data' ? fail(what, mend) : warn(what, mend);
  return freeBytes < COMFORT_BYTES || (freeInodes !== null && freeInodes < COMFORT_INODES) ? warn(what, mend) : ok(what);
}

/** From the log's own times: what its newest records weigh, over the time that they span. */
function checkGrowth({ database, machine, dataDir }: Facts): Finding[] {
  const sample = database?.sample;
  const space = machine.spaces.find(({ of }) => of === 'data');
  if (sample === undefined || sample === null || space === undefined) return [];
  const { ok, warn, fail } = check(
    'growth',
    'the log is kept whole, since verify reads it from its start: the disk has to be planned for it',
  );
  if (sample.spanMs < LEAST_SPAN_MS) return [ok(`the log spans ${span(sample.spanMs)}: too little to say how fast it grows`)];
  const perDay = (sample.bytes / sample.spanMs) * DAY_MS;
  const days = space.freeBytes / perDay;
  const what = `the log grows by ${size(perDay)} a day (over its newest ${span(sample.spanMs)}): the disk lasts ${days > 3650 ? 'more than ten years' : span(days * DAY_MS)}`;
  const mend = `df -h ${quoted(dataDir)}`;
  if (days < NOW_DAYS) return [fail(what, mend)];
  return [days < SOON_DAYS ? warn(what, mend) : ok(what)];
}
