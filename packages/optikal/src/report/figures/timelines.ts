/** Three attacked agents, window by window: one caught early, one caught late, one missed, where there are such. */
import { alertMs, attacksByAgent, type CampaignWindows } from './campaigns.ts';
import type { Judge, Judged } from './judged.ts';
import { known } from './numbers.ts';
import { isMissing, type Part } from './part.ts';
import { delayOf } from './time-to-detect.ts';

export type Story = 'caught early' | 'caught late' | 'missed';

export interface TimelineWindow {
  readonly startMs: number;
  /** null where nothing could be scored. */
  readonly margin: number | null;
  readonly label: 0 | 1 | 2;
  readonly alert: boolean;
  /** Calls that serve an attack. */
  readonly calls: readonly { readonly atMs: number; readonly tool: string }[];
  /** Share of the sequence model's attention at the alert (of a missed attack: in its window of the highest margin); null = none of it. */
  readonly attention: number | null;
}

export interface Timeline {
  readonly story: Story;
  readonly agent: string;
  readonly role: string | null;
  readonly threat: string | null;
  readonly intensity: string | null;
  /** Empty where the truth names none: then these are all windows of this agent that acted. */
  readonly campaign: string;
  readonly threshold: number;
  readonly firstMs: number;
  readonly alertMs: number | null;
  readonly delaySeconds: number | null;
  readonly windows: readonly TimelineWindow[];
  /** What the detector saw at the alert (of a missed attack: in its window of the highest margin), strongest first. */
  readonly reasons: Part<readonly string[]>;
}

const BEFORE = 12;
const AFTER = 6;
const MAX_WINDOWS = 44;

export function timelinesOf(judged: Judged, campaigns: readonly CampaignWindows[], ensemble: Judge): readonly Timeline[] {
  const told = storiesOf(judged, campaigns.length > 0 ? campaigns : attacksByAgent(judged), ensemble);
  return told.map(([story, campaign]) => timelineOf(judged, campaign, ensemble, story));
}

/** The median of the earlier half, the latest, and the longest that was missed; no agent twice where another will do. */
function storiesOf(judged: Judged, campaigns: readonly CampaignWindows[], ensemble: Judge): [Story, CampaignWindows][] {
  const timed = campaigns.map((campaign) => ({ campaign, delay: delayOf(campaign, judged.samples, ensemble) }));
  const caught = timed.filter(({ delay }) => delay !== null).sort((a, b) => a.delay! - b.delay!); // null was left out
  const missed = timed.filter(({ delay }) => delay === null).sort((a, b) => b.campaign.windows.length - a.campaign.windows.length);
  const used = new Set<string>();
  const pick = (story: Story, from: typeof timed): [Story, CampaignWindows][] => {
    const found = (from.find(({ campaign }) => !used.has(campaign.key)) ?? from[0])?.campaign;
    if (found === undefined) return [];
    used.add(found.key);
    return [[story, found]];
  };
  return [
    ...pick('caught early', caught.slice(Math.floor(caught.length / 4))),
    ...(caught.length > 1 ? pick('caught late', caught.toReversed()) : []),
    ...pick('missed', missed),
  ];
}

function timelineOf(judged: Judged, campaign: CampaignWindows, { alerts }: Judge, story: Story): Timeline {
  const { samples, margins, thresholds, attackCalls, reasons, sequence } = judged;
  const own = samples.flatMap(({ key }, i) => (key === campaign.key ? [i] : [])).sort((a, b) => samples[a]!.startMs - samples[b]!.startMs);
  const alerted = campaign.windows.find((i) => alerts[i] === 1) ?? null;
  const first = own.indexOf(campaign.windows[0]!); // a campaign has a window
  const last = own.indexOf(alerted ?? campaign.windows.at(-1)!);
  const from = Math.max(0, first - BEFORE);
  const to = Math.min(own.length, Math.max(last + AFTER + 1, first + 1));
  // A long attack is cut in front of its alert, never behind it.
  const shown = own.slice(Math.max(from, to - MAX_WINDOWS), to);
  const decisive = alerted ?? campaign.windows.reduce((best, i) => (margins[i]! > margins[best]! ? i : best));
  const attention = isMissing(sequence) ? [] : Array.from(sequence.attention(decisive));
  // The last windows of the same agent up to the decisive one.
  const attended = new Map(attention.map((weight, i) => [own[own.indexOf(decisive) - attention.length + 1 + i], weight]));
  return {
    story,
    agent: campaign.key.slice(campaign.key.indexOf('|') + 1),
    role: samples[decisive]!.role,
    threat: campaign.threat,
    intensity: campaign.intensity,
    campaign: campaign.name,
    threshold: thresholds[decisive]!,
    firstMs: campaign.firstMs,
    alertMs: alerted === null ? null : alertMs(samples[alerted]!.startMs),
    delaySeconds: delayOf(campaign, samples, { alerts }),
    windows: shown.map((i) => ({
      startMs: samples[i]!.startMs,
      margin: known(margins[i]!),
      label: samples[i]!.label,
      alert: alerts[i] === 1,
      calls: attackCalls(i),
      attention: attended.get(i) ?? null,
    })),
    reasons: isMissing(reasons) ? reasons : reasons(decisive),
  };
}
