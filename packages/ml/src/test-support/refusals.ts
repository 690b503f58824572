/** Asserts that something is refused with a code. */
import { expect } from 'vitest';
import { MlError, type MlErrorCode } from '../errors.ts';

/** Runs `work` and expects an MlError of one of `codes`. */
export function expectRefusal(work: () => unknown, ...codes: MlErrorCode[]): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(MlError);
  if (thrown instanceof MlError) expect(codes).toContain(thrown.code);
}
