/** The variables whose names begin with OPTIKAL_: those that are settings, and the short list of the others. */
import { checkValue, plain, valueOfText } from './check.ts';
import type { Problem } from './errors.ts';
import { nearest } from './names.ts';
import { SETTINGS, type SettingValue, settingOf } from './table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface OtherVariable {
  readonly means: string;
  /** Its value is never shown. */
  readonly secret?: boolean;
}

/** Every OPTIKAL_ variable that is no setting. A test finds each name that the code uses here or among the settings. */
export const OTHER_VARIABLES: Readonly<Record<string, OtherVariable>> = {
  OPTIKAL_CONFIG: { means: 'the configuration file, where `--config` names none' },
  OPTIKAL_API_KEY: { means: 'the key that commands show to a server with keys', secret: true },
  OPTIKAL_URL: { means: 'where the examples of the quick start find the server' },
  OPTIKAL_HMAC_KEY: { means: 'keys the hashes of arguments in `import`', secret: true },
  OPTIKAL_KAFKA_PASSWORD: { means: 'the password of `kafka.sasl`, where no file names it', secret: true },
  OPTIKAL_CACHE_DIR: { means: 'where the bundle of the demo is kept' },
  OPTIKAL_DEBUG: { means: 'set = a defect of Optikal shows its stack' },
  OPTIKAL_DATA: { means: 'the data folder of the tests' },
  OPTIKAL_REQUIRE_DATA: { means: 'tests: an absent data folder is a failure' },
  OPTIKAL_REQUIRE_COMPONENTS: { means: 'tests: an absent component is a failure' },
  OPTIKAL_KAFKA: { means: 'tests: the brokers, where they shall start none' },
  OPTIKAL_CHROMIUM: { means: 'tests: the browser that pages are looked at with' },
  OPTIKAL_BENCH_PROBE: { means: 'benches: where a server that is measured writes its figures' },
  OPTIKAL_FAILPOINT: { means: 'tests: where to kill the process, see `optikal doctor --failpoints`' },
  OPTIKAL_MUTANT: { means: 'tests: a deliberate defect, to prove that it would be found' },
  OPTIKAL_TRACE_PROCESSED: { means: 'tests: a file that says how far a batch got before its commit' },
};

export interface ReadEnvironment {
  readonly values: readonly { readonly path: string; readonly name: string; readonly value: SettingValue }[];
  readonly problems: readonly Problem[];
}

/** A variable that is set and empty counts as not set. */
export function readEnvironment(environment: Environment): ReadEnvironment {
  const values: { path: string; name: string; value: SettingValue }[] = [];
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('OPTIKAL_') || text === undefined || text === '' || Object.hasOwn(OTHER_VARIABLES, name)) continue;
    const setting = settingOf(name);
    if (setting === null) {
      const known = nearest(name, [...SETTINGS.map(({ environment }) => environment), ...Object.keys(OTHER_VARIABLES)]);
      // Never its value: it may be a secret under a wrong name.
      const message = `unknown variable \`${plain(name)}\`${known === null ? '' : `, did you mean \`${known}\`?`}`;
      problems.push({ code: 'variable_unknown', path: plain(name), message, file: null, line: null });
      continue;
    }
    const checked = checkValue(setting, valueOfText(setting, text));
    if (checked.ok) values.push({ path: setting.path, name, value: checked.value });
    else problems.push({ code: checked.code, path: setting.path, message: `${checked.message} (${name})`, file: null, line: null });
  }
  return { values, problems };
}
