/** The recorded agents for tests: OPTIKAL_DATA, or ../shared/data beside the repository. Absent = a loud warning and a skip. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type RecordedSession, readRecordedSessions } from '../agents-data.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const FOLDER = join(process.env.OPTIKAL_DATA ?? join(ROOT, '..', 'shared', 'data'), 'agents');

export const hasRecorded = existsSync(join(FOLDER, 'sessions.jsonl.gz'));
if (!hasRecorded) console.warn(`SKIPPED: no recorded agents in ${FOLDER}; set OPTIKAL_DATA to the folder that holds agents/`);

export function recorded(fileName = 'sessions.jsonl.gz'): RecordedSession[] {
  const lines = (name: string) =>
    gunzipSync(readFileSync(join(FOLDER, name)))
      .toString('utf8')
      .split('\n');
  const json = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  return readRecordedSessions({
    sessions: lines(fileName),
    traces: lines('traces.jsonl.gz'),
    args: lines('args.jsonl.gz'),
    outputs: lines('outputs.jsonl.gz'),
    callOutputs: lines('call_outputs.jsonl.gz'),
    userTasks: json('user_tasks.json'),
    tools: json('tools.json'),
    fileName,
  });
}
