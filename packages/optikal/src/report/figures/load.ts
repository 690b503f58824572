/** What an analyst gets to see: alerts by kind of window, per agent-day, and how unevenly the false ones fall on agents. */
import { headline } from '../../training/measure.ts';
import type { Judge, Judged } from './judged.ts';

export interface AlertLoad {
  readonly agentDays: number;
  readonly kinds: readonly { readonly name: string; readonly windows: number; readonly alerts: number; readonly perAgentDay: number }[];
  /** Agents by the number of their false alarms. */
  readonly agents: readonly { readonly falseAlarms: string; readonly agents: number }[];
}

const STEPS = [
  { name: '0', most: 0 },
  { name: '1', most: 1 },
  { name: '2', most: 2 },
  { name: '3–5', most: 5 },
  { name: '6–20', most: 20 },
  { name: 'more', most: Number.POSITIVE_INFINITY },
] as const;

export function alertLoad(
  { samples, days, agents }: Pick<Judged, 'samples' | 'days' | 'agents'>,
  { alerts }: Pick<Judge, 'alerts'>,
): AlertLoad {
  const agentDays = days * agents;
  const kind = (name: string, is: (i: number) => boolean) => {
    const own = samples.flatMap((_, i) => (is(i) ? [i] : []));
    const raised = own.filter((i) => alerts[i] === 1).length;
    return { name, windows: own.length, alerts: raised, perAgentDay: raised / agentDays };
  };
  const perAgent = new Map(samples.map(({ key }) => [key, 0]));
  samples.forEach((sample, i) => {
    if (sample.label === 0 && headline(sample) && alerts[i] === 1) perAgent.set(sample.key, perAgent.get(sample.key)! + 1);
  });
  const counts = [...perAgent.values()];
  return {
    agentDays,
    kinds: [
      kind('quiet windows (false alarms)', (i) => samples[i]!.label === 0 && !samples[i]!.exclude),
      kind('exposed: read a hostile text, ignored it', (i) => samples[i]!.label === 1 && !samples[i]!.exclude),
      kind('attacks', (i) => samples[i]!.label === 2 && !samples[i]!.exclude),
      kind('doubtful labels', (i) => samples[i]!.exclude),
    ],
    agents: STEPS.map(({ name, most }, at) => ({
      falseAlarms: name,
      agents: counts.filter((count) => count <= most && count > (STEPS[at - 1]?.most ?? -1)).length,
    })),
  };
}
