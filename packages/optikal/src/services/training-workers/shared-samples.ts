/** The samples of a fit in memory that all threads read: written once, whatever the number of threads. */
import { THREATS } from '@optikal/contracts';
import type { Step } from '../../detection/steps.ts';
import type { FitSample } from '../../training/dataset.ts';

/** Rows one after the other; sample s has the calls callStart[s] … callStart[s + 1] − 1. */
export interface SharedSamples {
  readonly rows: Float64Array<SharedArrayBuffer>;
  readonly callRows: Float64Array<SharedArrayBuffer>;
  readonly callLabels: Uint8Array<SharedArrayBuffer>;
  readonly callStart: Int32Array<SharedArrayBuffer>;
  /** Each step once; sample s has the steps sequence[sequenceStart[s]] … sequence[sequenceStart[s + 1] − 1]. */
  readonly steps: Float16Array<SharedArrayBuffer>;
  readonly sequence: Int32Array<SharedArrayBuffer>;
  readonly sequenceStart: Int32Array<SharedArrayBuffer>;
  readonly labels: Uint8Array<SharedArrayBuffer>;
  /** 1 + position in THREATS; 0 = none. */
  readonly threats: Uint8Array<SharedArrayBuffer>;
  readonly excluded: Uint8Array<SharedArrayBuffer>;
}

/** Every row, and every call row, is as wide as the first. */
export function shareSamples(samples: readonly FitSample[]): SharedSamples {
  const callCount = samples.reduce((sum, { callRows }) => sum + callRows.length, 0);
  const width = samples[0]?.row.length ?? 0;
  const callWidth = samples.find(({ callRows }) => callRows.length > 0)?.callRows[0]?.length ?? 0;
  const { steps, places } = distinctSteps(samples);
  const stepWidth = steps[0]?.length ?? 0;
  const shared: SharedSamples = {
    rows: new Float64Array(new SharedArrayBuffer(8 * samples.length * width)),
    callRows: new Float64Array(new SharedArrayBuffer(8 * callCount * callWidth)),
    callLabels: new Uint8Array(new SharedArrayBuffer(callCount)),
    callStart: new Int32Array(new SharedArrayBuffer(4 * (samples.length + 1))),
    steps: new Float16Array(new SharedArrayBuffer(2 * steps.length * stepWidth)),
    sequence: new Int32Array(new SharedArrayBuffer(4 * samples.reduce((sum, { sequence }) => sum + sequence.length, 0))),
    sequenceStart: new Int32Array(new SharedArrayBuffer(4 * (samples.length + 1))),
    labels: new Uint8Array(new SharedArrayBuffer(samples.length)),
    threats: new Uint8Array(new SharedArrayBuffer(samples.length)),
    excluded: new Uint8Array(new SharedArrayBuffer(samples.length)),
  };
  steps.forEach((step, at) => {
    shared.steps.set(step, at * stepWidth);
  });
  let call = 0;
  let place = 0;
  samples.forEach(({ row, callRows, callLabels, sequence, label, threat, exclude }, s) => {
    for (const step of sequence) shared.sequence[place++] = places.get(step)!; // distinctSteps saw it
    shared.sequenceStart[s + 1] = place;
    shared.rows.set(row, s * width);
    shared.labels[s] = label;
    shared.threats[s] = threat === null ? 0 : 1 + THREATS.indexOf(threat);
    shared.excluded[s] = exclude ? 1 : 0;
    callRows.forEach((callRow, i) => {
      shared.callRows.set(callRow, call * callWidth);
      shared.callLabels[call] = callLabels[i]!;
      call++;
    });
    shared.callStart[s + 1] = call;
  });
  return shared;
}

/** Samples of an agent share their steps: each is written once. */
function distinctSteps(samples: readonly FitSample[]): { readonly steps: readonly Step[]; readonly places: ReadonlyMap<Step, number> } {
  const places = new Map<Step, number>();
  for (const { sequence } of samples) for (const step of sequence) if (!places.has(step)) places.set(step, places.size);
  return { steps: [...places.keys()], places };
}

/** Samples whose rows are views of the shared memory, not copies. */
export function samplesOf(shared: SharedSamples): FitSample[] {
  const { rows, callRows, callLabels, callStart, sequence, sequenceStart, labels, threats, excluded } = shared;
  const steps = stepsOf(shared);
  const width = rows.length / Math.max(1, labels.length);
  const callWidth = callRows.length / Math.max(1, callLabels.length);
  return Array.from(labels, (label, s) => {
    const calls = Array.from({ length: callStart[s + 1]! - callStart[s]! }, (_, i) => callStart[s]! + i);
    return {
      row: rows.subarray(s * width, (s + 1) * width),
      callRows: calls.map((call) => callRows.subarray(call * callWidth, (call + 1) * callWidth)),
      callLabels: calls.map((call) => (callLabels[call] === 1 ? 1 : 0)),
      sequence: Array.from(sequence.subarray(sequenceStart[s], sequenceStart[s + 1]), (at) => steps[at]!),
      label: label === 2 ? 2 : label === 1 ? 1 : 0,
      threat: threats[s] === 0 ? null : THREATS[threats[s]! - 1]!,
      exclude: excluded[s] === 1,
    };
  });
}

function stepsOf({ steps, sequence }: SharedSamples): Step[] {
  const count = sequence.reduce((most, at) => Math.max(most, at + 1), 0);
  const width = steps.length / Math.max(1, count);
  return Array.from({ length: count }, (_, at) => steps.subarray(at * width, (at + 1) * width));
}
