/** The log and what stands beside it: whole, read to its end, growing as it should; what was refused, what came late. Pure. */
import { ARCHIVE_LIMITS } from '../../bus/embedded/score-table.ts';
import type { DatabaseFacts, Facts } from './facts.ts';
import { check, count, type Finding, instant, moveAside, percent, quoted, size, span, within } from './finding.ts';

/** `OPTK`, and the version that this release writes (bus/embedded/schema.ts). */
export const APPLICATION_ID = 0x4f50544b;
export const FORMAT_VERSION = 1;
const DAY_MS = 86_400_000;
/** The bus cuts it back to 128 MB; above, a reader holds it (bus/embedded/schema.ts). */
const WAL_BYTES = 160e6;
/** A second of a busy log; a server that keeps up is never so far behind for long. */
const LAG_RECORDS = 5000;
/** So few refused messages are no reason to look: one in a thousand is a producer's bad day. */
const LETTER_SHARE = 0.001;
const LATE_SHARE = 0.01;
const DUPLICATE_SHARE = 0.2;
const FAR_SHARE = 0.05;
const CLOCK_MS = 60_000;
const LEAST_EVENTS = 20;

const SET_CLOCK = 'sudo timedatectl set-ntp true';
const VALIDATE = 'npx optikal events validate events.jsonl';

/** What to do about letters of a code, and with which command; for others: look at what is sent. */
const LETTER_ADVICE: Readonly<Record<string, readonly [advice: string, mend: string]>> = {
  clock_ahead: ['the clocks of these producers are ahead: let them follow a time server', SET_CLOCK],
  duplicate_id_conflict: ['producers use an id twice for different messages: make ids random, or count them per source', VALIDATE],
  tenant_forbidden: ['a producer names a tenant that its key is not for: look whose key it is', 'npx optikal doctor --keys keys.json'],
  metric_out_of_range: ['a metric is outside its range: look at its unit in docs/messages.md', VALIDATE],
  too_many_calls: ['messages hold more than 512 calls: split them', VALIDATE],
  open_windows_exceeded: ['agents send more than an hour out of order: send in time', SET_CLOCK],
  window_records_exceeded: ['one agent sends thousands of messages a minute: put its calls together', VALIDATE],
  unknown_version: ['producers are newer than this server: update it', 'git pull && npm ci'],
};

export function checkLog(facts: Facts): Finding[] {
  const { database } = facts;
  if (database === null) return [];
  return [
    ...checkFormat(facts, database),
    ...checkIntegrity(facts, database),
    checkWal(facts, database),
    ...checkLag(facts, database),
    ...checkLetters(database),
    ...checkCounters(database),
    ...checkArchive(facts, database),
    ...checkClock(facts, database),
    ...checkDelay(database),
    ...checkSilent(facts, database),
    ...checkCut(facts, database),
  ];
}

function checkFormat({ dataDir }: Facts, { opened, problems, sizeBytes }: DatabaseFacts): Finding[] {
  const { ok, fail } = check('log.format', 'a release reads the format that it knows, and refuses every other');
  const aside = moveAside(dataDir, 'damaged');
  if (opened === null) return problems.length === 0 ? [] : [fail(`bus.db cannot be read: ${problems[0]}`, aside)];
  if (sizeBytes === 0) return [ok('bus.db is empty; the first start of a server makes its tables')];
  if (opened.applicationId !== APPLICATION_ID) return [fail('bus.db is a database of another program', aside)];
  if (opened.version > FORMAT_VERSION)
    return [fail(`bus.db has format version ${opened.version}, newer than the ${FORMAT_VERSION} of this release`, 'git pull && npm ci')];
  if (opened.version !== FORMAT_VERSION) return [fail(`bus.db has format version ${opened.version}, expected ${FORMAT_VERSION}`, aside)];
  return [ok(`format version ${opened.version}`)];
}

function checkIntegrity({ dataDir }: Facts, { quickCheck, opened, problems, limitMs, sizeBytes }: DatabaseFacts): Finding[] {
  if (opened === null || opened.version !== FORMAT_VERSION) return [];
  const { ok, warn, fail } = check('log.integrity', 'of a damaged log nothing can be believed: alerts may be missing that were raised');
  const restore = `${moveAside(dataDir, 'damaged')} # then put a backup in its place`;
  const damages = quickCheck?.problems ?? [];
  if (damages.length > 0) return [fail(`bus.db is damaged: ${damages.slice(0, 3).join('; ')}`, restore)];
  if (problems.length > 0) return [fail(`bus.db cannot be read as it should be: ${problems.slice(0, 3).join('; ')}`, restore)];
  if (quickCheck === null)
    return [
      warn(
        `no damage found in ${span(limitMs)}, and the ${size(sizeBytes)} were not read to their end`,
        `npx optikal verify --data-dir ${quoted(dataDir)}`,
      ),
    ];
  return [ok(`SQLite's quick check finds nothing (${size(sizeBytes)})`)];
}

