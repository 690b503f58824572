/**
 * The jars of an Apache Kafka broker, brought by Maven into a cache folder that is kept. Which repository they come from is Maven's own setting.
 * Two processes may install at once: each downloads into a folder of its own and renames it; the second to finish uses what the first made.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const KAFKA_VERSION = '4.4.0';

// kafka_2.13 4.4.0 names kafka-tools-api 4.4.0, which was never published; the broker runs without it. It brings slf4j 1.7 without a binding:
// with none it logs nothing, and nobody sees it start.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version>
      <exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion></exclusions></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.5</version></dependency>
  </dependencies></project>
`;

type Env = Readonly<Record<string, string | undefined>>;

/** Where the jars are, or will be. */
export function jarsFolder(env: Env = process.env): string {
  const cache = env.OPTIKAL_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'optikal');
  return join(cache, `kafka-${KAFKA_VERSION}`);
}

export function hasJars(env: Env = process.env): boolean {
  return existsSync(join(jarsFolder(env), `kafka_2.13-${KAFKA_VERSION}.jar`));
}

/** The folder with the jars; downloads them (about 45 MB) where they are not there. Throws with Maven's words. */
export function installJars(env: Env = process.env): string {
  const folder = jarsFolder(env);
  if (hasJars(env)) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    writeFileSync(join(work, 'pom.xml'), POM);
    const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'libs')}`, '-DincludeScope=runtime'];
    const { status, error, stdout, stderr } = spawnSync('mvn', args, { cwd: work, env: { ...env }, encoding: 'utf8' });
    if (status !== 0) throw new Error(`expected Maven to bring the broker's jars, found: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
    rename(join(work, 'libs'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (!hasJars(env)) throw new Error(`expected kafka_2.13-${KAFKA_VERSION}.jar in \`${folder}\`: remove the folder and try again`);
  return folder;
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error; // else another process was first
  }
}
