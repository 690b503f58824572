/** The facts of the port and of the keys file. Only this machine is asked. */
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { readKeysFile } from '../../http/index.ts';
import type { KeysFacts, PortFacts } from './facts.ts';
import { codeOf } from './gather-files.ts';

const ASK_MS = 2000;
/** What `/readyz` answers is some hundred bytes. */
const ANSWER_BYTES = 65_536;

export async function gatherPort(port: number): Promise<PortFacts> {
  return { port, state: port === 0 ? { kind: 'free' } : await ask(port) };
}

async function ask(port: number): Promise<PortFacts['state']> {
  const refused = await reach(port);
  if (refused === 'ECONNREFUSED') return { kind: 'free' };
  if (refused !== null) return { kind: 'unknown', message: refused };
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { redirect: 'error', signal: AbortSignal.timeout(ASK_MS) });
    return serverOf(await bounded(response)) ?? { kind: 'taken' };
  } catch {
    return { kind: 'taken' }; // it takes connections, and does not speak as a server of ours
  }
}

/** null = somebody takes connections there. */
function reach(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: ASK_MS });
    const end = (answer: string | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end('no answer in time'));
    socket.once('error', (error) => end(codeOf(error)));
  });
}

async function bounded(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > ANSWER_BYTES) throw new Error('too long an answer');
  }
  return text;
}

/** Pure: an answer of `GET /readyz`, or null = it is none. */
export function serverOf(text: string): PortFacts['state'] | null {
  try {
    const value = JSON.parse(text) as { ready?: unknown; reasons?: unknown } | null; // checked below
    if (typeof value !== 'object' || value === null || typeof value.ready !== 'boolean' || !Array.isArray(value.reasons)) return null;
    return { kind: 'server', ready: value.ready, reasons: value.reasons.slice(0, 10).map(reasonOf) };
  } catch {
    return null;
  }
}

/** A reason is a code and its words. */
function reasonOf(reason: unknown): string {
  const { code, message } = (typeof reason === 'object' && reason !== null ? reason : {}) as { code?: unknown; message?: unknown }; // checked below
  return typeof code === 'string' ? `${code}${typeof message === 'string' ? ` (${message})` : ''}` : 'no reason of ours';
}

export function gatherKeys(path: string): KeysFacts {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? null;
  try {
    return { path, mode, keyCount: readKeysFile(path).count, error: null };
  } catch (error) {
    return { path, mode, keyCount: 0, error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) } };
  }
}
