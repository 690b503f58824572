import { describe, expect, it } from 'vitest';
import { alertId } from './alert-id.ts';

describe('the id of an alert', () => {
  const subject = { run: 'live', tenant: 't', agent: 'a', startMs: 60_000, endMs: 120_000, detector: 'ensemble' };

  it('is the first 16 bytes of SHA-256 over the canonical list of what was judged', () => {
    // printf '["live","t","a",60000,120000,"ensemble","v1"]' | sha256sum | cut -c1-32
    expect(alertId(subject)).toBe('005486014d237f8ceba86b6a6e3aa4c6');
  });

  it('differs with each part of it', () => {
    const others = [{ run: 'r' }, { tenant: 'u' }, { agent: 'b' }, { startMs: 0 }, { endMs: 0 }, { detector: 'drift' }].map((other) =>
      alertId({ ...subject, ...other }),
    );
    expect(new Set([alertId(subject), ...others]).size).toBe(7);
  });
});