function checkWal({ dataDir, writer }: Facts, { walBytes, walHeader, walUnread }: DatabaseFacts): Finding {
  const { ok, warn, fail } = check(
    'log.wal',
    'the newest transactions are in bus.db-wal until they are copied into bus.db: the two belong together',
  );
  if (walHeader === 'garbage')
    return fail(
      `bus.db-wal (${size(walBytes)}) is no write-ahead log: SQLite ignores it, and what was in it is missing`,
      `npx optikal verify --data-dir ${quoted(dataDir)}`,
    );
  if (walUnread)
    return warn(
      `bus.db-wal (${size(walBytes)}) cannot be read in a folder that may not be written: all that follows is without it`,
      `cp -a ${quoted(dataDir)} /tmp/optikal-copy && npx optikal doctor --data-dir /tmp/optikal-copy`,
    );
  if (walBytes > WAL_BYTES)
    return warn(
      `bus.db-wal has ${size(walBytes)}: a reader holds it back, or it was never copied`,
      writer.lock === 'held' ? `fuser ${quoted(within(dataDir, 'bus.db'))}` : `npx optikal serve --data-dir ${quoted(dataDir)}`,
    );
  return ok(walHeader === 'absent' ? 'none is left over' : size(walBytes));
}

function checkLag({ dataDir, writer }: Facts, { partitions }: DatabaseFacts): Finding[] {
  if (partitions === null || partitions.length === 0) return [];
  const { ok, warn, fail } = check('log.lag', 'events that no detector has read are accepted and not judged');
  const lag = partitions.reduce((sum, { next, end }) => sum + end - next, 0);
  const records = partitions.reduce((sum, { end }) => sum + end, 0);
  const serve = `npx optikal serve --data-dir ${quoted(dataDir)}`;
  if (partitions.some(({ next, end }) => next > end))
    return [
      fail(
        'a partition was read past its end: log and positions do not belong together',
        `npx optikal verify --data-dir ${quoted(dataDir)}`,
      ),
    ];
  if (lag === 0) return [ok(`all ${count(records, 'record')} of ${count(partitions.length, 'partition')} are judged`)];
  const what = `${count(lag, 'record')} of ${count(records, 'record')} are not judged yet`;
  if (writer.lock !== 'held') return [warn(`${what}, and no server runs`, serve)];
  return [
    lag > LAG_RECORDS ? warn(`${what}: the server does not keep up`, `npx optikal doctor --data-dir ${quoted(dataDir)} --json`) : ok(what),
  ];
}

function checkLetters({ letters, partitions }: DatabaseFacts): Finding[] {
  if (letters === null) return [];
  const { ok, warn } = check('log.dead-letters', 'a message that was refused says nothing about its agent');
  const total = letters.reduce((sum, letter) => sum + letter.count, 0);
  if (total === 0) return [ok('none')];
  const events = (partitions ?? []).reduce((sum, { state }) => sum + (state?.counters.events ?? 0), 0);
  const some = letters.map(({ code, count: n }) => `${n.toLocaleString('en-US')} ${code}`).join(', ');
  const advice = letters.flatMap(({ code }) => (Object.hasOwn(LETTER_ADVICE, code) ? [LETTER_ADVICE[code]!] : [])).slice(0, 3);
  const what = `${count(total, 'message was', 'messages were')} refused beside ${count(events, 'event')}: ${some}`;
  if (total < LETTER_SHARE * (events + total)) return [ok(what)];
  return [warn(advice.length === 0 ? what : `${what} (${advice.map(([words]) => words).join('; ')})`, advice[0]?.[1] ?? VALIDATE)];
}

function checkCounters({ partitions }: DatabaseFacts): Finding[] {
  const states = (partitions ?? []).flatMap(({ state }) => (state === null ? [] : [state.counters]));
  const sum = (name: 'events' | 'late' | 'duplicate') => states.reduce((total, counters) => total + counters[name], 0);
  const events = sum('events');
  if (events === 0) return [];
  const late = check('log.late', 'a late event is counted and changes nothing: its window is judged already');
  const twice = check('log.duplicates', 'repeats are dropped; very many of them mean that a producer does not see its answers');
  const lateShare = sum('late') / events;
  const twiceShare = sum('duplicate') / events;
  const lateWords = `${percent(lateShare)} of ${count(events, 'event')} came late`;
  const twiceWords = `${percent(twiceShare)} of ${count(events, 'event')} came twice`;
  return [
    lateShare > LATE_SHARE ? late.warn(`${lateWords}: producers hold events for more than a minute`, SET_CLOCK) : late.ok(lateWords),
    twiceShare > DUPLICATE_SHARE ? twice.warn(twiceWords, 'less docs/operations.md') : twice.ok(twiceWords),
  ];
}

