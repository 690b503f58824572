import { describe, expect, it } from 'vitest';
import { DETECTION_ERRORS, DetectionError } from './errors.ts';

describe('an error of the detector', () => {
  it('has a code of the list and its own message', () => {
    for (const code of Object.keys(DETECTION_ERRORS) as (keyof typeof DETECTION_ERRORS)[])
      expect(new DetectionError(code, 'expected `x`')).toMatchObject({ name: 'DetectionError', code, message: 'expected `x`' });
  });
});
