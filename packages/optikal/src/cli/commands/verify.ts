/** `optikal verify`: does the log, replayed from its start, give the alerts that are stored? */
import { verifyDataDir } from '../../services/verify.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, type Io, print, progressBar, say } from '../io.ts';
import type { Register } from '../register.ts';

export const verifyCommand: Register = (program, io, done) => {
  program
    .command('verify')
    .description('replays the log from its start into a fresh state and compares the alerts; exit code 3 where they differ')
    .requiredOption('--data-dir <dir>', 'the data directory; a server may be running on it')
    .option('--json', '{records, alerts, sha256, replaySha256, equal}')
    .addHelpText('after', '\nexample:\n  optikal verify --data-dir var/ --json')
    .action(async (flags: { dataDir: string; json?: boolean }) => done(await verify(io, flags.dataDir, flags.json === true)));
};

async function verify(io: Io, dataDir: string, json: boolean): Promise<number> {
  const bar = progressBar(io, 'replaying');
  const found = await verifyDataDir(dataDir, bar.update);
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
