import { RAW_METRIC_NAMES, RAW_METRICS, THREATS } from '@optikal/contracts';
import { bestStump, matrixOf } from '@optikal/ml';
import { describe, expect, it } from 'vitest';
import { generateSimpleScenarios, type SimpleOptions, type SimpleRow, simpleCsv } from './index.ts';
import { scenarioOf } from './scenarios.ts';

const rows = [...generateSimpleScenarios({ rows: 12_000, seed: 7 })];

/** Of the best rule of one metric and one threshold. */
function oneSplit(of: readonly SimpleRow[]): number {
  const matrix = matrixOf(of.map((row) => RAW_METRIC_NAMES.map((name) => row[name]!))); // the generator leaves nothing out
  return bestStump(
    matrix,
    Uint8Array.from(of, ({ label }) => label),
  ).balancedAccuracy;
}

describe('a simple row', () => {
  it('lies in the range of every raw metric, with its label and threat', () => {
    const inRange = (row: SimpleRow) => RAW_METRICS.every(({ name, minimum, maximum }) => row[name]! >= minimum && row[name]! <= maximum);
    expect(rows.filter((row) => !inRange(row) || row.label !== (row.threat === null ? 0 : 1))).toEqual([]);
  });

  it('follows its scenario in the mean', () => {
    for (const threat of [null, ...THREATS]) {
      const own = rows.filter((row) => row.threat === threat);
      for (const { name, minimum, maximum } of RAW_METRICS) {
        const draw = scenarioOf(threat)[name];
        const mean = draw.kind === 'whole' ? (draw.low + draw.high) / 2 : draw.mean;
        const spread = draw.kind === 'whole' ? (draw.high - draw.low) / 3.4 : draw.kind === 'count' ? Math.sqrt(draw.mean) : draw.spread;
        const found = own.reduce((sum, row) => sum + row[name]!, 0) / own.length;
        // Five standard errors, and what is cut off at the end of the range.
        const cut = mean + 3 * spread > maximum || mean - 3 * spread < minimum ? 0.4 * spread : 0;
        expect(Math.abs(found - mean)).toBeLessThan((5 * spread) / Math.sqrt(own.length) + cut);
      }
    }
  });

  it('comes in the wanted shares, every threat alike', () => {
    expect(rows.filter(({ label }) => label === 1).length / rows.length).toBeCloseTo(0.3, 1);
    for (const threat of THREATS)
      expect(Math.abs(rows.filter((row) => row.threat === threat).length / rows.length - 0.05)).toBeLessThan(0.01);
    expect([...generateSimpleScenarios({ rows: 50, seed: 1, threatShare: 0 })].every(({ label }) => label === 0)).toBe(true);
  });

  it('is the same for the same seed, and more rows begin with the same ones', () => {
    const few = [...generateSimpleScenarios({ rows: 40, seed: 7 })];
    expect(few).toEqual(rows.slice(0, 40));
    expect([...generateSimpleScenarios({ rows: 40, seed: 8 })]).not.toEqual(few);
  });

  it('is told from normal work by one split: for comparison only, as docs/simulator.md says', () => {
    expect(oneSplit(rows)).toBeGreaterThan(0.87);
    for (const threat of THREATS)
      expect(oneSplit(rows.filter((row) => row.threat === null || row.threat === threat))).toBeGreaterThan(0.94);
  });

  it('is refused in no number, another share, with an unknown option', () => {
    expect(() => generateSimpleScenarios({ rows: 0, seed: 1 })).toThrow('expected `rows` from 1 to 10000000, found 0');
    expect(() => generateSimpleScenarios({ rows: 1, seed: 1, threatShare: 1.5 })).toThrow('threatShare');
    const misspelt = { rows: 1, seed: 1, row: 2 } as SimpleOptions; // what plain JavaScript could hand over
    expect(() => generateSimpleScenarios(misspelt)).toThrow('found `row`');
  });
});

describe('simple rows as CSV', () => {
  it('have wire names, an empty cell where nothing was observed, label and threat', () => {
    const unseen = { ...rows[0], cpu_usage_percent: null, label: 0 as const, threat: null };
    const [header, first, ...rest] = simpleCsv([unseen]);
    expect(header).toBe(
      'cpu_usage_percent,memory_usage_mb,network_calls_count,file_operations_count,api_calls_count,error_count,hour_of_day,day_of_week,query_diversity,response_time_ms,success_rate,label,threat',
    );
    expect(first).toMatch(/^,[\d.]+,.*,0,normal$/);
    expect(first.split(',')).toHaveLength(13);
    expect(rest).toEqual([]);
  });
});
