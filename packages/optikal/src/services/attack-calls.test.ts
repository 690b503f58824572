import type { Truth } from '@optikal/contracts';
import { describe, expect, it } from 'vitest';
import { callOf, metricsOf, T0 } from '../detection/test-support/events.ts';
import { indexTruth } from '../training/labels.ts';
import { noteAttackCalls } from './attack-calls.ts';
import type { DataSource } from './data-source.ts';

const MINUTE = 60_000;

const line = (callId: string): Truth => ({
  tenant: 't',
  agent: 'a',
  taskId: null,
  callId,
  startMs: T0,
  endMs: T0,
  threat: 'data_exfiltration',
  intensity: null,
  campaign: null,
  exposure: 0,
  acted: 1,
  exclude: 0,
});

describe('calls that serve an attack', () => {
  const events = [
    metricsOf(30_000, {}, [callOf(30_000, 'export', { callId: 'c1', latencyMs: 1500 }), callOf(29_000, 'read')], { agent: 'a' }),
    metricsOf(31_000, {}, [callOf(31_000, 'export', { callId: 'c1' })], { agent: 'b' }),
    // Told of in the next minute: it belongs to the window of its message.
    metricsOf(MINUTE + 1000, {}, [callOf(59_000, 'send', { callId: 'c3' })], { agent: 'a' }),
  ];
  const plain: DataSource = {
    kind: 'fleet',
    description: 'a test',
    events: () => events,
    truth: indexTruth([line('c1'), line('c3')]),
    tools: null,
    relatives: () => [],
    metaOf: null,
    refused: () => 0,
  };
  const { source, callsOf } = noteAttackCalls(plain);

  it('are unknown before the events were read, which pass by as they are', () => {
    expect(callsOf({ key: 't|a', startMs: T0 })).toEqual([]);
    expect([...source.events()]).toEqual(events);
  });

  it('are those of the truth, when they were made, by agent and window', () => {
    expect(callsOf({ key: 't|a', startMs: T0 })).toEqual([{ atMs: T0 + 28_500, tool: 'export' }]);
    expect(callsOf({ key: 't|a', startMs: T0 + MINUTE })).toEqual([{ atMs: T0 + 59_000, tool: 'send' }]);
    expect(callsOf({ key: 't|b', startMs: T0 })).toEqual([]);
  });

  it('are there once, however often the events are read', () => {
    for (const _event of source.events());
    expect(callsOf({ key: 't|a', startMs: T0 })).toHaveLength(1);
  });
});
