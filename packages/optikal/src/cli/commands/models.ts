/** `optikal models use`: puts a bundle into force in a data directory. */
import { readBundle } from '../../services/bundle-files.ts';
import { useBundle } from '../../services/models-use.ts';
import { EXIT } from '../exit.ts';
import { print } from '../io.ts';
import { type OperatingFlags, operatingOptions, solveFor } from '../options.ts';
import type { Register } from '../run.ts';

interface UseFlags extends OperatingFlags {
  readonly dataDir: string;
  readonly json?: boolean;
}

export const modelsCommand: Register = (program, io, done) => {
  const models = program.command('models').description('which bundle judges');
  const use = models
    .command('use')
    .description('a control record in the log: the bundle judges windows from the next minutes on; it is copied to DATA-DIR/bundles/SHA/')
    .argument('<bundle>', 'folder of the bundle')
    .requiredOption('--data-dir <dir>', 'the data directory; a server may be running on it')
    .option('--json', 'the control record as JSON')
    .addHelpText(
      'after',
      '\nOPTIKAL_API_KEY is the admin key where the server has keys.\n\nexample:\n  optikal models use bundle/ --data-dir var/',
    );
  for (const option of operatingOptions()) use.addOption(option);
  use.action(async (bundle: string, flags: UseFlags) => {
    const threshold = solveFor(readBundle(bundle), flags)?.threshold ?? null;
    const epoch = await useBundle({ dataDir: flags.dataDir, bundle, threshold, key: io.env.OPTIKAL_API_KEY ?? null });
    print(
      io,
      flags.json === true
        ? JSON.stringify(epoch)
        : `bundle ${epoch.bundle} judges windows from ${new Date(epoch.effectiveFromMs).toISOString()} on`,
    );
    done(EXIT.ok);
  });
};
