/** The operating point as it turned out on these windows: the rate that was realised, and what baselines catch at the same one. */
import { headline } from '../../training/measure.ts';
import type { CampaignWindows } from './campaigns.ts';
import type { Judge, Judged } from './judged.ts';
import type { Judges } from './judges.ts';
import { type Share, shareOf } from './numbers.ts';

export interface Operating {
  /** null where windows have their own: by the planes that each had, or by the group that was left out. */
  readonly threshold: number | null;
  /** Where it comes from, in words. */
  readonly asked: string;
  readonly falsePositiveRate: number | null;
  /** Wilson; windows of one agent resemble each other, so the true range is wider. */
  readonly falseAlarms: Share;
  readonly falseAlarmsPerDay: number;
  readonly falseAlarmsPerAgentDay: number;
  readonly falseAlarmsPerAgentWeek: number;
  readonly windowRecall: number | null;
  readonly caught: Share;
  readonly campaignsCaught: Share;
  readonly campaigns: readonly { readonly threat: string; readonly intensity: string; readonly caught: number; readonly all: number }[];
  readonly rivals: readonly {
    readonly name: string;
    readonly falseAlarms: Share;
    readonly caught: Share;
    readonly campaignsCaught: Share;
  }[];
}

export function operatingOf(judged: Judged, { ensemble, rivals }: Judges, campaigns: readonly CampaignWindows[]): Operating {
  const { samples, thresholds, days, agents } = judged;
  const rows = (label: 0 | 2) => samples.flatMap((sample, i) => (sample.label === label && headline(sample) ? [i] : []));
  const [benign, acted] = [rows(0), rows(2)];
  const share = (own: readonly number[], { alerts }: Judge) => shareOf(own.filter((i) => alerts[i] === 1).length, own.length);
  const isCaught = ({ windows }: CampaignWindows, { alerts }: Judge) => windows.some((i) => alerts[i] === 1);
  const campaignShare = (judge: Judge) => shareOf(campaigns.filter((campaign) => isCaught(campaign, judge)).length, campaigns.length);
  const falseAlarms = share(benign, ensemble);
  const caught = share(acted, ensemble);
  const alike = samples.every((_, i) => thresholds[i] === thresholds[0]);
  const cells = Map.groupBy(campaigns, ({ threat, intensity }) => `${threat ?? ''}|${intensity ?? ''}`);
  return {
    threshold: alike ? (thresholds[0] ?? null) : null,
    asked: judged.asked,
    falsePositiveRate: falseAlarms.share,
    falseAlarms,
    falseAlarmsPerDay: falseAlarms.hits / days,
    falseAlarmsPerAgentDay: falseAlarms.hits / days / agents,
    falseAlarmsPerAgentWeek: (7 * falseAlarms.hits) / days / agents,
    windowRecall: caught.share,
    caught,
    campaignsCaught: campaignShare(ensemble),
    campaigns: [...cells]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, own]) => ({
        threat: own[0]!.threat ?? '', // groupBy makes no empty group
        intensity: own[0]!.intensity ?? '',
        caught: own.filter((campaign) => isCaught(campaign, ensemble)).length,
        all: own.length,
      })),
    rivals: rivals.map((judge) => ({
      name: judge.name,
      falseAlarms: share(benign, judge),
      caught: share(acted, judge),
      campaignsCaught: campaignShare(judge),
    })),
  };
}
