import { describe, expect, it } from 'vitest';
import { errorBody, HTTP_ERRORS, HTTP_STATUS, HttpError, RETRY_AFTER_SECONDS } from './errors.ts';

const START = ['keys_required', 'keys_invalid', 'option_invalid'];

describe('HTTP_ERRORS', () => {
  it('has a status for each code that is answered, and for no other', () => {
    expect(Object.keys(HTTP_STATUS).sort()).toEqual(
      Object.keys(HTTP_ERRORS)
        .filter((code) => !START.includes(code))
        .sort(),
    );
    expect(Object.values(HTTP_STATUS).every((status) => status >= 400 && status < 600)).toBe(true);
  });

  it('says to come back only where that can help', () => {
    expect(Object.keys(RETRY_AFTER_SECONDS).sort()).toEqual(['bus_unavailable', 'closing', 'disk_full', 'overloaded', 'streams_exhausted']);
  });

  it('answers code and sentence', () => {
    expect(JSON.parse(errorBody('not_found'))).toEqual({ error: { code: 'not_found', message: HTTP_ERRORS.not_found } });
    const refused = new HttpError('control_refused', 'bundle_unloadable');
    expect(JSON.parse(errorBody(refused.code, refused.reason)).error.reason).toBe('bundle_unloadable');
  });
});
