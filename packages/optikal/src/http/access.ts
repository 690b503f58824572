/**
 * Who may do what. With keys: the key tells tenant and role. Without: every client on this machine is the tenant `default` with every role; the
 * name that it calls the server by must be a loopback one, so that no page in a browser reaches it through a name of its own (DNS rebinding).
 */
import { DEFAULT_TENANT } from '@optikal/contracts';
import type { FastifyRequest } from 'fastify';
import { HttpError, StartError } from './errors.ts';
import type { Credential, Keys, Role } from './keys.ts';

export interface Access {
  /** Throws `credential_missing`, `credential_invalid`, `role_forbidden`, `loopback_only`. An admin may do everything. */
  require(request: FastifyRequest, role: Role): Credential;
  /** The control routes: an admin's key, or this machine where it is trusted. */
  requireControl(request: FastifyRequest): void;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;
const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);
const LOOPBACK_PEERS = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const LOCAL: Credential = { tenant: DEFAULT_TENANT, role: 'admin' };

/** The address to bind: without keys nothing but loopback. */
export function resolveHost(host: string, keys: Keys | null): string {
  if (host === 'localhost') return '127.0.0.1';
  if (keys === null && host !== '127.0.0.1' && host !== '::1')
    throw new StartError('keys_required', `expected keys to bind to \`${host}\`; without them only 127.0.0.1 is served`);
  return host;
}

export function createAccess(keys: Keys | null, trustLoopback: boolean): Access {
  const credentialOf = (request: FastifyRequest): Credential => {
    if (keys === null) {
      if (!isLocal(request)) throw new HttpError('loopback_only');
      return LOCAL;
    }
    const header = request.headers.authorization;
    if (header === undefined) throw new HttpError('credential_missing');
    const key = BEARER.exec(header)?.[1];
    const credential = key === undefined ? null : keys.find(key);
    if (credential === null) throw new HttpError('credential_invalid');
    return credential;
  };
  const require = (request: FastifyRequest, role: Role): Credential => {
    const credential = credentialOf(request);
    if (credential.role !== role && credential.role !== 'admin') throw new HttpError('role_forbidden');
    return credential;
  };
  return {
    require,
    requireControl(request) {
      if (trustLoopback && isLocal(request) && request.headers.authorization === undefined) return;
      require(request, 'admin');
    },
  };
}

function isLocal(request: FastifyRequest): boolean {
  const { host, forwarded, 'x-forwarded-for': forwardedFor } = request.headers;
  const name = host?.replace(/:\d{1,5}$/, '').toLowerCase();
  return (
    LOOPBACK_PEERS.has(request.raw.socket.remoteAddress ?? '') &&
    (name === undefined || LOOPBACK_HOSTS.has(name)) &&
    forwarded === undefined &&
    forwardedFor === undefined
  );
}
