/** Recall by threat and intensity at the threshold, windows and campaigns, beside what one feature can do in the same cell. */
import type { CellFigure } from '../../training/cells.ts';
import { headline } from '../../training/measure.ts';
import type { CampaignWindows } from './campaigns.ts';
import type { Judge, Judged } from './judged.ts';
import { known, type Share, shareOf } from './numbers.ts';
import type { Part } from './part.ts';

export interface GridCell {
  /** null = all. */
  readonly threat: string | null;
  readonly intensity: string | null;
  readonly windows: Share;
  readonly campaigns: Share;
  /** The best single feature at the same number of false alarms. */
  readonly rivalWindows: Share;
  readonly auroc: number | null;
  readonly callCountAuroc: number | null;
  /** Of the ensemble and of the best stump, thresholds chosen on other agents; null where the attacks lie on one agent. */
  readonly balancedAccuracy: number | null;
  readonly stump: { readonly feature: string; readonly balancedAccuracy: number | null };
}

export interface Grid {
  readonly threats: readonly string[];
  readonly intensities: readonly string[];
  readonly cells: readonly GridCell[];
}

export function gridOf(
  { samples }: Pick<Judged, 'samples'>,
  campaigns: readonly CampaignWindows[],
  { ensemble, rival }: { readonly ensemble: Judge; readonly rival: Judge },
  figures: readonly CellFigure[],
): Part<Grid> {
  if (figures.length === 0) return { missing: 'There are no windows that acted, or nothing else.' };
  const cells = figures.map((figure): GridCell => {
    const inCell = (of: { readonly threat: string | null; readonly intensity: string | null }) =>
      (figure.threat === null || of.threat === figure.threat) && (figure.intensity === null || of.intensity === figure.intensity);
    const windows = samples.flatMap((sample, i) => (sample.label === 2 && headline(sample) && inCell(sample) ? [i] : []));
    const own = campaigns.filter(inCell);
    const caughtBy = (judge: Judge) => shareOf(windows.filter((i) => judge.alerts[i] === 1).length, windows.length);
    return {
      threat: figure.threat,
      intensity: figure.intensity,
      windows: caughtBy(ensemble),
      campaigns: shareOf(own.filter((campaign) => campaign.windows.some((i) => ensemble.alerts[i] === 1)).length, own.length),
      rivalWindows: caughtBy(rival),
      auroc: known(figure.ensemble.auroc),
      callCountAuroc: known(figure.callCountAuroc),
      balancedAccuracy: known(figure.ensemble.balancedAccuracy),
      stump: { feature: figure.stump.feature, balancedAccuracy: known(figure.stump.balancedAccuracy) },
    };
  });
  // The pooled cells hold every name, in the order of the figures.
  return {
    threats: cells.flatMap(({ threat, intensity }) => (intensity === null && threat !== null ? [threat] : [])),
    intensities: cells.flatMap(({ threat, intensity }) => (threat === null && intensity !== null ? [intensity] : [])),
    cells,
  };
}
