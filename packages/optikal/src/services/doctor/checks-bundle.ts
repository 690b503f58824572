/** The bundle that judges, and whether what it says fits what the log holds. Pure. */
import type { Facts } from './facts.ts';
import { check, count, type Finding, instant, percent, quoted, span, within } from './finding.ts';

const DAY_MS = 86_400_000;
const OLD_MS = 90 * DAY_MS;
const UNKNOWN_SHARE = 0.05;
const LEAST_CALLS = 50;
const LEAST_WINDOWS = 100;
const LEAST_SPAN_MS = 3_600_000;
/** So many times what the operating point allows, and at least so many, is a flood; none at all where so many are expected is a silence. */
const FLOOD_FACTOR = 5;
const FLOOD_COUNT = 20;
const SILENCE_EXPECTED = 5;

export function checkBundle(facts: Facts): Finding[] {
  return [...checkReadable(facts), ...checkMissing(facts), ...checkAge(facts), ...checkUnknownTools(facts), ...checkRate(facts)];
}

function checkReadable({ bundle, dataDir }: Facts): Finding[] {
  const { ok, warn, fail } = check('bundle', 'nothing is judged without one, and a changed one is refused');
  const use = `npx optikal models use bundle/ --data-dir ${quoted(dataDir)}`;
  if (bundle.from === 'none') return [warn('none was named, and no log has one in force', 'npx optikal train --data fleet/ --out bundle/')];
  const what = bundle.from === 'log' ? 'the bundle in force' : `\`${bundle.folder}\``;
  if (bundle.read === null) {
    const { code, message } = bundle.error ?? { code: 'internal', message: 'no reason given' };
    return [fail(`${what} is refused: ${code}: ${message}`, bundle.from === 'log' ? use : 'npx optikal train --data fleet/ --out bundle/')];
  }
  const { fingerprint, starter, toolCount } = bundle.read;
  const known = `${what} is whole: ${fingerprint.slice(0, 12)}, ${count(toolCount, 'tool')} known`;
  if (starter)
    return [
      ok(known),
      check('bundle.origin', 'what is usual for simulated agents is not what is usual for yours').warn(
        'a starter, made from simulated agents for a first look',
        `npx optikal train --data own/ --base ${quoted(bundle.folder)} --out own-bundle/`,
      ),
    ];
  return [ok(known)];
}

function checkMissing({ bundle, dataDir }: Facts): Finding[] {
  if (bundle.missing.length === 0) return [];
  const { fail } = check('bundle.kept', 'a restart and verify need every bundle that was ever in force');
  const [first = ''] = bundle.missing;
  return [
    fail(
      `${count(bundle.missing.length, 'bundle')} that the log names ${bundle.missing.length === 1 ? 'is' : 'are'} not in the data directory: ${first.slice(0, 12)}…`,
      `cp -r BACKUP/bundles/${first} ${quoted(within(dataDir, 'bundles'))}/`,
    ),
  ];
}

/** Files have no date of their own but the one of their last write; a copy that keeps times keeps it. */
function checkAge({ bundle, database }: Facts): Finding[] {
  const clocks = (database?.partitions ?? []).flatMap(({ state }) =>
    state?.clockMs === undefined || state.clockMs === null ? [] : [state.clockMs],
  );
  if (bundle.read === null || clocks.length === 0) return [];
  const { ok, warn } = check('bundle.age', 'agents change with their versions and their users, and a threshold grows old with them');
  const ageMs = Math.max(...clocks) - bundle.read.writtenMs;
  if (ageMs > OLD_MS)
    return [
      warn(
        `written ${instant(bundle.read.writtenMs)}, ${span(ageMs)} before the end of the log`,
        `npx optikal train --data own/ --base ${quoted(bundle.folder)} --out own-bundle/`,
      ),
    ];
  return [ok(ageMs < 0 ? 'written after the end of the log' : `written ${span(ageMs)} before the end of the log`)];
}

function checkUnknownTools({ bundle, dataDir }: Facts): Finding[] {
  const { unknownTools } = bundle;
  if (unknownTools === null || unknownTools.calls < LEAST_CALLS) return [];
  const { ok, warn } = check('tools.unknown', 'detection lives on what a tool does; of an unknown one it is not known');
  const { calls, unknown } = unknownTools;
  const what = `${percent(unknown / calls)} of the newest ${count(calls, 'call')} are of tools that nobody knows`;
  return [
    unknown / calls > UNKNOWN_SHARE ? warn(what, `npx optikal tools --data-dir ${quoted(dataDir)} --unknown --out tools.yaml`) : ok(what),
  ];
}

function checkRate({ bundle, database, dataDir }: Facts): Finding[] {
  const alerts = database?.alerts;
  if (alerts === undefined || alerts === null || bundle.read === null || !bundle.read.inForce) return [];
  const { ok, warn } = check('alerts.rate', 'a flood is not read, and a silence may be a threshold that nothing reaches');
  if (alerts.windows === 0) return [ok('no window was scored in the last day of the log')];
  const expected = bundle.read.fpr * alerts.windows;
  const what = `${count(alerts.alerts, 'alert')} on ${count(alerts.windows, 'window')} in the last ${span(alerts.spanMs)} of the log`;
  const allowed = `the operating point allows about ${expected < 10 ? Number(expected.toFixed(1)) : Math.round(expected)} false ones`;
  if (alerts.windows < LEAST_WINDOWS || alerts.spanMs < LEAST_SPAN_MS) return [ok(`${what}: too little to compare`)];
  const use = `npx optikal models use ${quoted(bundle.folder)} --alerts-per-day 5 --data-dir ${quoted(dataDir)}`;
  if (alerts.alerts >= FLOOD_COUNT && alerts.alerts > FLOOD_FACTOR * expected)
    return [warn(`${what}; ${allowed}: an attack, or a bundle that does not know these agents`, use)];
  if (alerts.alerts === 0 && expected >= SILENCE_EXPECTED)
    return [warn(`${what}; ${allowed}: the threshold does not fit these agents`, use)];
  return [ok(`${what}; ${allowed}`)];
}
