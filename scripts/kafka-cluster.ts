/**
 * A Kafka of one or two brokers on this machine, with ports and a folder of its own: for tests, benches and `npm run kafka`. Whatever becomes of
 * the process that started it, kill -9 among it, the brokers end and the folder is removed (kafka-watchdog.ts).
 *
 * @example
 * const kafka = await startKafka();
 * try { … kafka.bootstrap … } finally { await kafka.stop(); }
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installJars } from './kafka-jars.ts';
import { LOG4J, type NodePlan, propertiesOf, USERS } from './kafka-properties.ts';

const START_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 50;
const TAIL_LINES = 30;
const READY = 'Kafka Server started';
const CONTROLLER_ID = 100;
const WATCHDOG = fileURLToPath(new URL('kafka-watchdog.ts', import.meta.url));

export interface KafkaOptions {
  /** Default 1. Two have a controller of their own beside them, so that either may be killed. */
  readonly brokers?: 1 | 2;
  /** `sasl_ssl`: a listener with TLS and users beside the plain one, and access rights are asked for there. Default `plaintext`. */
  readonly security?: 'plaintext' | 'sasl_ssl';
  /** Properties of every broker, over the fixture's own. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface Kafka {
  /** What clients connect to: `HOST:PORT`, with two brokers `HOST:PORT,HOST:PORT`. With `sasl_ssl` the listener that asks for TLS and a user. */
  readonly bootstrap: string;
  /** The plain listener: everything is allowed there. */
  readonly adminBootstrap: string;
  /** PEM of the authority that signed the brokers; null without TLS. */
  readonly ca: string | null;
  /** The file with it; null without TLS. */
  readonly caFile: string | null;
  /** `plain` logs in by PLAIN, `scram` by SCRAM-SHA-256 and -512; neither has any right until it is given one. */
  readonly users: typeof USERS;
  /** SIGKILL; the data stays. Broker 1 or 2, default 1. */
  kill(broker?: number): Promise<void>;
  /** On the same ports with the same data. When resolved it answers; its replicas may still be behind. Kills a broker that runs. */
  restart(broker?: number): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  pause(broker?: number): void;
  resume(broker?: number): void;
  /** What the broker wrote to its log. */
  log(broker?: number): string;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

interface KafkaNode {
  readonly plan: NodePlan;
  readonly propertiesFile: string;
  readonly logFile: string;
  child: ChildProcess | null;
}

