/** A fleet folder: events.jsonl in event time, truth.jsonl and tools.yaml where there are any. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, parseEventText, parseTruthText } from '@optikal/contracts';
import { parseToolsYaml } from '../detection/tools/index.ts';
import { indexTruth } from '../training/labels.ts';
import type { DataSource } from './data-source.ts';
import { ServiceError } from './errors.ts';
import { fileLines } from './lines.ts';

export function openFleetSource(folder: string): DataSource {
  const truthPath = join(folder, 'truth.jsonl');
  const toolsPath = join(folder, 'tools.yaml');
  const labelled = existsSync(truthPath);
  let refused = 0;
  function* events(): Generator<Event> {
    refused = 0;
    for (const line of fileLines(join(folder, 'events.jsonl'))) {
      if (line === '') continue;
      const parsed = parseEventText(line);
      if (parsed.ok) yield parsed.event;
      else refused++;
    }
  }
  return {
    kind: 'fleet',
    description: `fleet folder${labelled ? '' : ' without truth.jsonl'}`,
    events,
    truth: labelled ? indexTruth(readTruth(truthPath)) : null,
    tools: existsSync(toolsPath) ? parseToolsYaml(readFileSync(toolsPath, 'utf8')) : null,
    relatives: () => [],
    metaOf: null,
    refused: () => refused,
  };
}

function* readTruth(path: string) {
  let line = 0;
  for (const text of fileLines(path)) {
    line++;
    if (text === '') continue;
    const parsed = parseTruthText(text);
    if (!parsed.ok) throw new ServiceError('truth_invalid', `truth.jsonl line ${line}${parsed.field}: ${parsed.message}`);
    yield parsed.truth;
  }
}
