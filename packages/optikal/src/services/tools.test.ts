import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Effect, type Event, toCloudEvent } from '@optikal/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseToolsYaml, resolveTools } from '../detection/tools/index.ts';
import { tallyTools, toolsOfLines, toolsTemplate, writeNewFile } from './tools.ts';

const T0 = Date.UTC(2026, 0, 5, 9);
let serial = 0;

function metricsOf(agent: string, ...calls: readonly { tool: string; at?: number; ok?: boolean; effect?: Effect }[]): Event {
  return {
    id: `e${serial++}`,
    source: '/test',
    type: 'argus.agent.metrics.v1',
    tenant: 'default',
    agent,
    timeMs: T0,
    session: null,
    task: null,
    correlation: null,
    sequence: null,
    data: {
      windowStartMs: T0,
      windowEndMs: T0 + 60_000,
      metrics: {
        cpu_usage_percent: null,
        memory_usage_mb: null,
        network_calls_count: null,
        file_operations_count: null,
        api_calls_count: null,
        error_count: null,
        hour_of_day: null,
        day_of_week: null,
        query_diversity: null,
        response_time_ms: null,
        success_rate: null,
      },
      calls: calls.map(({ tool, at = 0, ok = true, effect }, n) => ({
        callId: `c${serial}-${n}`,
        taskId: null,
        turn: null,
        time: T0 + at,
        tool,
        ok,
        errorKind: null,
        latencyMs: null,
        argBytes: null,
        outBytes: null,
        argHmac: null,
        textCharsThisTurn: null,
        ...(effect === undefined ? {} : { effect }),
      })),
    },
  };
}

const CATALOGUE = resolveTools({
  user: { tools: { look: { effect: 'read', kind: 'api' }, pay: { effect: 'money' } } },
  mcp: [{ name: 's', trusted: true, tools: [{ name: 'put', annotations: { readOnlyHint: false } }] }],
});

describe('the tools of events', () => {
  it('are counted by hand: calls, failures, agents, first and last, the part in all changes, and on whose word', () => {
    const tally = tallyTools(CATALOGUE);
    tally.add(metricsOf('a', { tool: 'look', at: 5 }, { tool: 'pay', at: 6, ok: false }, { tool: 'zorp', effect: 'write' }));
    tally.add(metricsOf('b', { tool: 'put' }, { tool: 'put' }, { tool: 'put', at: -3 }, { tool: 'look', at: 1 }));
    tally.add(metricsOf('b', { tool: 'delete_file' }));
    const { tools, ...totals } = tally.report();
    expect(totals).toEqual({ calls: 8, unknownCalls: 1, otherCalls: 0 });
    expect(tools.map(({ tool }) => tool)).toEqual(['zorp', 'put', 'look', 'delete_file', 'pay']);
    const [zorp, put, look, deleteFile, pay] = tools;
    expect(zorp).toEqual({
      tool: 'zorp',
      effect: 'unknown',
      kind: null,
      untrusted: false,
      source: 'unknown',
      confidence: 0,
      calls: 1,
      failed: 0,
      agents: 1,
      firstMs: T0,
      lastMs: T0,
      sideEffectShare: null,
      declared: 'write',
    });
    expect(put).toMatchObject({ source: 'annotation', effect: 'write', calls: 3, firstMs: T0 - 3, sideEffectShare: 3 / 5 });
    expect(look).toMatchObject({ source: 'user', effect: 'read', agents: 2, firstMs: T0 + 1, lastMs: T0 + 5, sideEffectShare: null });
    expect(deleteFile).toMatchObject({ source: 'classifier', effect: 'write', sideEffectShare: 1 / 5 });
    expect(deleteFile!.confidence).toBeGreaterThan(0.6);
    expect(pay).toMatchObject({ source: 'user', failed: 1, sideEffectShare: 1 / 5 });
  });

  it('are bounded: an agent that makes up names gets one line for those beyond the limit, and all its calls count', () => {
    const tally = tallyTools(CATALOGUE);
    for (let at = 0; at < 20_500; at += 500)
      tally.add(metricsOf('a', ...Array.from({ length: 500 }, (_, n) => ({ tool: `zorp ${at + n}` }))));
    tally.add(metricsOf('a', { tool: 'zorp 0' }));
    const { tools, ...totals } = tally.report();
    expect(totals).toEqual({ calls: 20_501, unknownCalls: 20_501, otherCalls: 500 });
    expect(tools).toHaveLength(20_000);
    expect(tools[0]).toMatchObject({ tool: 'zorp 0', calls: 2 });
  });

  it('are none where nothing is called, and names of the language itself are only names', () => {
    expect(tallyTools(CATALOGUE).report()).toEqual({ calls: 0, unknownCalls: 0, otherCalls: 0, tools: [] });
    const tally = tallyTools(CATALOGUE);
    tally.add(metricsOf('a', { tool: '__proto__' }, { tool: 'constructor' }));
    expect(tally.report().tools.map(({ tool }) => tool)).toEqual(['__proto__', 'constructor']);
  });

  it('of lines: those that are no events are counted, and the rest counts', async () => {
    async function* lines() {
      yield [JSON.stringify(toCloudEvent(metricsOf('a', { tool: 'send_email' }))), 'no event', ''];
      yield ['{}'];
    }
    expect(await toolsOfLines(lines(), null)).toMatchObject({ calls: 1, refused: 2, tools: [{ tool: 'send_email', effect: 'write' }] });
  });
});

describe('the template', () => {
  const reportOf = (...tools: string[]) => {
    const tally = tallyTools(CATALOGUE);
    tally.add(metricsOf('a', ...tools.map((tool) => ({ tool }))));
    return tally.report();
  };

  it('is a tools.yaml that leaves every unknown tool unknown, with what is guessed in comments', () => {
    const tally = tallyTools(CATALOGUE);
    tally.add(metricsOf('a', { tool: 'look' }, { tool: 'zorp', effect: 'write' }, { tool: 'zorp', effect: 'write', at: 86_400_000 }));
    tally.add(metricsOf('b', { tool: 'zorp', effect: 'read' }));
    const text = toolsTemplate(tally.report());
    expect(parseToolsYaml(text)).toEqual({ tools: { zorp: { effect: 'unknown' } } });
    expect(text).toContain(
      '  # 3 calls of 2 agents, 2026-01-05 to 2026-01-06; the classifier knows no word of the name; agents themselves say: write\n  "zorp":\n    effect: unknown # write?\n',
    );
  });

  it('is one too where nothing is unknown', () => {
    expect(parseToolsYaml(toolsTemplate(reportOf('look')))).toEqual({ tools: {} });
  });

  it('is one whatever a tool is called', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
        const report = reportOf(...names);
        const unknown = report.tools.filter(({ effect }) => effect === 'unknown').map(({ tool }) => tool);
        expect(Object.keys(parseToolsYaml(toolsTemplate(report)).tools).sort()).toEqual(unknown.sort());
      }),
      { numRuns: 300 },
    );
  });

  it('never takes the place of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'optikal-tools-'));
    try {
      const path = join(folder, 'tools.yaml');
      expect(writeNewFile(path, 'one')).toBe(true);
      expect(writeNewFile(path, 'two')).toBe(false);
      expect(readFileSync(path, 'utf8')).toBe('one');
      expect(() => writeNewFile(join(folder, 'nowhere/tools.yaml'), 'x')).toThrow(/ENOENT/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