/** Brings the jars first where they are not there. Rejects with the log's last lines where a broker ends early or is not ready after 60 s. */
export async function startKafka({ brokers = 1, security = 'plaintext', properties = {} }: KafkaOptions = {}): Promise<Kafka> {
  const java = javaCommand(installJars());
  const folder = mkdtempSync(join(tmpdir(), 'optikal-kafka-'));
  const watchdog = spawn(process.execPath, [WATCHDOG, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watchdog.unref();
  const tell = (line: string) => void watchdog.stdin.write(`${line}\n`);
  watchdog.stdin.on('error', () => {}); // somebody ended it: nothing is lost but its service

  const nodes: KafkaNode[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => end(node, tell, 'SIGTERM')));
    const gone = watchdog.exitCode === null && watchdog.signalCode === null ? once(watchdog, 'exit') : Promise.resolve();
    watchdog.ref();
    watchdog.stdin.end();
    await gone;
  };
  try {
    const keys = security === 'sasl_ssl' ? makeKeys(folder) : null;
    writeFileSync(join(folder, 'log4j2.xml'), LOG4J);
    for (const plan of await plans(brokers, folder, keys?.store ?? null, properties)) {
      const propertiesFile = join(folder, `${plan.id}.properties`);
      writeFileSync(propertiesFile, propertiesOf(plan));
      nodes.push({ plan, propertiesFile, logFile: join(folder, `${plan.id}.log`), child: null });
    }
    const bytes = randomBytes(16);
    bytes[0] &= 0x7f; // or it may begin with `-`, and be taken for an option
    const cluster = bytes.toString('base64url');
    await Promise.all(nodes.map((node) => format(node, java, cluster)));
    await Promise.all(nodes.map((node) => start(node, java, folder, tell)));
    const served = nodes.filter(({ plan }) => plan.isBroker);
    const nodeOf = (broker = 1) => {
      const node = served[broker - 1];
      if (node === undefined) throw new Error(`expected a broker from 1 to ${served.length}, found \`${broker}\``);
      return node;
    };
    const addresses = (name: 'plain' | 'secure') => served.map(({ plan }) => `127.0.0.1:${plan.ports[name]}`).join(',');
    return {
      bootstrap: addresses(security === 'sasl_ssl' ? 'secure' : 'plain'),
      adminBootstrap: addresses('plain'),
      ca: keys?.ca ?? null,
      caFile: keys?.caFile ?? null,
      users: USERS,
      kill: (broker) => end(nodeOf(broker), tell, 'SIGKILL'),
      async restart(broker) {
        const node = nodeOf(broker);
        await end(node, tell, 'SIGKILL');
        await start(node, java, folder, tell);
      },
      pause: (broker) => void nodeOf(broker).child?.kill('SIGSTOP'),
      resume: (broker) => void nodeOf(broker).child?.kill('SIGCONT'),
      log: (broker) => readFileSync(nodeOf(broker).logFile, 'utf8'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The folder stands in the command line too, as the watchdog asks for it there. */
const javaCommand = (jars: string): readonly string[] => [
  'java',
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-cp',
  join(jars, '*'),
];

async function plans(
  brokerCount: 1 | 2,
  folder: string,
  keyStore: NodePlan['keyStore'],
  properties: Readonly<Record<string, string>>,
): Promise<NodePlan[]> {
  const ports = await freePorts(1 + 2 * brokerCount);
  const alone = brokerCount === 1;
  const quorum = `${alone ? 1 : CONTROLLER_ID}@127.0.0.1:${ports[0]}`;
  const plan = (id: number, isBroker: boolean, isController: boolean, plain: number, secure: number): NodePlan => ({
    id,
    isBroker,
    isController,
    quorum,
    controllerPort: ports[0],
    ports: { plain, secure },
    dataDir: join(folder, `data-${id}`),
    keyStore,
    brokerCount,
    properties,
  });
  if (alone) return [plan(1, true, true, ports[1], ports[2])];
  return [plan(CONTROLLER_ID, false, true, 0, 0), plan(1, true, false, ports[1], ports[2]), plan(2, true, false, ports[3], ports[4])];
}

/** Below the ports that outgoing connections take: while a broker is down, nobody else may get its port by chance. */
async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(10_000, 30_000);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function format(node: KafkaNode, [java, ...args]: readonly string[], cluster: string): Promise<void> {
  const { username, password } = USERS.scram;
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((name) => ['--add-scram', `${name}=[name=${username},password=${password}]`]);
  const users = node.plan.keyStore === null ? [] : scram;
  const child = spawn(java, [...args, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', node.propertiesFile, ...users]);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null]; // the arguments of 'close'
  if (code !== 0) throw new Error(`expected the broker's folder to be made, found:\n${said}`);
}

async function start(node: KafkaNode, [java, ...args]: readonly string[], folder: string, tell: (line: string) => void): Promise<void> {
  const from = existsSync(node.logFile) ? statSync(node.logFile).size : 0;
  const log = openSync(node.logFile, 'a');
  const child = spawn(java, [`-Dlog4j2.configurationFile=${join(folder, 'log4j2.xml')}`, ...args, 'kafka.Kafka', node.propertiesFile], {
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C is for the process that asked for a broker; it, or the watchdog, ends this one
    cwd: folder,
  });
  closeSync(log);
  child.unref();
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  if (child.pid !== undefined) tell(`+${child.pid}`);
  node.child = child;
  const said = () => readFileSync(node.logFile).subarray(from).toString();
  for (const until = performance.now() + START_MS; !said().includes(READY); ) {
    const ended = failure !== null || child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() > until) {
      const what = ended ? `ended (${String(failure ?? child.exitCode ?? child.signalCode)})` : `nothing after ${START_MS / 1000} s`;
      throw new Error(`expected a broker to start, found: ${what}\n${said().split('\n').slice(-TAIL_LINES).join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function end(node: KafkaNode, tell: (line: string) => void, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const { child } = node;
  node.child = null;
  if (child?.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    child.ref();
    const gone = once(child, 'exit');
    child.kill('SIGCONT'); // one that is stopped hears nothing
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(hard);
  }
  tell(`-${child.pid}`);
}

/** A key and a certificate for 127.0.0.1 that signs itself, so that it is its own authority. keytool comes with Java. */
function makeKeys(folder: string) {
  const store = { path: join(folder, 'broker.p12'), password: randomBytes(12).toString('hex') };
  const common = ['-alias', 'broker', '-keystore', store.path, '-storetype', 'PKCS12', '-storepass', store.password];
  const subject = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost', '-keyalg', 'EC', '-validity', '30'];
  keytool(['-genkeypair', ...common, ...subject]);
  const ca = keytool(['-exportcert', '-rfc', ...common]);
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca);
  return { store, ca, caFile };
}

function keytool(args: readonly string[]): string {
  const { status, error, stdout, stderr } = spawnSync('keytool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`expected keytool to work, found: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
  return stdout;
}
