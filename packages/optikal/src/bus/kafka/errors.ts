/** What the Kafka client reports, in the words of the bus; and a bound for every wait, since the client itself retries without end. */
import { BusError, type BusErrorCode } from '../errors.ts';
import { hasApiId, someError } from './client.ts';

const FENCED = ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH', 'INVALID_PRODUCER_ID_MAPPING'];
const MISSING = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INVALID_TOPIC_EXCEPTION'];
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];
const REFUSED = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
];
/** Node's codes of a certificate or protocol that does not fit; the client takes them for a network that may come back. */
const TLS = /CERT|SIGNATURE|SELF_SIGNED|^ERR_SSL|^ERR_TLS|EPROTO/;

/** `doing` names the call and the place, without content: ``write to `optikal.events` ``. */
export function brokerError(error: unknown, doing: string): BusError {
  if (error instanceof BusError) return error;
  const code = codeOf(error);
  return new BusError(code, `could not ${doing}: ${reasonOf(error)}`, { cause: error });
}

function codeOf(error: unknown): BusErrorCode {
  if (hasApiId(error, ...FENCED)) return 'lease_lost';
  if (hasApiId(error, ...TOO_LARGE)) return 'record_too_large';
  if (hasApiId(error, ...MISSING) || someError(error, (each) => textOf(each).startsWith('Unknown topic '))) return 'topics_missing';
  if (hasApiId(error, ...REFUSED) || someError(error, isRefusal)) return 'broker_refused';
  return 'broker_unavailable';
}

function isRefusal(error: object): boolean {
  if (!('code' in error) || typeof error.code !== 'string') return false;
  return error.code === 'PLT_KFK_AUTHENTICATION' || TLS.test(error.code) || /Broker requires TLS/.test(textOf(error));
}

/** The innermost words: what the broker or the socket said. Never a payload: the client's messages name APIs and error codes. */
function reasonOf(error: unknown): string {
  let reason = error instanceof Error ? error.message : String(error);
  someError(error, (each) => {
    if ('apiId' in each && typeof each.apiId === 'string') reason = each.apiId;
    else if ('code' in each && typeof each.code === 'string' && !each.code.startsWith('PLT_')) reason = each.code;
    return false;
  });
  return reason;
}

function textOf(error: object): string {
  return 'message' in error && typeof error.message === 'string' ? error.message : '';
}

/** The promise, or `broker_unavailable` after `limitMs`. What the client goes on doing with it is the caller's to end. */
export async function withinMs<T>(limitMs: number, doing: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BusError('broker_unavailable', `could not ${doing} within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw brokerError(error, doing);
  } finally {
    clearTimeout(timer);
  }
}
