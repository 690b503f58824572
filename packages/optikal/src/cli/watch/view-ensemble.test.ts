import { describe, expect, test } from 'vitest';
import type { Size } from './state.ts';
import { detail, entry, keys, screen, send } from './test-support/samples.ts';
import { view } from './view.ts';

const ALERTS = [entry(60, { agent: 'support-3', paired: true })];

describe('what the ensemble says of an alert', () => {
  const { alert, parts } = detail();
  const reason = (feature: string, contribution: number) => ({
    ...alert.attributions[0]!,
    feature,
    contribution,
    label: feature.replaceAll('_', ' '),
  });
  const withSequence = detail({
    alert: {
      ...alert,
      baseScores: { ...alert.baseScores, lstm: 1.9 },
      lstm_uncertainty: 0.031,
      attention: [0.05, 0.31, 0.64],
      attributions: [
        reason('role_surprise_max', 1.15),
        {
          ...reason('before_out_bytes_log', 0.7),
          label: 'bytes read, in the windows before',
          value: Math.log(2400),
          usual: Math.log(101),
          unit: 'ln bytes',
        },
        reason('sequence_residual', -0.3),
      ],
    },
    parts: [...parts!, { name: 'lstm', score: 1.9, weight: 0.5, part: 0.95 }],
    sequenceTimes: [-1440, -1, 0].map((minute) => alert.windowStartMs + minute * 60_000),
  });
  const page = (size: Size, what = withSequence) => {
    const lines = view(send(keys(screen(size, ALERTS), '<enter>'), { kind: 'detail', id: entry(60).id, detail: what }));
    const from = lines.findIndex((line) => line.startsWith('Why'));
    return lines
      .slice(
        from,
        lines.findIndex((line) => line.startsWith('Which')),
      )
      .join('\n');
  };

  test('where there is room', () => {
    expect(page({ columns: 100, rows: 60 })).toMatchInlineSnapshot(`
      "Why (the margin starts at 0.02, and the window moves it)
        +1.15 ████████████████ role surprise max: 1 in 22,000 (usually 1 in 7.4)
       in the windows before:
        +0.70 ██████████       bytes read: 2.4 kB (usually 100 B)
       -0.30 is missed by the attributions of the sequence

      Base scores (standard deviations from the training mean) × weight = part of the margin
       boosting   3.10 × 1.30 = +4.03, 81 %
       forest    -0.40 weight 0: no part in the decision
       lstm       1.90 × 0.50 = +0.95, 19 %
       the sequence model is sure: ±0.03; of the agent's last windows it looked at
          01-04 10:00 ....  09:59 ##..  10:00 ####
      "
    `);
  });
  test('on a narrow screen', () => {
    expect(page({ columns: 40, rows: 60 })).toMatchInlineSnapshot(`
      "Why (the margin starts at 0.02, and the…
        +1.15 role surprise max: 1 in 22,000
              (usually 1 in 7.4)
       in the windows before:
        +0.70 bytes read: 2.4 kB (usually 100
              B)
       -0.30 is missed by the attributions of
       the sequence

      Base scores (standard deviations from t…
       boosting   3.10 × 1.30 = +4.03, 81 %
       forest    -0.40
          weight 0: no part in the decision
       lstm       1.90 × 0.50 = +0.95, 19 %
       the sequence model is sure: ±0.03; of
       the agent's last windows it looked at
          01-04 10:00 ....  09:59 ##..
          10:00 ####
      "
    `);
  });

  test('its weights are not known over HTTP, nor when its windows were', () => {
    const remote = page({ columns: 100, rows: 60 }, { ...withSequence, remote: true, parts: null, sequenceTimes: null });
    for (const said of ['their weights are not known over HTTP', '-2 ....  -1 ##..  this ####', '±0.03']) expect(remote).toContain(said);
  });

  test('no driver, where nothing speaks for an attack', () => {
    const calm = { ...withSequence, alert: { ...alert, attributions: [reason('errors_per_min', -0.4), reason('other', 0.2)] } };
    expect(page({ columns: 100, rows: 60 }, calm)).toContain(' no driver found\n  -0.40');
  });
});
