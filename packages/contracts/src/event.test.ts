import { expect, test } from 'vitest';
import { toCloudEvent } from './event.ts';
import { parseEvent } from './parse.ts';
import { LIFECYCLES, TYPES, wire } from './test-support/messages.ts';

test.each([
  ...TYPES.map((type) => wire(type)),
  ...LIFECYCLES.map((data) => wire('argus.agent.lifecycle.v1', { data })),
  wire('argus.agent.metrics.v1', {
    tenant: undefined,
    sessionid: undefined,
    taskid: undefined,
    correlationid: undefined,
    sequence: undefined,
  }),
])('an event of type $type written as a CloudEvent is read back equal', (message) => {
  const first = parseEvent(message);
  if (!first.ok) throw new Error(first.error.message);
  const written = toCloudEvent(first.event);
  expect(parseEvent(JSON.parse(JSON.stringify(written)))).toEqual({ ok: true, event: first.event, unknownFields: 0 });
  expect(Object.values(written)).not.toContain(null);
});
