/** `optikal drift`: which features of the archived windows have left the reference of a bundle. */
import { DRIFT_HOURS, findDrift } from '../../services/drift.ts';
import { writeDriftPage } from '../../services/drift-file.ts';
import { checkReportPlace } from '../../services/report-file.ts';
import { renderDrift } from '../drift-table.ts';
import { EXIT } from '../exit.ts';
import { colorsFor, print, say } from '../io.ts';
import { positiveNumber } from '../options.ts';
import type { Register } from '../register.ts';

interface DriftFlags {
  readonly bundle?: string;
  readonly dataDir: string;
  readonly hours: number;
  readonly all?: boolean;
  readonly report?: string;
  readonly json?: boolean;
}

export const driftCommand: Register = (program, io, done) => {
  program
    .command('drift')
    .description(
      'do live windows still look like those a bundle was fitted on? exit code 3 where a feature moved more than chance explains',
    )
    .option('--bundle <bundle>', 'its folder, or its fingerprint where the data directory keeps it; otherwise the one that judged last')
    .requiredOption('--data-dir <dir>', 'the data directory; a server may be running on it', 'var')
    .option('--hours <n>', 'hours of event time up to the newest window', positiveNumber, DRIFT_HOURS)
    .option('--all', 'all features, not the worst alone')
    .option('--report <file>', 'a page with the pictures')
    .option('--json', 'all figures as JSON')
    .addHelpText('after', '\nexamples:\n  optikal drift --data-dir var/\n  optikal drift --data-dir var/ --hours 6 --report drift.html')
    .action((flags: DriftFlags) => {
      // Said before the work, not after it.
      if (flags.report !== undefined) checkReportPlace(flags.report);
      const report = findDrift({ dataDir: flags.dataDir, bundle: flags.bundle ?? null, hours: flags.hours });
      if (flags.report !== undefined) writeDriftPage(flags.report, report);
      if (flags.json === true) print(io, JSON.stringify(report));
      else say(io, renderDrift(report, colorsFor(io, 'stdout'), flags.all === true), { hang: 2 });
      if (flags.report !== undefined) say(io, `report in ${flags.report}`, { on: flags.json === true ? 'stderr' : 'stdout' });
      done(report.alarm ? EXIT.differs : EXIT.ok);
    });
};
