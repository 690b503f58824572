/** What services, commands and scripts may use of the configuration. */
export { type Environment, OTHER_VARIABLES } from './environment.ts';
export { CONFIG_ERRORS, ConfigError, type ConfigErrorCode, type Problem } from './errors.ts';
export { type ConfigFile, MAX_FILE_BYTES } from './file.ts';
export { DEFAULTS, describeSource, type Resolved, resolveSettings, type Source, valueAt, withValue } from './resolve.ts';
export { publishedSettings } from './schema.ts';
export { type Role, type Settings, SettingsSchema } from './settings.ts';
export { SECTIONS, SETTINGS, type Setting, type SettingValue, settingAt } from './table.ts';
export { templateYaml } from './template.ts';
