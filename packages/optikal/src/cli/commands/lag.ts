/** `optikal lag`: how far the detectors are behind the log. */
import { type PartitionLag, readLag, spoolDepth } from '../../services/lag.ts';
import { openReader } from '../../services/open-bus.ts';
import { EXIT } from '../exit.ts';
import { type Io, print } from '../io.ts';
import type { Register } from '../register.ts';
import { addReaderOptions, orTellProblems, settingsOf } from '../settings.ts';
import { table } from '../tables.ts';

export const lagCommand: Register = (program, io, done) => {
  const command = program
    .command('lag')
    .description(
      'how far the detectors are behind the log, by partition: records, seconds of the log’s clock, and agents with an open window',
    );
  addReaderOptions(command)
    .option('--spool <dir>', 'the spool of a publisher, too')
    .option('--json', '{partitions, spool}')
    .addHelpText('after', '\nexamples:\n  optikal lag --data-dir var/\n  optikal lag --bus kafka --brokers host:9092')
    .action(async ({ json = false, spool }: { json?: boolean; spool?: string }) =>
      done(
        await orTellProblems(io, json, async () => {
          const reader = await openReader(settingsOf(command, io).settings, io.env);
          let partitions: PartitionLag[];
          try {
            partitions = await readLag(reader);
          } finally {
            await reader.close();
          }
          show(io, partitions, spool === undefined ? null : spoolDepth(spool), json);
          return EXIT.ok;
        }),
      ),
    );
};

function show(io: Io, partitions: readonly PartitionLag[], spool: ReturnType<typeof spoolDepth>, json: boolean): void {
  if (json) {
    print(io, JSON.stringify({ partitions, spool }));
    return;
  }
  const rows = partitions.map(({ partition, records, seconds, clockMs, openAgents }) => [
    String(partition),
    String(records),
    seconds === null ? '–' : `${seconds} s`,
    clockMs === null ? '–' : new Date(clockMs).toISOString(),
    String(openAgents),
  ]);
  print(io, table([['partition', 'records', 'log clock', 'committed up to', 'open windows'], ...rows]));
  if (spool !== null) print(io, `spool: ${spool.segments} segments, ${spool.bytes} bytes`);
}
