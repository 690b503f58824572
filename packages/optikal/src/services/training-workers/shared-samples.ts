/** The samples of a fit in memory that all threads read: written once, whatever the number of threads. */
import { THREATS } from '@optikal/contracts';
import type { FitSample } from '../../training/dataset.ts';

/** Rows one after the other; sample s has the calls callStart[s] … callStart[s + 1] − 1. */
export interface SharedSamples {
  readonly rows: Float64Array<SharedArrayBuffer>;
  readonly callRows: Float64Array<SharedArrayBuffer>;
  readonly callLabels: Uint8Array<SharedArrayBuffer>;
  readonly callStart: Int32Array<SharedArrayBuffer>;
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
  const shared: SharedSamples = {
    rows: new Float64Array(new SharedArrayBuffer(8 * samples.length * width)),
    callRows: new Float64Array(new SharedArrayBuffer(8 * callCount * callWidth)),
    callLabels: new Uint8Array(new SharedArrayBuffer(callCount)),
    callStart: new Int32Array(new SharedArrayBuffer(4 * (samples.length + 1))),
    labels: new Uint8Array(new SharedArrayBuffer(samples.length)),
    threats: new Uint8Array(new SharedArrayBuffer(samples.length)),
    excluded: new Uint8Array(new SharedArrayBuffer(samples.length)),
  };
  let call = 0;
  samples.forEach(({ row, callRows, callLabels, label, threat, exclude }, s) => {
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

/** Samples whose rows are views of the shared memory, not copies. */
export function samplesOf(shared: SharedSamples): FitSample[] {
  const { rows, callRows, callLabels, callStart, labels, threats, excluded } = shared;
  const width = rows.length / Math.max(1, labels.length);
  const callWidth = callRows.length / Math.max(1, callLabels.length);
  return Array.from(labels, (label, s) => {
    const calls = Array.from({ length: callStart[s + 1]! - callStart[s]! }, (_, i) => callStart[s]! + i);
    return {
      row: rows.subarray(s * width, (s + 1) * width),
      callRows: calls.map((call) => callRows.subarray(call * callWidth, (call + 1) * callWidth)),
      callLabels: calls.map((call) => (callLabels[call] === 1 ? 1 : 0)),
      label: label === 2 ? 2 : label === 1 ? 1 : 0,
      threat: threats[s] === 0 ? null : THREATS[threats[s]! - 1]!,
      exclude: excluded[s] === 1,
    };
  });
}
