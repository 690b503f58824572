/** Judged windows for tests, and reports made of them. */
import { columnsOf } from '../../detection/features/columns.ts';
import type { WindowSample } from '../../training/dataset.ts';
import { fakeSamples } from '../../training/test-support/samples.ts';
import type { Judge, Judged } from '../figures/judged.ts';
import { isMissing } from '../figures/part.ts';
import { reportFigures } from '../figures/report-figures.ts';
import type { EvaluationReport } from '../report.ts';

export function judgedOf(samples: readonly WindowSample[], margins: readonly number[], more: Partial<Judged> = {}): Judged {
  return {
    samples,
    margins,
    thresholds: new Float64Array(samples.length).fill(1),
    asked: 'a test',
    unitOf: ({ key }) => key,
    days: 1,
    agents: new Set(samples.map(({ key }) => key)).size,
    seed: 's',
    labelled: true,
    surrogateClock: false,
    probabilities: { missing: 'no calibration' },
    named: { missing: 'no threats' },
    bases: { missing: 'no bases' },
    sequence: { missing: 'no sequence model' },
    calibrator: null,
    attackCalls: () => [],
    reasons: { missing: 'no bundle' },
    ...more,
  };
}

export function judgeOf(alerts: readonly number[], name = 'ensemble'): Judge {
  return { name, scores: Float64Array.from(alerts), alerts: Uint8Array.from(alerts) };
}

/** A whole fleet with margins that follow what the fake attacks do. */
export function fakeJudged(more: Partial<Judged> = {}): Judged {
  const samples = fakeSamples({ agents: 16, windows: 60, attacked: 8, seed: 'r', strength: 2 });
  const margins = samples.map(({ row }) => row.reduce((sum, x) => sum + (Number.isNaN(x) ? 0 : x), 0) / 2);
  return judgedOf(samples, margins, {
    thresholds: new Float64Array(samples.length).fill(3),
    probabilities: Float64Array.from(margins, (margin) => 1 / (1 + Math.exp(4 - margin))),
    named: (i) => samples[i]!.threat ?? 'prompt_injection',
    bases: {
      margins: [
        { name: 'boosting', margins },
        { name: 'call-boosting', margins: margins.map((margin) => margin / 2) },
      ],
      meta: { kind: 'meta-model', weights: Float64Array.of(0.9, 0), absent: new Float64Array(2), intercept: 0 },
      trials: [],
    },
    sequence: {
      margins: margins.map((margin) => margin - 3),
      spreads: margins.map((margin) => 0.4 * Math.exp(-Math.abs(margin - 3))),
      attention: (i) => [0.2, 0.8].slice(-Math.min(2, samples[i]!.sequence.length)),
    },
    calibrator: 'beta',
    attackCalls: (i) => (samples[i]!.label === 2 ? [{ atMs: samples[i]!.startMs + 20_000, tool: 'send_money' }] : []),
    reasons: () => ['+1.20 rarest step for the role: 1 in 900 (usually 1 in 4)'],
    ...more,
  });
}

export function fakeReport(more: Partial<Judged> = {}): EvaluationReport {
  const { measured, baselines, ...figures } = reportFigures(fakeJudged(more));
  if (isMissing(measured) || isMissing(baselines)) throw new Error('the fake fleet has both classes');
  return { kind: 'evaluation', source: 'fleet folder', fingerprint: 'ab'.repeat(32), ...figures, measured, baselines };
}

const FUSED = columnsOf('fused1');
/** By turns: behaviour alone; with a gateway; with a gateway and a policy; with provenance, at the threshold of the first. */
const PLANES_BY_TURNS = [
  { columns: [], threshold: 3 },
  { columns: ['checked'], threshold: 3.1 },
  { columns: ['checked', 'decisions'], threshold: 5 },
  { columns: ['values_from_output'], threshold: 3 },
] as const;

/** The same fleet, its agents with other planes, and thresholds by them. */
export function fakeByPlanes(): Partial<Judged> {
  const turns = fakeJudged().samples.map((sample) => ({
    sample,
    turn: PLANES_BY_TURNS[Number(sample.key.replace(/\D+/, '')) % PLANES_BY_TURNS.length]!, // keys end in the number of the agent
  }));
  return {
    samples: turns.map(({ sample, turn: { columns } }) => {
      const row = Float64Array.from(sample.row);
      for (const name of columns) row[FUSED.at(name)] = 1;
      return { ...sample, row };
    }),
    thresholds: Float64Array.from(turns, ({ turn }) => turn.threshold),
  };
}
