/** `optikal dead-letters`: what was refused, and why; and putting it into the log again where it is kept. */
import { toCloudEvent } from '@optikal/contracts';
import { findLetter, listLetters, redriveLetter } from '../../services/dead-letters.ts';
import { openBus, openReader } from '../../services/open-bus.ts';
import { EXIT } from '../exit.ts';
import { type Io, print, say } from '../io.ts';
import { wholeNumber } from '../options.ts';
import type { Register } from '../register.ts';
import { addReaderOptions, orTellProblems, settingsOf } from '../settings.ts';
import { table } from '../tables.ts';

type Settings = ReturnType<typeof settingsOf>['settings'];
const NOT_KEPT = 'refused before the log: only its size and keyed hash are kept';

export const deadLettersCommand: Register = (program, io, done) => {
  const letters = program
    .command('dead-letters')
    .description('messages that were refused, with their reason')
    .addHelpText('after', '\nexamples:\n  optikal dead-letters list --data-dir var/\n  optikal dead-letters redrive 7 --data-dir var/');
  const list = addReaderOptions(letters.command('list').description('reason, field, size and place of each; oldest first'))
    .option('--after <cursor>', 'those after this one', wholeNumber, 0)
    .option('--code <code>', 'those with this reason')
    .option('--json', 'a line each')
    .addHelpText('after', '\nexample:\n  optikal dead-letters list --data-dir var/ --code clock_ahead');
  list.action(async ({ json = false, after, code }: { json?: boolean; after: number; code?: string }) =>
    done(await orTellProblems(io, json, () => listAll(io, settingsOf(list, io).settings, { after, code: code ?? null, json }))),
  );
  const show = addReaderOptions(letters.command('show').description('one of them, with the message where it stands in the log'))
    .argument('<cursor>', 'as `list` shows it', wholeNumber)
    .option('--json', '{letter, event}')
    .addHelpText('after', '\nexample:\n  optikal dead-letters show 7 --data-dir var/');
  show.action(async (cursor: number, { json = false }: { json?: boolean }) =>
    done(await orTellProblems(io, json, () => showOne(io, settingsOf(show, io).settings, cursor, json))),
  );
  const redrive = addReaderOptions(
    letters.command('redrive').description('appends one of them to the log again; nobody else may write there, unless the log is on Kafka'),
  )
    .argument('<cursor>', 'as `list` shows it', wholeNumber)
    .option('--json', '{cursor, outcome}')
    .addHelpText('after', '\nexample:\n  optikal dead-letters redrive 7 --data-dir var/');
  redrive.action(async (cursor: number, { json = false }: { json?: boolean }) =>
    done(await orTellProblems(io, json, () => redriveOne(io, settingsOf(redrive, io).settings, cursor, json))),
  );
};

async function listAll(
  io: Io,
  settings: Settings,
  { after, code, json }: { readonly after: number; readonly code: string | null; readonly json: boolean },
): Promise<number> {
  const reader = await openReader(settings, io.env);
  const rows: string[][] = [];
  try {
    for await (const letter of listLetters(reader, after, code)) {
      if (json) print(io, JSON.stringify(letter));
      const place = letter.partition === null ? 'before the log' : `${letter.partition}:${letter.offset}`;
      rows.push([String(letter.cursor), letter.code, letter.field === '' ? '/' : letter.field, `${letter.sizeBytes} bytes`, place]);
    }
  } finally {
    await reader.close();
  }
  if (!json) print(io, rows.length === 0 ? 'none' : table([['cursor', 'reason', 'field', 'size', 'place'], ...rows]));
  return EXIT.ok;
}

async function showOne(io: Io, settings: Settings, cursor: number, json: boolean): Promise<number> {
  const reader = await openReader(settings, io.env);
  try {
    const { letter, event } = await findLetter(reader, cursor);
    const message = event === null ? null : toCloudEvent(event);
    if (json) print(io, JSON.stringify({ letter, event: message }));
    else {
      print(io, table(Object.entries(letter).map(([name, value]) => [name, String(value)])));
      if (message === null) say(io, `message: ${NOT_KEPT}`);
      else print(io, JSON.stringify(message, null, 2));
    }
    return EXIT.ok;
  } finally {
    await reader.close();
  }
}

async function redriveOne(io: Io, settings: Settings, cursor: number, json: boolean): Promise<number> {
  const reader = await openReader(settings, io.env);
  let found: Awaited<ReturnType<typeof findLetter>>;
  let partitions: number;
  try {
    found = await findLetter(reader, cursor);
    ({ partitions } = reader);
  } finally {
    await reader.close();
  }
  // Refused before anything is opened for writing.
  if (found.event === null) await redriveLetter(found, { append: async () => [] });
  const bus = await openBus({ ...settings, detector: { ...settings.detector, partitions } }, io.env);
  try {
    const outcome = await redriveLetter(found, bus);
    if (json) print(io, JSON.stringify({ cursor, outcome }));
    else say(io, outcome === 'accepted' ? `${cursor}: in the log again` : `${cursor}: ${outcome}, the log has the event already`);
    return outcome === 'accepted' ? EXIT.ok : EXIT.differs;
  } finally {
    await bus.close();
  }
}
