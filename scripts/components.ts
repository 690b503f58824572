/**
 * `npm run components`: programs beyond npm that some tests need. What is missing is installed from Debian's packages, which takes root (or sudo
 * that asks nothing), Kafka's jars by Maven; otherwise it is named, with what to do. `--check` installs nothing. Tests without a component are skipped, said aloud and
 * counted; with OPTIKAL_REQUIRE_COMPONENTS=1 they fail (test/support/components.ts).
 */
import './need-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasJars, installJars } from './kafka-jars.ts';

interface Component {
  readonly name: string;
  /** Any of these on the PATH will do. */
  readonly commands: readonly string[];
  /** The variable that names it where it lies elsewhere. */
  readonly variable?: string;
  readonly debianPackage: string;
}

const COMPONENTS: readonly Component[] = [
  {
    name: 'Chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    variable: 'OPTIKAL_CHROMIUM',
    debianPackage: 'chromium',
  },
  { name: 'tmux', commands: ['tmux'], debianPackage: 'tmux' },
  { name: 'Python 3', commands: ['python3'], debianPackage: 'python3' },
  { name: 'Java', commands: ['java'], debianPackage: 'openjdk-17-jre-headless' },
  { name: 'Maven', commands: ['mvn'], debianPackage: 'maven' },
];
const KAFKA = 'Kafka’s jars';

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const before = missing();
if (values.check !== true && before.length > 0) install(before.map(({ debianPackage }) => debianPackage));
const absent = missing();
const whyNoKafka = kafkaProblem(values.check !== true);
for (const component of COMPONENTS) console.log(`${absent.includes(component) ? 'missing' : 'ok     '}  ${component.name}`);
console.log(`${whyNoKafka === null ? 'ok     ' : 'missing'}  ${KAFKA}`);
if (absent.length > 0) {
  console.error(`as root, on Debian: apt-get update && apt-get install ${absent.map(({ debianPackage }) => debianPackage).join(' ')}`);
  for (const { name, variable } of absent) if (variable !== undefined) console.error(`or set ${variable} to a ${name} that lies elsewhere`);
  process.exitCode = 1;
}
if (whyNoKafka !== null) {
  console.error(`${KAFKA}: ${whyNoKafka}`);
  process.exitCode = 1;
}

/** null = they are here. */
function kafkaProblem(mayInstall: boolean): string | null {
  if (hasJars()) return null;
  if (!mayInstall || absent.some(({ name }) => name === 'Maven' || name === 'Java')) return 'npm run components brings them, by Maven';
  try {
    installJars();
    return null;
  } catch (error) {
    return String(error);
  }
}

function missing(): readonly Component[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return COMPONENTS.filter(({ commands, variable }) => {
    const named = variable === undefined ? undefined : process.env[variable];
    if (named !== undefined) return !existsSync(named);
    return !commands.some((command) => folders.some((folder) => existsSync(join(folder, command))));
  });
}

/** Whether it worked is seen by looking again. */
function install(packages: readonly string[]): void {
  const root = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const [command, ...rest] = [...root, 'apt-get', ...args];
    if (spawnSync(command!, rest, { stdio: ['ignore', 'inherit', 'inherit'], env }).status !== 0) return;
  }
}
