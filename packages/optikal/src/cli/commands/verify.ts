/** `optikal verify`: does the log, replayed from its start, give the alerts that are stored? */
import type { Settings } from '../../config/index.ts';
import { keptBundle } from '../../services/data-folder.ts';
import { openReader } from '../../services/open-bus.ts';
import { type Verification, verifyLog } from '../../services/verify.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, print, progressBar, say } from '../io.ts';
import type { Register } from '../register.ts';
import { addBusOptions, configOption, orTellProblems, settingsOf } from '../settings.ts';

export const verifyCommand: Register = (program, io, done) => {
  const command = program
    .command('verify')
    .description('replays the log from its start into a fresh state and compares the alerts; exit code 3 where they differ')
    .addOption(configOption())
    .requiredOption('--data-dir <dir>', 'the data directory; detectors may be running. With --bus kafka its bundles are used');
  addBusOptions(command)
    .option('--json', '{records, alerts, sha256, replaySha256, equal}')
    .addHelpText(
      'after',
      '\nexamples:\n  optikal verify --data-dir var/ --json\n  optikal verify --bus kafka --brokers host:9092 --data-dir var/',
    )
    .action(async ({ json = false }: { json?: boolean }) =>
      done(await orTellProblems(io, json, () => verify(io, settingsOf(command, io).settings, json))),
    );
};

async function verify(io: Io, settings: Settings, json: boolean): Promise<number> {
  const bar = progressBar(io, 'replaying');
  const reader = await openReader(settings, io.env, { snapshot: true });
  let found: Verification;
  try {
    found = await verifyLog(reader, (fingerprint) => keptBundle(settings.dataDir, fingerprint), bar.update);
  } finally {
    await reader.close();
  }
  bar.stop();
  const { green, red } = colorsFor(io, 'stdout');
  if (json) print(io, JSON.stringify(found));
  else
    say(
      io,
      `${found.equal ? green('equal') : red('DIFFERENT')}: ${found.records} records replayed, ${found.alerts} alerts stored\nstored   ${found.sha256}\nreplayed ${found.replaySha256}`,
    );
  return found.equal ? EXIT.ok : EXIT.differs;
}
