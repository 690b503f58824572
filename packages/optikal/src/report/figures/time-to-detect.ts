/** From the first call that serves an attack to the first alert on one of its windows, in event time. */
import type { WindowSample } from '../../training/dataset.ts';
import { alertMs, type CampaignWindows } from './campaigns.ts';
import type { Judge } from './judged.ts';
import { quantityAt } from './numbers.ts';
import type { Part } from './part.ts';

export interface Detection {
  /** null = all threats. */
  readonly threat: string | null;
  readonly campaigns: number;
  /** Ascending; a campaign that was never caught has none. */
  readonly delaysSeconds: readonly number[];
  readonly medianSeconds: number | null;
  readonly neverShare: number;
}

export interface TimeToDetect {
  readonly threats: readonly Detection[];
  readonly all: Detection;
  /** Baselines at the same number of false alarms. */
  readonly rivals: readonly (Detection & { readonly name: string })[];
}

export function timeToDetect(
  campaigns: readonly CampaignWindows[],
  samples: readonly Pick<WindowSample, 'startMs'>[],
  ensemble: Judge,
  rivals: readonly Judge[],
): Part<TimeToDetect> {
  if (campaigns.length === 0) return { missing: 'No window that acted names its campaign, so there is no first call to measure from.' };
  const of = (judge: Judge, threat: string | null): Detection => {
    const own = campaigns.filter((campaign) => threat === null || campaign.threat === threat);
    const delays = own.flatMap((campaign) => delayOf(campaign, samples, judge) ?? []).sort((a, b) => a - b);
    return {
      threat,
      campaigns: own.length,
      delaysSeconds: delays,
      // The median over all campaigns, those never caught counted as endless: it does not look better for missing the hard ones.
      medianSeconds: quantityAt(delays, 0.5, own.length),
      neverShare: 1 - delays.length / own.length,
    };
  };
  const threats = [...new Set(campaigns.flatMap(({ threat }) => threat ?? []))].sort();
  return {
    threats: threats.map((threat) => of(ensemble, threat)),
    all: of(ensemble, null),
    rivals: rivals.map((judge) => ({ name: judge.name, ...of(judge, null) })),
  };
}

/** Seconds; null = never. */
export function delayOf(
  { windows, firstMs }: Pick<CampaignWindows, 'windows' | 'firstMs'>,
  samples: readonly Pick<WindowSample, 'startMs'>[],
  { alerts }: Pick<Judge, 'alerts'>,
): number | null {
  const first = windows.find((i) => alerts[i] === 1);
  return first === undefined ? null : (alertMs(samples[first]!.startMs) - firstMs) / 1000;
}
