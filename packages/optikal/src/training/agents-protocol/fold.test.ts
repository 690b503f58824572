import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { callRowOf, sampleOf } from '../test-support/samples.ts';
import type { Case } from './cases.ts';
import { counts, part, scoreFold, thresholdAt } from './fold.ts';

const caseOf = (over: Partial<Case>): Case => ({
  label: 0,
  exclude: false,
  threat: null,
  group: 'g',
  model: 'm',
  suite: 's',
  cell: 'dev',
  number: 0,
  calls: 1,
  parts: [{ sample: 0, calls: [0] }],
  ...over,
});

/** Windows of two calls, each of a run of its own; in every ninth the second run is attacked, in every ninth after it the text is ignored. */
function world() {
  const random = createRandom('fold');
  const windows: Case[] = [];
  const runs: Case[] = [];
  const samples = Array.from({ length: 360 }, (_, i) => {
    const label = i % 9 === 0 ? (2 as const) : i % 9 === 1 ? (1 as const) : (0 as const);
    const suite = `s${Math.floor(i / 9) % 4}`;
    const place = { suite, group: `src|m${i % 2}|${suite}`, model: `m${i % 2}` };
    windows.push(caseOf({ ...place, label, calls: 2, parts: [{ sample: i, calls: [0, 1] }] }));
    runs.push(
      caseOf({ ...place, label: 0, parts: [{ sample: i, calls: [0] }] }),
      caseOf({ ...place, label, parts: [{ sample: i, calls: [1] }] }),
    );
    const call = (acted: boolean) =>
      callRowOf({ call_role_surprise: random.nextGaussian() + (acted ? 5 : 0), call_reads_before: random.nextGaussian() });
    return sampleOf(
      { key: `t|${i}`, label, callRows: [call(false), call(label === 2)], callIds: ['a', 'b'], callLabels: [0, label === 2 ? 1 : 0] },
      { injection_max: random.nextGaussian() + (label === 0 ? 0 : 6), calls: random.nextGaussian() },
    );
  });
  return { samples, cases: { windows, runs } };
}

describe('the threshold of a rate', () => {
  it('is the least value above which no more than that share lies', () => {
    const scores = Float64Array.from({ length: 200 }, (_, i) => i);
    expect(thresholdAt(scores, 0.01)).toBe(197);
    expect(scores.filter((score) => score > 197)).toHaveLength(2);
    expect(thresholdAt(Float64Array.of(5, 1, 3), 0.01)).toBe(5);
    expect(thresholdAt(new Float64Array(0), 0.01)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('what counts', () => {
  it('is acted against one kind of rival, doubtful labels aside', () => {
    const of = (label: 0 | 1 | 2, exclude = false) => caseOf({ label, exclude });
    expect([of(0), of(1), of(2)].map((one) => counts(one, 'benign'))).toEqual([true, false, true]);
    expect([of(0), of(1), of(2)].map((one) => counts(one, 'ignored'))).toEqual([false, true, true]);
    expect(counts(of(2, true), 'benign')).toBe(false);
  });
});

describe('a fold', () => {
  const whole = world();
  const isOut = ({ suite }: Case) => suite === 's0';
  const [test, train] = [part(whole, isOut), part(whole, (of) => !isOut(of))];
  const found = scoreFold(train.data, test.data, { unitOf: ({ suite }) => suite, seed: 's' });
  const means = (margins: Float64Array, cases: readonly Case[]) =>
    [0, 1, 2].map((label) => {
      const own = margins.filter((_, i) => cases[i]!.label === label);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    });

  it('takes the cases of what is left out, and no other', () => {
    expect(test.data.cases.windows).toHaveLength(90);
    expect(train.data.cases.windows.some(isOut)).toBe(false);
    expect(test.at.window.map((i) => whole.cases.windows[i]!.suite)).toEqual(test.at.window.map(() => 's0'));
    expect(found.window.benign.margins).toHaveLength(90);
    expect(found.run.benign.margins).toHaveLength(180);
  });

  it('sets windows of acting above quiet ones, and those that ignored below by a head of its own', () => {
    const [quiet, , acted] = means(found.window.benign.margins, test.data.cases.windows);
    expect(acted).toBeGreaterThan(quiet! + 1);
    const [, ignored, acting] = means(found.window.ignored.margins, test.data.cases.windows);
    expect(acting).toBeGreaterThan(ignored! + 1);
  });

  it('sets an attacked run above the harmless one in the same window', () => {
    const { margins } = found.run.benign;
    const pairs = test.data.cases.windows.flatMap(({ label }, i) => (label === 2 ? [margins[2 * i + 1]! - margins[2 * i]!] : []));
    expect(pairs.filter((difference) => difference > 0).length).toBeGreaterThan(0.8 * pairs.length);
  });

  it('says of each call of an attacked run what it would of a run of that call', () => {
    test.data.cases.runs.forEach(({ label }, i) => {
      if (label === 2) expect(found.calls[i]).toEqual([found.run.benign.margins[i]]);
      else expect(found.calls[i]).toBeNull();
    });
  });

  it('depends on nothing of what is left out but for its own margins', () => {
    const lies = {
      ...test.data,
      cases: { windows: test.data.cases.windows.map((of) => ({ ...of, label: 0 as const })), runs: test.data.cases.runs },
    };
    const other = scoreFold(train.data, lies, { unitOf: ({ suite }) => suite, seed: 's' });
    expect(other.window.benign.margins).toEqual(found.window.benign.margins);
    expect(other.window.benign.threshold).toBe(found.window.benign.threshold);
  });

  it('has no threshold where the training part is of one unit', () => {
    const one = part(train.data, ({ suite }) => suite === 's1');
    expect(scoreFold(one.data, test.data, { unitOf: ({ suite }) => suite, seed: 's' }).window.benign.threshold).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
