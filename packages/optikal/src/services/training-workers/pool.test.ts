import { createRandom } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { encodeBundle } from '../../detection/ensemble/bundle.ts';
import { snapshotOf } from '../../detection/fleet.ts';
import { resolveTools } from '../../detection/tools/index.ts';
import type { WindowSample } from '../../training/dataset.ts';
import { type FitOptions, fitBundle, fitBundleWith, planBundle } from '../../training/fit.ts';
import { type RunJobs, runHere } from '../../training/jobs.ts';
import { fakeSamples } from '../../training/test-support/samples.ts';
import { openTrainingWorkers } from './pool.ts';
import { samplesOf, shareSamples } from './shared-samples.ts';

const samples = fakeSamples({ agents: 16, windows: 60, attacked: 8, seed: 'fit' });
const options: FitOptions = {
  dataset: { samples, days: 0.5, agents: 16, labelled: true },
  snapshot: snapshotOf([]),
  tools: resolveTools({}),
  seed: 's',
  wish: { kind: 'fpr', value: 0.01 },
  prevalence: 0.01,
  starter: false,
  unitOf: ({ key }) => key,
  source: 'fake windows',
  folds: 3,
};
const fingerprint = encodeBundle(fitBundle(options)).fingerprint;

/** Runs with so many workers and ends them whatever happens. */
async function withWorkers<T>(count: number, use: (run: RunJobs) => Promise<T>, script?: URL): Promise<T> {
  const workers = openTrainingWorkers(count, script);
  try {
    return await use(workers.run);
  } finally {
    await workers.close();
  }
}

const script = (code: string) =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads';\n${code}`)}`);

describe('a bundle', () => {
  it.each([1, 2, 3])('has the same fingerprint with %i workers, and says how far it is', async (count) => {
    const steps: number[] = [];
    const content = await withWorkers(count, (run) => fitBundleWith(run, options, (done, total) => steps.push(done / total)));
    expect(encodeBundle(content).fingerprint).toBe(fingerprint);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps).toHaveLength(planBundle(options).jobs.length);
    expect(steps.at(-1)).toBe(1);
  });

  it('has the same fingerprint in whatever order its models are fitted', async () => {
    for (const seed of ['a', 'b', 'c']) {
      const shuffled: RunJobs = async (of, jobs) => {
        const order = createRandom(seed).shuffle([...jobs.keys()]);
        const models = runHere(
          of,
          order.map((at) => jobs[at]!),
        );
        return jobs.map((_, at) => models[order.indexOf(at)]!);
      };
      expect(encodeBundle(await fitBundleWith(shuffled, options)).fingerprint).toBe(fingerprint);
    }
  });

  it('has the same fingerprint where the first job is done last', async () => {
    const late = script(`
      import { threadName } from 'node:worker_threads';
      const post = parentPort.postMessage.bind(parentPort);
      let wait = threadName === 'optikal-fit-0' ? 1000 : 0;
      parentPort.postMessage = (reply) => { setTimeout(() => post(reply), wait); wait = 0; };
      await import(${JSON.stringify(new URL('./worker.ts', import.meta.url))});`);
    const content = await withWorkers(2, (run) => fitBundleWith(run, options), late);
    expect(encodeBundle(content).fingerprint).toBe(fingerprint);
  });

  it('is fitted on the samples that it was given, one data set after another', async () => {
    const other = fakeSamples({ agents: 12, windows: 60, attacked: 6, seed: 'other' });
    const second = { ...options, dataset: { ...options.dataset, samples: other } };
    await withWorkers(2, async (run) => {
      expect(encodeBundle(await fitBundleWith(run, options)).fingerprint).toBe(fingerprint);
      expect(encodeBundle(await fitBundleWith(run, second)).fingerprint).toBe(encodeBundle(fitBundle(second)).fingerprint);
    });
  });
});

describe('a worker that fails', () => {
  const failed = (why: RegExp) => expect.objectContaining({ code: 'training_worker_failed', message: expect.stringMatching(why) });
  const fit = (code: string | URL) => withWorkers(2, (run) => fitBundleWith(run, options), typeof code === 'string' ? script(code) : code);

  it.each([
    ['dies before its first job', 'process.exit(3);', /it exited with 3$/],
    ['dies in the middle of a job', "parentPort.on('message', ({ job }) => { if (job) process.exit(4); });", /it exited with 4$/],
    ['throws', "parentPort.on('message', ({ job }) => { if (job) throw new Error('out of luck'); });", /out of luck$/],
    [
      'says that a job failed',
      "parentPort.on('message', ({ job }) => { if (job) parentPort.postMessage({ failure: 'no rows' }); });",
      /no rows$/,
    ],
  ])('%s: the fit is refused with a code', async (_, code, why) => {
    await expect(fit(code)).rejects.toEqual(failed(why));
  });

  it('cannot be loaded: the fit is refused with a code', async () => {
    await expect(fit(new URL('./no-such-worker.ts', import.meta.url))).rejects.toEqual(failed(/no-such-worker/));
  });

  it('is not asked again, and the others end in the middle of their job', async () => {
    const workers = openTrainingWorkers(2, script("parentPort.on('message', ({ job }) => { if (job) process.exit(5); });"));
    await expect(workers.run(samples, planBundle(options).jobs)).rejects.toEqual(failed(/exited with 5$/));
    await expect(workers.run(samples, planBundle(options).jobs)).rejects.toEqual(failed(/exited with 5$/));
    await workers.close();
    await workers.close();
  });
});

describe('shared samples', () => {
  it('are the samples, in memory that threads share', () => {
    const odd: WindowSample[] = [
      { ...samples[5]!, exclude: true },
      { ...samples[6]!, callRows: [], callIds: [], callLabels: [] },
      { ...samples[7]!, label: 1 },
      samples[25]!,
    ];
    const back = samplesOf(shareSamples(odd));
    const learnt = ({ row, callRows, callLabels, sequence, label, threat, exclude }: WindowSample) => ({
      row,
      callRows,
      callLabels,
      sequence,
      label,
      threat,
      exclude,
    });
    expect(back).toEqual(odd.map(learnt));
    expect(back[0]!.row.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(samplesOf(shareSamples([]))).toEqual([]);
  });
});
