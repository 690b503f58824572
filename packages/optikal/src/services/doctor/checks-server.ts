/** Port and keys of a server. Pure. */

import type { Facts } from './facts.ts';
import { check, count, type Finding, quoted } from './finding.ts';

export function checkServer(facts: Facts): Finding[] {
  return [checkPort(facts), ...checkKeys(facts)];
}

function checkPort({ port: { port, state }, writer, dataDir }: Facts): Finding {
  const { ok, warn, fail } = check('port', 'a server that cannot bind does not start');
  const other = `npx optikal serve --data-dir ${quoted(dataDir)} --port ${port === 65_535 ? port - 1 : port + 1}`;
  const { serving } = writer;
  const own = typeof serving === 'object' && serving.alive && writer.lock !== 'free' && serving.port === port;
  switch (state.kind) {
    case 'free':
      if (port === 0) return ok('the server takes a free one');
      return own
        ? warn(
            `process ${serving.pid} serves on port ${port}, and nobody answers at 127.0.0.1: it is bound to another address, or it hangs`,
            `ss -ltnp 'sport = :${port}'`,
          )
        : ok(`port ${port} is free`);
    case 'server':
      if (!state.ready)
        return fail(
          `the server on port ${port} is not ready: ${state.reasons.join(', ') || 'no reason given'}`,
          `curl -s 127.0.0.1:${port}/readyz`,
        );
      return own
        ? ok(`our own server answers on port ${port}, and is ready`)
        : warn(`a server of another data directory answers on port ${port}`, other);
    case 'taken':
      return fail(`port ${port} is taken by another program`, other);
    case 'unknown':
      return warn(`whether port ${port} is free cannot be told: ${state.message}`, other);
  }
}

function checkKeys({ keys }: Facts): Finding[] {
  if (keys === null) return [];
  const { ok, warn, fail } = check('keys', 'who can write this file is any tenant, and who can read it can try keys against their hashes');
  const { path, mode, error, keyCount } = keys;
  if (error !== null) return [fail(`\`${path}\` is refused: ${error.code}: ${error.message}`, `ls -l ${quoted(path)}`)];
  const what = `${count(keyCount, 'key')} in \`${path}\``;
  const chmod = `chmod 600 ${quoted(path)}`;
  if (mode !== null && (mode & 0o022) !== 0) return [fail(`${what}, which other accounts can write`, chmod)];
  if (mode !== null && (mode & 0o004) !== 0) return [warn(`${what}, which every account can read`, chmod)];
  return [ok(what)];
}
