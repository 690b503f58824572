import type { EventOf } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { oracleScore } from '../../content/validations.ts';
import { resolveTools, toolLookup } from '../../detection/tools/index.ts';
import { agentsData, windowsOf } from './data.ts';
import { littleFiles, littleSessions, readLittle } from './test-support/little.ts';
import { prepareTraffic, type ScoreOf, trafficEvents } from './traffic.ts';

const sessions = littleSessions({ models: ['m', 'n'], suites: ['s'] });
const oracle: ScoreOf = ({ flagged }, callId) => oracleScore(flagged, callId);
const verdicts = (events: ReturnType<typeof trafficEvents>) =>
  events.filter((event): event is EventOf<'argus.io.validation.v1'> => event.type === 'argus.io.validation.v1');
const flaggedValues = (events: ReturnType<typeof trafficEvents>) =>
  events.flatMap((event) =>
    event.type === 'argus.agent.metrics.v1' ? (event.data.calls ?? []).map((call) => call.provenance?.valuesFlagged) : [],
  );

describe('traffic', () => {
  const traffic = prepareTraffic(sessions);

  it('has verdicts where there is a gateway, and values from what it flagged', () => {
    const [without, withOracle] = [trafficEvents(traffic, null), trafficEvents(traffic, oracle)];
    expect(verdicts(without)).toEqual([]);
    expect(flaggedValues(without).every((value) => value === null)).toBe(true);
    expect(verdicts(withOracle)).toHaveLength(48);
    expect(verdicts(withOracle).filter(({ data }) => data.verdict === 'block')).toHaveLength(8);
    // The attacker's address comes from the flagged page alone; two sessions in four act, twice each.
    expect(flaggedValues(withOracle).filter((value) => value === 1)).toHaveLength(4);
  });

  it('says the same whatever was asked before', () => {
    const clean: ScoreOf = () => 0.1;
    const first = trafficEvents(traffic, clean);
    trafficEvents(traffic, oracle);
    expect(trafficEvents(traffic, clean)).toEqual(first);
    expect(trafficEvents(prepareTraffic(sessions), oracle)).toEqual(trafficEvents(traffic, oracle));
  });

  it('knows the flagged from ½ on', () => {
    const blocked = verdicts(trafficEvents(traffic, (_, callId) => (callId.startsWith('t0.') ? 0.5 : 0.4999)));
    expect(blocked.filter(({ data }) => data.verdict === 'block').map(({ data }) => data.taskId)).toEqual(['t0', 't0', 't0', 't0']);
  });
});

describe('rows', () => {
  const tools = toolLookup(resolveTools({}));
  const rowsOf = (of: readonly ReturnType<typeof readLittle>[number][]) =>
    windowsOf(agentsData(of, tools), oracle).samples.map(({ row, callRows, sequence }) => [row, callRows, [...sequence]]);

  it('hold nothing of model, defence, outcome, cell or the names of runs: whatever these are, they are the same', () => {
    const files = littleFiles({ models: ['m', 'n'], suites: ['s'] });
    const rename = (text: string) => text.replaceAll('"m-s-', '"x9-s-').replaceAll('"n-s-', '"x8-s-');
    const edited = (name: string, edit: (line: Record<string, unknown>) => object) =>
      rename(files[name]!)
        .trim()
        .split('\n')
        .map((line) => JSON.stringify(edit(JSON.parse(line) as Record<string, unknown>))) // written by littleFiles
        .join('\n');
    const other = readLittle({
      ...files,
      'call_outputs.jsonl.gz': rename(files['call_outputs.jsonl.gz']!),
      'sessions.jsonl.gz': edited('sessions.jsonl.gz', (line) => ({ ...line, m: 'another', d: 'spotlighting' })),
      'traces.jsonl.gz': edited('traces.jsonl.gz', (line) => ({
        ...line,
        m: 'another',
        d: 'spotlighting',
        cell: 'elsewhere',
        y: 1,
        amb: 2,
        a: 'direct',
        cls: 'privilege_escalation',
        ok: 1,
        dur: 999,
        c: (line.c as number[][]).map((call) => [...call.slice(0, 7), 0]), // the form of a call
      })),
    });
    expect(other[0]!.group).toMatchObject({ model: 'another', cell: 'elsewhere' });
    expect(rowsOf(other)).toEqual(rowsOf(sessions));
  });

  it('are the same windows whatever the plane', () => {
    const data = agentsData(sessions, tools);
    const places = (scoreOf: ScoreOf | null) => windowsOf(data, scoreOf).samples.map(({ key, startMs, label }) => [key, startMs, label]);
    expect(places(null)).toEqual(places(oracle));
  });
});
