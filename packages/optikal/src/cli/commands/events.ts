/** `optikal events validate`: line, field and code of every message that would be refused. */
import { EVENT_ERRORS, type EventErrorCode, parseEventText } from '@optikal/contracts';
import { streamLines } from '../../services/lines.ts';
import { EXIT } from '../exit.ts';
import { inputOf } from '../input.ts';
import { type Io, print, say, tell } from '../io.ts';
import type { Register } from '../register.ts';

export const eventsCommand: Register = (program, io, done) => {
  const events = program
    .command('events')
    .description('look at event files')
    .addHelpText('after', '\nexample:\n  optikal events validate events.jsonl');
  events
    .command('validate')
    .description('prints line, field and code of every message that would be refused; exit code 3 where there is one')
    .argument('[file]', 'events.jsonl, also .gz; - or nothing = stdin')
    .option('--json', 'one JSON object a refused line, and a summary')
    .addHelpText('after', '\nexample:\n  optikal events validate events.jsonl')
    .action(async (file: string | undefined, flags: { json?: boolean }) => done(await validate(io, file, flags.json === true)));
};

async function validate(io: Io, file: string | undefined, json: boolean): Promise<number> {
  const counts = new Map<EventErrorCode, number>();
  let line = 0;
  let unknownFields = 0;
  const check = (text: string) => {
    line++;
    if (text.trim() === '') return;
    const parsed = parseEventText(text);
    if (parsed.ok) {
      unknownFields += parsed.unknownFields;
      return;
    }
    const { code, field, message } = parsed.error;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    print(io, json ? JSON.stringify({ line, field, code, message }) : `line ${line}  ${field === '' ? '/' : field}  ${code}: ${message}`);
  };
  for await (const lines of streamLines(inputOf(io, file))) for (const text of lines) check(text);
  const refused = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (json) print(io, JSON.stringify({ lines: line, refused, unknownFields, codes: Object.fromEntries(counts) }));
  else {
    for (const [code, count] of counts) tell(io, `${count} × ${code} (${EVENT_ERRORS[code]})`);
    say(io, `${line} lines, ${refused} refused, ${unknownFields} unknown fields ignored`, { on: 'stderr' });
  }
  return refused === 0 ? EXIT.ok : EXIT.differs;
}
