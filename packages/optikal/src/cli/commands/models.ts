/** `optikal models use`: puts a bundle into force in a data directory. */
import { readBundle } from '../../services/bundle-files.ts';
import { useBundle } from '../../services/models-use.ts';
import { EXIT } from '../exit.ts';
import { print, say } from '../io.ts';
import { describeBundle, type OperatingFlags, operatingOptions, solveFor } from '../options.ts';
import type { Register } from '../register.ts';

interface UseFlags extends OperatingFlags {
  readonly dataDir: string;
  readonly json?: boolean;
}

export const modelsCommand: Register = (program, io, done) => {
  const models = program
    .command('models')
    .description('which bundle judges')
    .addHelpText('after', '\nexample:\n  optikal models use bundle/ --data-dir var/');
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
  use.action(async (folder: string, flags: UseFlags) => {
    const bundle = readBundle(folder);
    const solved = solveFor(bundle, flags);
    const epoch = await useBundle({
      dataDir: flags.dataDir,
      bundle: folder,
      threshold: solved?.threshold ?? null,
      key: io.env.OPTIKAL_API_KEY ?? null,
    });
    if (flags.json === true) print(io, JSON.stringify(epoch));
    else {
      say(io, `bundle ${epoch.bundle} judges windows from ${new Date(epoch.effectiveFromMs).toISOString()} on`, { hang: 2 });
      say(io, describeBundle(bundle, solved), { hang: 2 });
    }
    done(EXIT.ok);
  });
};
