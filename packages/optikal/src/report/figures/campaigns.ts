/** The attacks in a data set: windows that acted, by campaign, and when the first call of each was made. */
import type { Threat } from '@optikal/contracts';
import { QUIET_MS, WINDOW_MS } from '../../stream/limits.ts';
import type { Judged } from './judged.ts';

export interface CampaignWindows {
  readonly name: string;
  /** `tenant|agent` */
  readonly key: string;
  readonly threat: Threat | null;
  readonly intensity: string | null;
  /** Positions of its windows that acted, in order of time. */
  readonly windows: readonly number[];
  /** Event time of its first call that serves the attack; the start of its first window where truth marks no call. */
  readonly firstMs: number;
}

/** A window that acted without a campaign's name is no campaign, and left out. */
export function campaignsOf({ samples, attackCalls }: Pick<Judged, 'samples' | 'attackCalls'>): CampaignWindows[] {
  const found = new Map<string, number[]>();
  samples.forEach(({ label, campaign, key }, i) => {
    if (label !== 2 || campaign === null) return;
    const own = found.get(`${key}\n${campaign}`);
    if (own === undefined) found.set(`${key}\n${campaign}`, [i]);
    else own.push(i);
  });
  return [...found.values()].map((windows) => {
    windows.sort((a, b) => samples[a]!.startMs - samples[b]!.startMs);
    const { key, campaign, threat, intensity, startMs } = samples[windows[0]!]!; // a group has a window
    return { name: campaign!, key, threat, intensity, windows, firstMs: attackCalls(windows[0]!)[0]?.atMs ?? startMs };
  });
}

/** The windows of each agent that acted, where the truth names no campaigns: not single attacks, but something to look at. */
export function attacksByAgent(judged: Pick<Judged, 'samples' | 'attackCalls'>): CampaignWindows[] {
  const samples = judged.samples.map((sample) => ({ ...sample, campaign: '' }));
  return campaignsOf({ ...judged, samples });
}

/** Event time at which a window alerts when it closes: an early look may have alerted sooner, so times measured by it are upper bounds. */
export function alertMs(startMs: number): number {
  return startMs + WINDOW_MS + QUIET_MS;
}
