/** The closed list of codes with which a configuration is refused. A refusal names the setting and, for a file, its line. */

export const CONFIG_ERRORS = {
  config_unreadable: 'the configuration file cannot be read',
  config_exists: 'a file stands where the configuration would be written; it is never overwritten',
  config_too_large: 'the configuration file is larger than 64 KiB',
  config_syntax: 'the configuration file is not YAML or JSON',
  config_form: 'the configuration, or a section of it, is not a mapping of names to values',
  config_invalid: 'the configuration has several problems; each is named',
  key_unknown: 'no setting has this name',
  key_duplicate: 'a name stands twice in the same mapping',
  key_forbidden: 'the name is one that objects of the language have themselves',
  anchor_refused: 'anchors, aliases and merge keys of YAML are refused',
  tag_refused: 'tags of YAML are refused',
  secret_refused: 'secrets never stand in the configuration, only paths of files that hold them',
  variable_unknown: 'no setting and no other part of optikal reads this OPTIKAL_ variable',
  setting_type: 'the value of a setting is of another kind than expected',
  setting_range: 'the value of a setting is outside its range',
  settings_conflict: 'two settings that exclude each other are given by the same source',
} as const;
export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

/** What is wrong, and where. The message ends with the place. */
export interface Problem {
  readonly code: ConfigErrorCode;
  /** The setting, or what stands where one should; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const [first] = problems;
    super(problems.map(({ message }) => message).join('; '));
    this.code = problems.length === 1 && first !== undefined ? first.code : 'config_invalid';
    this.problems = problems;
  }
}

export function placeOf(file: string | null, line: number | null): string {
  if (file === null) return '';
  return line === null ? ` (${file})` : ` (${file}:${line})`;
}