function checkArchive({ dataDir }: Facts, { archive }: DatabaseFacts): Finding[] {
  if (archive === null) return [];
  const { ok, warn } = check('log.archive', 'explain and retraining reach back as far as scored windows are kept');
  const { windows, bytes, oldestMs, newestMs } = archive;
  if (windows === 0 || oldestMs === null || newestMs === null) return [ok('no scored window yet')];
  const { archiveBytes, archiveDays } = ARCHIVE_LIMITS;
  const what = `${count(windows, 'scored window')} of ${span(newestMs - oldestMs)}, ${size(bytes)}`;
  if (bytes > 0.95 * archiveBytes && newestMs - oldestMs < 0.9 * archiveDays * DAY_MS)
    return [
      warn(
        `${what}: the limit of ${size(archiveBytes)} is reached before the ${archiveDays} days`,
        `OPTIKAL_ARCHIVE_BYTES=${2 * archiveBytes} npx optikal serve --data-dir ${quoted(dataDir)}`,
      ),
    ];
  return [ok(`${what} (kept by default: ${archiveDays} days, ${size(archiveBytes)})`)];
}

function checkClock({ nowMs, writer, dataDir }: Facts, { partitions }: DatabaseFacts): Finding[] {
  const clocks = (partitions ?? []).flatMap(({ state }) => (state?.clockMs === null || state === null ? [] : [state.clockMs]));
  if (clocks.length === 0) return [];
  const { ok, warn } = check('clock', 'windows close by the clock of the log, which never goes back');
  const clockMs = Math.max(...clocks);
  const ahead = clockMs - nowMs;
  const at = `the log stands at ${instant(clockMs)}`;
  if (ahead > CLOCK_MS)
    return [warn(`${at}, ${span(ahead)} ahead of this machine: with the wall clock no window closes until it gets there`, SET_CLOCK)];
  if (writer.lock === 'held' && -ahead > CLOCK_MS)
    return [
      warn(
        `${at}, ${span(ahead)} behind this machine, and a process writes: it runs by the events' own clock, or does not tick`,
        `npx optikal serve --clock wall --data-dir ${quoted(dataDir)}`,
      ),
    ];
  return [ok(ahead > -CLOCK_MS ? `${at}, as this machine does` : `${at}, ${span(ahead)} ago`)];
}

function checkDelay({ sample }: DatabaseFacts): Finding[] {
  if (sample === null || sample.events < LEAST_EVENTS) return [];
  const { ok, warn } = check('log.receipt', 'an event that comes minutes after its time meets a window that is closed');
  const { events, behind, ahead, medianDelayMs } = sample;
  const usual = `half of the newest ${count(events, 'event')} come within ${span(Math.max(0, medianDelayMs))} of their time`;
  const far = (behind + ahead) / events;
  if (far <= FAR_SHARE) return [ok(usual)];
  const parts = [
    ...(behind > 0 ? [`${percent(behind / events)} more than 10 min later`] : []),
    ...(ahead > 0 ? [`${percent(ahead / events)} before it`] : []),
  ];
  return [warn(`${usual}, but ${parts.join(' and ')}`, SET_CLOCK)];
}

function checkSilent({ dataDir }: Facts, { agents }: DatabaseFacts): Finding[] {
  if (agents === null || agents.agents === 0) return [];
  const { ok, warn } = check('agents.silent', 'an agent that stops reporting may have been told to');
  if (agents.silentCount === 0) return [ok(`none of ${count(agents.agents, 'agent')} is silent for longer than before`)];
  const some = agents.silent
    .slice(0, 3)
    .map(({ key, lastMs, longestGapMs }) => `\`${key}\` since ${instant(lastMs)} (longest pause before: ${span(longestGapMs)})`);
  const more = agents.silentCount - some.length;
  const first = agents.silent[0]!; // silentCount is above 0
  const [tenant = '', agent = ''] = first.key.split('|');
  return [
    warn(
      `${count(agents.silentCount, 'agent is', 'agents are')} silent for longer than ever in the archive: ${some.join(', ')}${more > 0 ? ` and ${count(more, 'other')}` : ''}`,
      `npx optikal explain --tenant ${quoted(tenant)} --agent ${quoted(agent)} --at ${new Date(first.lastMs).toISOString()} --data-dir ${quoted(dataDir)}`,
    ),
  ];
}

/** Step → its words. */
const STEPS = {
  partitions: 'positions',
  letters: 'dead letters',
  archive: 'scored windows',
  sample: 'the newest records',
  alerts: 'alerts',
  agents: 'agents',
} as const satisfies Partial<Record<keyof DatabaseFacts, string>>;

function checkCut({ dataDir }: Facts, database: DatabaseFacts): Finding[] {
  if (!database.cut) return [];
  const { limitMs } = database;
  const { warn } = check('log.read', 'what was not looked at may be as it should, or not');
  const missing = Object.entries(STEPS).flatMap(([step, words]) => (database[step as keyof typeof STEPS] === null ? [words] : [])); // its keys
  return missing.length === 0
    ? []
    : [
        warn(
          `reading bus.db was ended after ${span(limitMs)}: not looked at: ${missing.join(', ')}`,
          `npx optikal verify --data-dir ${quoted(dataDir)}`,
        ),
      ];
}
