import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import { count, percent, quoted, size, span } from './finding.ts';
import { DAY, database, HOUR, SOUND } from './test-support/sound.ts';

describe('a diagnosis', () => {
  it('of a sound installation finds nothing, and says of everything what it found and why it matters', () => {
    const findings = diagnose(SOUND);
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(25);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
    for (const { found, why, mend } of findings) {
      expect(found).not.toBe('');
      expect(why.length).toBeGreaterThan(20);
      expect(mend).toBeNull();
    }
  });

  it('of what cannot be read says so, and judges the rest', () => {
    const unread = {
      opened: null,
      partitions: null,
      letters: null,
      archive: null,
      alerts: null,
      sample: null,
      agents: null,
      quickCheck: null,
    };
    const findings = diagnose({ ...SOUND, ...database({ ...unread, problems: ['disk I/O error'] }) });
    expect(findings.filter(({ status }) => status === 'fail').map(({ found }) => found)).toEqual(['bus.db cannot be read: disk I/O error']);
    expect(findings.map(({ check }) => check)).toContain('port');
    expect(findings.map(({ check }) => check)).not.toContain('log.lag');
  });
});

describe('the words of a finding', () => {
  it('have sizes, times, shares and counts that read well', () => {
    expect([0, 999, 1000, 12_345, 999_500, 2.5e9, 3e15].map(size)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '12 kB',
      '1.0 MB',
      '2.5 GB',
      '3000 TB',
    ]);
    expect([0, 99_000, 100_000, 2 * HOUR, 47 * HOUR, 2.5 * DAY, 40 * DAY].map(span)).toEqual([
      '0 s',
      '99 s',
      '2 min',
      '2 h',
      '47 h',
      '2.5 days',
      '40 days',
    ]);
    expect([0, 0.0004, 0.004, 0.05, 0.5, 1].map(percent)).toEqual(['0 %', 'below 0.1 %', '0.4 %', '5 %', '50 %', '100 %']);
    expect([count(1, 'agent'), count(2, 'agent'), count(2, 'agent is', 'agents are')]).toEqual(['1 agent', '2 agents', '2 agents are']);
  });

  it('have paths that a shell takes as one word', () => {
    expect(quoted('var/log-1')).toBe('var/log-1');
    expect(quoted("it's here")).toBe("'it'\\''s here'");
    expect(quoted('$(reboot)')).toBe("'$(reboot)'");
    expect(quoted('-rf')).toBe("'-rf'");
  });
});
