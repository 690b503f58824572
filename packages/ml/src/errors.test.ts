import { describe, expect, it } from 'vitest';
import { ML_ERROR_CODES, ML_ERROR_PATTERNS, MlError, type MlErrorCode } from './errors.ts';

describe('errors', () => {
  const codes = Object.keys(ML_ERROR_CODES) as MlErrorCode[]; // the keys of a const object are its literal keys

  it('gives each code one description and one pattern, in lower case without a full stop', () => {
    expect(Object.keys(ML_ERROR_PATTERNS)).toEqual(codes);
    for (const code of codes) {
      for (const text of [ML_ERROR_CODES[code], ML_ERROR_PATTERNS[code]]) {
        expect(text).not.toMatch(/\.$/);
        expect(text).not.toMatch(/^[A-Z]/);
      }
    }
  });

  it('fills the pattern', () => {
    const error = new MlError('ML_BAD_OPTION', { name: 'rounds', expected: 'an integer from 1 to 9', found: '0' });
    expect(error.message).toBe('`rounds` must be an integer from 1 to 9, found 0');
    expect(error.code).toBe('ML_BAD_OPTION');
  });
});
