/** Figures as terminal tables, the baselines beside every one. */
import type { EvaluationReport, ProtocolReport } from '../report/index.ts';
import type { Baselines, Figure, Measured } from '../training/measure.ts';
import type { Trial } from '../training/stack.ts';
import { colorsFor, type Io } from './io.ts';
import { percent } from './quantity.ts';

const three = (value: number) => value.toFixed(3);
const figure = ({ value, interval }: Figure) =>
  `${three(value)}${interval === null ? '' : ` [${three(interval.low)}–${three(interval.high)}]`}`;

/** Rows of cells, columns aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A bundle's own report: out-of-fold figures. */
export function renderMeasured(report: Readonly<Record<string, unknown>>, io: Io): string {
  const { dim } = colorsFor(io, 'stdout');
  const measured = report.outOfFold as Measured; // written by training/fit.ts
  const beside = report.baselines as Baselines;
  return [
    `out-of-fold, agents never on both sides ${dim('(acted against neither; exposed and doubtful windows left out)')}`,
    ...figures(measured, beside),
    ...((report.trials as readonly Trial[] | undefined) ?? []).map(renderTrial),
  ].join('\n');
}

/** A base that must prove itself, and whether it did. */
function renderTrial({ name, gain, interval, weight }: Trial): string {
  const signed = (value: number) => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;
  const range = interval === null ? '' : ` [${signed(interval.low)} to ${signed(interval.high)}]`;
  const role = weight > 0 ? `weight ${weight.toFixed(2)}` : 'weight 0, told and not counted';
  return `${name}: ${role}; it changes average precision by ${signed(gain)}${range}`;
}

export function figures(measured: Measured, beside: Baselines): string[] {
  const rows = [
    ['AUROC', figure(measured.auroc)],
    ['average precision', three(measured.averagePrecision)],
    ...measured.recallAtFpr.map(({ fpr, recall }) => [`recall at FPR ${percent(fpr)}`, figure(recall)]),
    ...Object.entries(measured.perThreat).map(([threat, { auroc, positives }]) => [
      `  ${threat.replaceAll('_', ' ')}`,
      `AUROC ${three(auroc)} (${positives} windows)`,
    ]),
    ['beside it: calls alone', `AUROC ${three(beside.callCount)}`],
    ['  best single feature', `AUROC ${three(beside.bestFeature.auroc)} (${beside.bestFeature.name})`],
    ['  best stump', `balanced accuracy ${three(beside.bestStump.balancedAccuracy)} (${beside.bestStump.name})`],
    ['windows', `${measured.windows}, ${measured.positives} attacked; smallest FPR they resolve ${percent(measured.smallestFpr)}`],
  ];
  return [table(rows)];
}

export function renderEvaluation(found: EvaluationReport): string {
  const { operating, measured, baselines } = found;
  return [
    found.source,
    ...figures(measured, baselines),
    '',
    table([
      ['at the threshold', operating.threshold === null ? 'of its planes' : three(operating.threshold)],
      [
        'false alarms',
        // Recorded agents were not recorded with their times: a rate a day would be that of a made-up clock.
        `${found.surrogateClock ? '' : `${operating.falseAlarmsPerDay.toFixed(2)} a day, ${operating.falseAlarmsPerAgentWeek.toFixed(2)} an agent-week, `}FPR ${percent(operating.falsePositiveRate ?? 0)}`,
      ],
      ['attacked windows caught', percent(operating.windowRecall ?? 0)],
      ...operating.campaigns.map(({ threat, intensity, caught, all }) => [
        `  ${threat.replaceAll('_', ' ')}, ${intensity}`,
        `${caught} of ${all} campaigns`,
      ]),
    ]),
  ].join('\n');
}

export function renderProtocol(report: ProtocolReport): string {
  const blocks = report.runs.map((run) =>
    [
      `leave one ${run.leave} out (${run.groups.length}; runs on both sides ${run.sharedRuns}, injected outputs on both sides ${run.sharedInjectedOutputs})`,
      ...figures(run.pooled, run.baselines),
      table(
        run.groups.map(({ name, positives, auroc }) => [
          `  ${name}`,
          auroc === null ? 'one class only' : `AUROC ${three(auroc)}`,
          `${positives} attacked`,
        ]),
      ),
    ].join('\n'),
  );
  const permuted =
    report.permuted === null
      ? []
      : [`labels permuted within groups, mean of ${report.permuted.permutations}: AUROC ${three(report.permuted.mean)}`];
  return [report.source, ...blocks, ...permuted].join('\n\n');
}
