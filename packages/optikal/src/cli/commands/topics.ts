/** `optikal topics`: makes the topics on Kafka, and says what is wrong with those that are there. */
import type { Command } from 'commander';
import { DEFAULTS } from '../../config/index.ts';
import { lookAtTopics, makeTopics, type TopicFinding, type TopicState, type TopicsReport } from '../../services/topics.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, print, say } from '../io.ts';
import { count } from '../options.ts';
import type { Register } from '../register.ts';
import { configOption, orTellProblems, settingsOf } from '../settings.ts';
import { table } from '../tables.ts';

interface Flags {
  readonly replication?: number;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

export const topicsCommand: Register = (program, io, done) => {
  const topics = program
    .command('topics')
    .description('the topics on Kafka: makes them, says what is wrong with them')
    .addHelpText('after', '\nexamples:\n  optikal topics create --brokers host:9092\n  optikal topics check --brokers host:9092');
  const create = address(topics.command('create').description('makes the topics that are missing; those that are there stay as they are'))
    .option('--partitions <n>', 'partitions of the log: as many detectors can work at once; default what the log has, else 12', count)
    .option('--replication <n>', 'copies of each record; default 3, or as many as there are brokers', count)
    .option('--json', 'the names as JSON')
    .addHelpText('after', '\nexample:\n  optikal topics create --brokers host:9092 --partitions 12 --replication 3');
  create.action(async ({ replication, json = false }: Flags) => {
    done(
      await orTellProblems(io, json, async () => {
        const { settings } = settingsOf(create, io);
        const made = await makeTopics(settings, io.env, { partitions: partitionsOf(create, io), replicas: replication ?? null });
        if (json) print(io, JSON.stringify(made));
        else {
          for (const name of made.created) print(io, `created  ${name}`);
          for (const name of made.there) print(io, `there    ${name}`);
          say(io, 'optikal topics check says whether they are as they must be', { hang: 2 });
        }
        return EXIT.ok;
      }),
    );
  });
  const check = address(topics.command('check').description('what is there, and what is wrong; exit code 1 where something is'))
    .option('--partitions <n>', 'what the log should have; default what it has', count)
    .option('--roles <list>', 'what the user who asks shall be able to do: some of api, router, detector', DEFAULTS.roles)
    .option('--json', 'topics and findings as JSON')
    .addHelpText('after', '\nexample:\n  optikal topics check --brokers host:9092 --roles detector');
  check.action(async ({ json = false }: Flags) => {
    done(
      await orTellProblems(io, json, async () => {
        const { settings } = settingsOf(check, io);
        const report = await lookAtTopics(settings, io.env, partitionsOf(check, io));
        if (json) print(io, JSON.stringify(report));
        else show(io, report);
        return report.findings.some(({ level }) => level === 'error') ? EXIT.failed : EXIT.ok;
      }),
    );
  });
};

function address(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--brokers <list>', 'HOST:PORT, several with commas')
    .option('--prefix <text>', 'what stands before the names of topics');
}

/** The default of the setting is that of a data directory. */
function partitionsOf(command: Command, io: Io): number | null {
  const { settings, sources } = settingsOf(command, io);
  const kind = sources.get('detector.partitions')?.kind ?? 'default';
  return kind === 'default' ? null : settings.detector.partitions;
}

function show(io: Io, { topics, findings }: TopicsReport): void {
  const { red, yellow, green } = colorsFor(io, 'stdout');
  print(io, table([['topic', 'partitions', 'replicas', 'kept', 'largest'], ...topics.map(rowOf)]));
  print(io, '');
  for (const { finding, names } of grouped(findings)) {
    const { level, what, expected, found, why } = finding;
    const word = level === 'error' ? red('error  ') : yellow('warning');
    say(io, `${word}  ${what}: expected ${expected}, found ${found}; ${why} (${names.join(', ')})`, { hang: 9 });
  }
  if (findings.length === 0) print(io, green('nothing is wrong'));
}

function rowOf({ name, there, partitions, replicas, settings }: TopicState): string[] {
  if (!there) return [name, 'missing'];
  return [name, String(partitions), String(replicas), keptFor(settings), largest(settings)];
}

function keptFor(settings: TopicState['settings']): string {
  const ms = Number(settings['retention.ms']);
  if (settings['cleanup.policy'] === 'compact') return 'last of each key';
  if (Number.isNaN(ms)) return '?';
  return ms < 0 ? 'for ever' : `${Number((ms / DAY_MS).toFixed(2))} days`;
}

function largest(settings: TopicState['settings']): string {
  const bytes = Number(settings['max.message.bytes']);
  return Number.isNaN(bytes) ? '?' : `${Number((bytes / MIB).toFixed(2))} MiB`;
}

/** The same finding of several topics is one line. */
function grouped(findings: readonly TopicFinding[]): { readonly finding: TopicFinding; readonly names: readonly string[] }[] {
  const groups = new Map<string, { finding: TopicFinding; names: string[] }>();
  for (const finding of findings) {
    const { level, what, expected, found, why } = finding;
    const key = JSON.stringify([level, what, expected, found, why]);
    const group = groups.get(key) ?? { finding, names: [] };
    group.names.push(finding.topic);
    groups.set(key, group);
  }
  return [...groups.values()];
}
