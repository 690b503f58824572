import { expect, it } from 'vitest';
import { sampleOf } from '../../training/test-support/samples.ts';
import { confusion, namingOf } from './naming.ts';

it('counts true against named, in the order of the taxonomy, beside the commonest', () => {
  expect(
    confusion([
      ['resource_abuse', 'resource_abuse'],
      ['resource_abuse', 'data_exfiltration'],
      ['resource_abuse', 'resource_abuse'],
      ['data_exfiltration', 'prompt_injection'],
    ]),
  ).toEqual({
    threats: ['data_exfiltration', 'prompt_injection', 'resource_abuse'],
    counts: [
      [0, 1, 0],
      [0, 0, 0],
      [1, 0, 2],
    ],
    windows: 4,
    rightShare: 0.5,
    commonest: { threat: 'resource_abuse', share: 0.75 },
  });
});

it('takes windows that acted and have a sure label, and says why there are none', () => {
  const samples = [
    sampleOf({ label: 2, threat: 'resource_abuse' }),
    sampleOf({ label: 2, threat: 'resource_abuse', exclude: true }),
    sampleOf({ label: 1, threat: 'resource_abuse' }),
  ];
  expect(namingOf({ samples, named: () => 'resource_abuse' })).toMatchObject({ windows: 1, rightShare: 1 });
  expect(namingOf({ samples: [], named: () => 'resource_abuse' })).toEqual({ missing: expect.any(String) });
  expect(namingOf({ samples, named: { missing: 'no models' } })).toEqual({ missing: 'no models' });
});
