/** `npm run kafka`: a broker on this machine for trying things out. `--brokers 2`, `--security sasl_ssl`. Ctrl-C ends it and removes all it kept. */
import './need-node.mjs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startKafka } from './kafka-cluster.ts';
import { hasJars, installJars, jarsFolder } from './kafka-jars.ts';

const { values } = parseArgs({
  options: { brokers: { type: 'string', default: '1' }, security: { type: 'string', default: 'plaintext' } },
});
const brokers = values.brokers === '2' ? 2 : 1;
const security = values.security === 'sasl_ssl' ? 'sasl_ssl' : 'plaintext';
if (String(brokers) !== values.brokers || security !== values.security)
  throw new Error('expected --brokers 1 or 2, and --security plaintext or sasl_ssl');

if (!hasJars()) {
  console.log(`Maven brings the broker's jars into ${jarsFolder()}`);
  installJars();
}
const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const kafka = await startKafka({ brokers, security });
const staysUp = setInterval(() => {}, 1 << 30);
console.log(`Kafka is ready at ${kafka.bootstrap}`);
if (kafka.caFile !== null) {
  const { plain, scram } = kafka.users;
  console.log(`TLS; authority: ${kafka.caFile}; PLAIN: ${plain.username} ${plain.password}; SCRAM: ${scram.username} ${scram.password}`);
  console.log(`plain text, all rights: ${kafka.adminBootstrap}`);
}
console.log(`next, in another terminal:
  npx optikal topics create --brokers ${kafka.adminBootstrap}
Ctrl-C ends it and removes its data`);
await stopped;
clearInterval(staysUp);
await kafka.stop();
